import pg from 'pg';
import { createLog } from '../../src/log.ts';
import { type Database, openDatabase } from '../../src/store/database.ts';
import { migrate } from '../../src/store/migrate.ts';
import { relate } from '../../workers/relate.ts';
import { addFeed, fetchNow, testHouse } from '../support/house.ts';
import type { Newsstand } from '../support/newsstand.ts';
import { glasnik, isReady, type Running } from '../support/process.ts';
import { until } from '../support/redis.ts';
import { brokenInvariants, type Picture, readArrangement, readPicture } from './equal.ts';

const log = createLog('silent');

/** Settings under which a run takes seconds: feeds are asked every second. A request has time enough on a busy machine. */
export const FAST = {
  FETCH_ALLOW_CIDRS: '127.0.0.0/8',
  FETCH_MIN_INTERVAL_S: '1',
  FETCH_MAX_INTERVAL_S: '1',
  FETCH_TIMEOUT_MS: '10000',
  RETENTION_DAYS: '0',
  RETENTION_OTHER_DAYS: '0',
} as const;

/** Workers over one database, each a process of its own. */
export type Fleet = {
  readonly env: Record<string, string>;
  readonly workers: readonly Running[];
  /** One more worker, once it works. */
  start(more?: Record<string, string>, args?: readonly string[]): Promise<Running>;
  /** A worker in place of one that was killed, as a supervisor would start it. */
  replace(dead: Running, args?: readonly string[]): Promise<Running>;
  /** SIGTERM to all, and waits for them. */
  stop(): Promise<void>;
};

/** @param env DATABASE_URL or DATA_DIR, and REDIS_URL where jobs live there */
export function openFleet(env: Record<string, string>): Fleet {
  const workers: Running[] = [];
  const settings = { ...FAST, ...env };
  const start = async (more: Record<string, string> = {}, args: readonly string[] = ['work']): Promise<Running> => {
    const worker = glasnik(args, { env: { ...settings, ...more } });
    workers.push(worker);
    await worker.until(isReady);
    return worker;
  };
  return {
    env: settings,
    workers,
    start,
    replace(dead, args) {
      const at = workers.indexOf(dead);
      if (at >= 0) workers.splice(at, 1);
      return start({}, args);
    },
    async stop() {
      for (const worker of workers) {
        worker.kill('SIGCONT');
        worker.kill('SIGTERM');
      }
      await Promise.all(workers.map((worker) => worker.ended));
      workers.length = 0;
    },
  };
}

/** A migrated database with the feeds of a newsstand. */
export async function stock(url: string, stand: Newsstand): Promise<Database> {
  const db = openDatabase(url, 4, log);
  await migrate(db);
  for (const feed of stand.feeds) await addFeed(db, feed);
  return db;
}

/**
 * What is stored when nothing is disturbed: the same feeds at the same stages, one feed after another, each settled before the
 * next. Afterwards the newsstand is back at stage 0.
 */
export async function undisturbed(
  server: string,
  stand: Newsstand,
  stages: number,
): Promise<{ picture: Picture; arrangement: unknown }> {
  const name = `glasnik_undisturbed_${process.pid}_${Date.now()}`;
  await admin(server, `create database ${name}`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  const db = await stock(url.href, stand);
  const house = testHouse(db, FAST);
  try {
    const { rows } = await db.query<{ feed_id: number }>('select feed_id from glasnik.feeds order by feed_id');
    for (let stage = 0; stage <= stages; stage++) {
      stand.setStage(stage);
      for (const { feed_id } of rows) {
        await fetchNow(house, feed_id);
        await relate(db);
      }
    }
    const broken = await brokenInvariants(db);
    if (broken.length) throw new Error(`even undisturbed: ${broken.join('; ')}`);
    return { picture: await readPicture(db), arrangement: await readArrangement(db) };
  } finally {
    stand.setStage(0);
    await house.client.close();
    await db.close();
    await admin(server, `drop database ${name} with (force)`);
  }
}

async function admin(server: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: server });
  await client.connect();
  await client.query(sql).finally(() => client.end());
}

/**
 * Whether what the newsstand has now is stored and related: feeds that have a document are active with that of its present stage
 * (one that could not be asked in time will be asked again), and the others were asked.
 */
export async function isSettled(db: Database, stand: Newsstand): Promise<boolean> {
  const { rows } = await db.query<{ settled: boolean }>(
    `select not exists (select from glasnik.unrelated)
        and not exists (select from glasnik.feeds
                         where last_fetched_at is null
                            or url <> all ($2) and (state <> 'active' or coalesce(etag not like '%-' || $1 || '"', true))) as settled`,
    [String(stand.stage()), stand.broken],
  );
  return rows[0]!.settled;
}

/** Waits until all that the newsstand has is stored and related; the database may be away for a while. @returns milliseconds */
export const settled = (db: Database, stand: Newsstand, withinMs = 60_000): Promise<number> =>
  until('what the newsstand has is stored and related', () => isSettled(db, stand).catch(() => false), {
    withinMs,
    everyMs: 100,
  });

/** Once no worker runs: leases that killed ones left behind are of no interest to a comparison. */
export async function endLeases(db: Database): Promise<void> {
  await db.query('update glasnik.feeds set leased_at = null, leased_until = null');
}
