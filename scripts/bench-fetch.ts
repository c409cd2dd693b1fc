/**
 * What a pass over all feeds costs the process of one worker, in CPU milliseconds a feed: cold (all new), with 304 answers, with 200
 * and nothing new, and with two new entries of thirty. Beside it, in the same run and over the same origin, the stack that people
 * write with the same packages: a job a feed, rss-parser's parseURL, an INSERT an item.
 *
 *   npx tsx scripts/bench-fetch.ts [--feeds 300] [--database postgres://…] [--redis redis://…]
 *
 * Without --database an embedded server is used. Loopback only; ends by itself.
 */
import { fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import pg from 'pg';
import { readConfig } from '../src/config.ts';
import { openEmbedded } from '../src/embedded/server.ts';
import { createClient } from '../src/feed/fetch.ts';
import { hostOf, siteOf } from '../src/item/site.ts';
import { createLog } from '../src/log.ts';
import { openQueueBackend } from '../src/queue/backend.ts';
import { openQueues } from '../src/queue/queues.ts';
import { openDatabase } from '../src/store/database.ts';
import { addFeeds } from '../src/store/feeds.ts';
import { installationId } from '../src/store/installation.ts';
import { migrate } from '../src/store/migrate.ts';
import { openDesk } from '../workers/desk.ts';
import { startWorkers } from '../workers/run.ts';
import { passTypically } from './typical.ts';

const { values: opt } = parseArgs({
  options: { feeds: { type: 'string', default: '300' }, database: { type: 'string' }, redis: { type: 'string' } },
});
const FEEDS = Number(opt.feeds);

const here = fileURLToPath(new URL('.', import.meta.url));
const origin = fork(path.join(here, 'bench-origin.ts'), [String(FEEDS)], { execArgv: ['--import', 'tsx'] });
const base = await new Promise<string>((resolve) => origin.once('message', (url) => resolve(String(url))));
const tell = async (what: string) => void (await fetch(`${base}/control/${what}`));

const log = createLog('warn');
const dataDir = mkdtempSync(path.join(tmpdir(), 'glasnik-bench-'));
const embedded = opt.database ? null : await openEmbedded({ dataDir, log });
const server = opt.database ?? embedded!.url;
const name = `glasnik_bench_${process.pid}`;
const admin = new pg.Client(server);
await admin.connect();
await admin.query(`create database ${name}`);
const url = new URL(server);
url.pathname = `/${name}`;
const db = openDatabase(url.href, 8, log);
await migrate(db);

const config = readConfig({
  FETCH_ALLOW_CIDRS: '127.0.0.0/8',
  FETCH_MIN_INTERVAL_S: '86400',
  FETCH_MAX_INTERVAL_S: '86400',
});
const client = createClient({
  userAgent: config.userAgent,
  timeoutMs: 20_000,
  maxBytes: config.fetchMaxBytes,
  allowCidrs: config.fetchAllowCidrs,
});
const backend = openQueueBackend({ db, redisUrl: opt.redis ?? null, installation: await installationId(db), log });
const queues = await openQueues(backend);
const urls = (await (await fetch(`${base}/control/urls`)).json()) as string[];
await addFeeds(
  db,
  urls.map((feed) => ({ url: feed, host: hostOf(feed)!, site: siteOf(feed)! })),
);
await db.query(`update glasnik.feeds set next_fetch_at = 'infinity'`);
const workers = await startWorkers({ config, db, log, client, desk: openDesk(db, 60), queues }, backend, {
  queues: ['sweep', 'fetch'],
  concurrency: 32,
});

/** One pass of the product: every feed due at once, until every feed was fetched. */
async function pass(): Promise<number> {
  const started = new Date((await db.query<{ now: Date }>('select clock_timestamp() as now')).rows[0]!.now);
  const cpu = process.cpuUsage();
  await db.query('update glasnik.feeds set next_fetch_at = now()');
  for (;;) {
    await delay(250);
    const { rows } = await db.query<{ left: number }>(
      'select count(*) as left from glasnik.feeds where last_fetched_at is null or last_fetched_at < $1',
      [started],
    );
    if (rows[0]!.left === 0) break;
  }
  const used = process.cpuUsage(cpu);
  await db.query(`update glasnik.feeds set next_fetch_at = 'infinity'`);
  return (used.user + used.system) / 1000 / FEEDS;
}

const figures: Record<string, { glasnik: number; typical: number }> = {};
const measure = async (what: string, ready: () => Promise<unknown>): Promise<void> => {
  await ready();
  const glasnik = await pass();
  const typical = await passTypically(urls, url.href, opt.redis ?? null);
  figures[what] = { glasnik, typical };
};
await measure('cold: all 30 new', () => tell('validators?on=1'));
for (const round of [1, 2, 3]) {
  // The pass before brings the validators that the measured one sends.
  await measure(`304 (round ${round})`, () => tell('validators?on=1').then(pass));
  await measure(`200, nothing new (round ${round})`, () => tell('validators?on=0'));
  await measure(`200, 2 new of 30 (round ${round})`, () => tell('advance?new=2'));
}
const line = (cells: string[]) => `| ${cells.join(' | ')} |`;
process.stdout.write(`${line(['CPU ms a feed', 'glasnik', 'typical stack', 'ratio'])}\n|---|---|---|---|\n`);
for (const [what, { glasnik, typical }] of Object.entries(figures))
  process.stdout.write(`${line([what, glasnik.toFixed(2), typical.toFixed(2), (glasnik / typical).toFixed(2)])}\n`);

await workers.close(2000);
for (const queue of Object.values(queues)) await queue.close();
await backend.close();
await client.close();
await db.close();
await admin.query(`drop database ${name} with (force)`);
await admin.end();
await embedded?.close();
rmSync(dataDir, { recursive: true, force: true });
origin.kill();
process.exit(0);
