import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import pg from 'pg';
import { afterAll, beforeAll } from 'vitest';
import { type EmbeddedServer, openEmbedded } from '../../src/embedded/server.ts';
import { createLog } from '../../src/log.ts';
import { type Database, openDatabase } from '../../src/store/database.ts';
import { migrate } from '../../src/store/migrate.ts';
import { temporaryFolder } from './folder.ts';

/** A PostgreSQL server for a test file: the given one, or an embedded one of its own. */
export type TestServer = { readonly url: string; close(): Promise<void> };

const log = createLog('silent');

/** TEST_DATABASE_URL where it is set, else an embedded server in a temporary folder. */
export async function openTestServer(): Promise<TestServer> {
  const given = process.env.TEST_DATABASE_URL;
  if (given) return { url: given, close: async () => {} };
  const dataDir = temporaryFolder();
  const server: EmbeddedServer = await openEmbedded({ dataDir, log, throwaway: true });
  return {
    url: server.url,
    async close() {
      await server.close();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

/** A fresh database on the server, dropped by `drop`. */
export async function createTestDatabase(server: TestServer): Promise<{ url: string; drop(): Promise<void> }> {
  const name = `glasnik_test_${randomBytes(6).toString('hex')}`;
  const admin = async (sql: string) => {
    const client = new pg.Client({ connectionString: server.url });
    await client.connect();
    await client.query(sql).finally(() => client.end());
  };
  await admin(`create database ${name}`);
  const url = new URL(server.url);
  url.pathname = `/${name}`;
  return { url: url.href, drop: () => admin(`drop database if exists ${name} with (force)`) };
}

/**
 * A migrated database for a test file, opened before its first test and dropped after its last.
 * @returns a function that gives it (once the tests run)
 */
export function useDatabase(poolSize = 8): () => Database & { readonly url: string } {
  let server: TestServer | undefined;
  let made: Awaited<ReturnType<typeof createTestDatabase>> | undefined;
  let db: (Database & { url: string }) | undefined;
  beforeAll(async () => {
    server = await openTestServer();
    made = await createTestDatabase(server);
    db = Object.assign(openDatabase(made.url, poolSize, log), { url: made.url });
    await migrate(db);
  });
  afterAll(async () => {
    await db?.close();
    await made?.drop();
    await server?.close();
  });
  return () => db!;
}

/** Empties every table of the application, so that a test starts with nothing. */
export async function emptyDatabase(db: Database): Promise<void> {
  await db.query(`truncate glasnik.feeds, glasnik.hosts, glasnik.items, glasnik.stories, glasnik.changes, glasnik.pruned_keys,
                           glasnik.story_redirects, glasnik.feed_aliases, glasnik.attempts, glasnik.unrelated, glasnik.story_moves cascade`);
}
