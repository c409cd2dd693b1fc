import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { runMigrations } from 'bullmq';
import type pg from 'pg';
import { VERSION } from '../config.ts';
import { addressKeySql } from '../item/address-sql.ts';
import { inRoot } from '../root.ts';
import { TAGGER_VERSION } from '../tag/tagger.ts';
import { type Database, QUEUE_SCHEMA, type Queryable } from './database.ts';

/** The database was brought to a version that this program does not know. */
export class NewerDatabaseError extends Error {
  override readonly name = 'NewerDatabaseError';
}

type Migration = { readonly name: string; readonly sql: string; readonly hash: string };

const MIGRATE_LOCK = 7_400;

/** The numbered files of sql/, in order. A file that landed is never edited: its hash is kept in the database. */
export function migrations(): Migration[] {
  return readdirSync(inRoot('sql'))
    .filter((name) => /^\d{4}_.+\.sql$/.test(name))
    .sort()
    .map((name) => {
      const sql = readFileSync(inRoot('sql', name), 'utf8');
      return { name, sql, hash: createHash('sha256').update(sql).digest('hex') };
    });
}

/**
 * Brings the database to this version: our numbered migrations, the address-key function, the reading role, BullMQ's own
 * tables. Safe to run by many at once (they wait for each other) and while older workers work.
 * @returns what was applied, and what an administrator still has to do (statements), if we may not.
 * @throws NewerDatabaseError
 */
export async function migrate(db: Database): Promise<{ applied: string[]; forAdministrator: string[] }> {
  const session = await db.session('migrate');
  try {
    await session.query('select pg_advisory_lock($1)', [MIGRATE_LOCK]);
    const applied = await applyMigrations(session);
    await installAddressKey(session);
    const forAdministrator = await grantReader(session);
    await runMigrations(session as never, QUEUE_SCHEMA);
    await session.query(
      'update glasnik.installation set version = $1, tagger = $2 where (version, tagger) is distinct from ($1, $2)',
      [VERSION, TAGGER_VERSION],
    );
    return { applied, forAdministrator };
  } finally {
    await session.end().catch(() => {});
  }
}

async function applyMigrations(session: pg.Client): Promise<string[]> {
  await session.query('create schema if not exists glasnik_meta');
  await session.query(
    `create table if not exists glasnik_meta.migrations (name text primary key, hash text not null, applied_at timestamptz not null default now())`,
  );
  const { rows } = await session.query<{ name: string; hash: string }>(
    'select name, hash from glasnik_meta.migrations',
  );
  const known = migrations();
  assertNotNewer(rows, known);
  const done = new Map(rows.map((row) => [row.name, row.hash]));
  const applied: string[] = [];
  for (const { name, sql, hash } of known) {
    if (done.has(name)) continue;
    try {
      await session.query('begin');
      // Functions may call glasnik.address_key, which is installed after the numbered files.
      await session.query('set local check_function_bodies = off');
      await session.query(sql);
      await session.query('insert into glasnik_meta.migrations (name, hash) values ($1, $2)', [name, hash]);
      await session.query('commit');
    } catch (error) {
      await session.query('rollback');
      throw new Error(`Migration ${name} failed and was rolled back: ${(error as Error).message}`, { cause: error });
    }
    applied.push(name);
  }
  return applied;
}

function assertNotNewer(done: readonly { name: string; hash: string }[], known: readonly Migration[]): void {
  const unknown = done.filter(({ name }) => !known.some((migration) => migration.name === name));
  if (unknown.length)
    throw new NewerDatabaseError(
      `The database is newer than this glasnik ${VERSION}: it has ${unknown.map((m) => m.name).join(', ')}. Update glasnik on this machine.`,
    );
}

/** address_key in SQL is made from the same rule table as in TypeScript, and made anew when that table changes. */
async function installAddressKey(session: pg.Client): Promise<void> {
  const sql = addressKeySql();
  const hash = createHash('sha256').update(sql).digest('hex');
  const { rows } = await session.query<{ address_rules: string }>('select address_rules from glasnik.installation');
  if (rows[0]?.address_rules === hash) return;
  await session.query('begin');
  await session.query(sql);
  await session.query('update glasnik.installation set address_rules = $1', [hash]);
  await session.query('commit');
}

/** Rights of the reading role. Roles belong to the whole server: somebody else may make it at this moment, or we may not. */
async function grantReader(session: pg.Client): Promise<string[]> {
  const statements = [
    'create role glasnik_reader nologin',
    'grant usage on schema wire to glasnik_reader',
    'grant select on all tables in schema wire to glasnik_reader',
    'grant execute on function wire.read_next_for(text, integer, text[]) to glasnik_reader',
  ];
  await session.query('revoke all on function wire.read_next_for(text, integer, text[]) from public');
  const missing: string[] = [];
  for (const statement of statements)
    try {
      await session.query(statement);
    } catch (error) {
      const { code } = error as { code?: string };
      if (code === '42710' || code === '23505') continue; // exists already, or was made concurrently
      if (code === '42501' || code === '42704') missing.push(`${statement};`);
      else throw error;
    }
  return missing;
}

/** How the database stands to this program, without changing anything. */
export async function databaseVersion(
  db: Queryable,
): Promise<{ state: 'empty' | 'older' | 'current' | 'newer'; pending: string[] }> {
  const { rows: exists } = await db.query<{ there: boolean }>(
    `select to_regclass('glasnik_meta.migrations') is not null as there`,
  );
  const known = migrations();
  if (!exists[0]?.there) return { state: 'empty', pending: known.map((m) => m.name) };
  const { rows } = await db.query<{ name: string; hash: string }>('select name, hash from glasnik_meta.migrations');
  const pending = known.filter((m) => !rows.some((row) => row.name === m.name)).map((m) => m.name);
  const newer = rows.some((row) => !known.some((m) => m.name === row.name));
  return { state: newer ? 'newer' : pending.length ? 'older' : 'current', pending };
}
