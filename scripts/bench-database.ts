import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { createLog } from '../src/log.ts';
import { type Database, openDatabase } from '../src/store/database.ts';
import { migrate } from '../src/store/migrate.ts';
import { type Coming, fillDatabase } from './fill-database.ts';

/** Makes a database of made news on TEST_DATABASE_URL, works with it, and drops it whatever happens. */
export async function withFilled(
  { rows, perDay, coming }: { rows: number; perDay: number; coming: number },
  work: (db: Database, coming: readonly Coming[]) => Promise<void>,
): Promise<void> {
  const server = process.env.TEST_DATABASE_URL;
  if (!server) throw new Error('TEST_DATABASE_URL must name a PostgreSQL server');
  const name = `glasnik_bench_${randomBytes(4).toString('hex')}`;
  const admin = new pg.Client({ connectionString: server });
  await admin.connect();
  await admin.query(`create database ${name}`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  const db = openDatabase(url.href, 8, createLog('error'));
  try {
    await migrate(db);
    const began = performance.now();
    const next = await fillDatabase(db, { items: rows, perDay, seed: 1, coming });
    console.log(`${rows} items in ${((performance.now() - began) / 1000).toFixed(0)} s`);
    await work(db, next);
  } finally {
    await db.close();
    await admin.query(`drop database ${name} with (force)`);
    await admin.end();
  }
}
