/**
 * Requests a second and p99 of items, read-next, feed.json, stories and search over made news (fill-database.ts), each of the first three in
 * turns with a route of the same server that runs one bare statement for the same rows and writes them as JSON: what the product
 * adds is the quotient. Then the time that wire.read_next_for takes, inside PostgreSQL and through pg.
 *
 *   npx tsx scripts/bench-http.ts [--rows 1000000] [--per-day 5000] [--seconds 5] [--connections 8] [--filled postgres://…]
 *
 * Needs TEST_DATABASE_URL: a server on which it may make and drop a database, as a superuser; or with --filled a database of made news
 * that is there already, and stays.
 */
import http from 'node:http';
import { parseArgs } from 'node:util';
import { readConfig } from '../src/config.ts';
import { buildApp } from '../src/http/app.ts';
import { createLog } from '../src/log.ts';
import { type Database, openDatabase } from '../src/store/database.ts';
import { withFilled } from './bench-database.ts';

const { values: opt } = parseArgs({
  options: {
    rows: { type: 'string', default: '1000000' },
    'per-day': { type: 'string', default: '5000' },
    seconds: { type: 'string', default: '5' },
    connections: { type: 'string', default: '8' },
    filled: { type: 'string' },
  },
});

type Load = { perSecond: number; p50: number; p99: number; bytes: number };

/** Asks one address after another over kept connections for a while. */
async function load(base: string, path: (n: number) => string, seconds: number, connections: number): Promise<Load> {
  const agent = new http.Agent({ keepAlive: true, maxSockets: connections });
  const times: number[] = [];
  let bytes = 0;
  let n = 0;
  const until = performance.now() + seconds * 1000;
  const ask = (address: string): Promise<void> =>
    new Promise((done, failed) => {
      const began = performance.now();
      http
        .get(base + address, { agent }, (response) => {
          if (response.statusCode !== 200) failed(new Error(`${address}: ${response.statusCode}`));
          response.on('data', (chunk: Buffer) => {
            bytes += chunk.length;
          });
          response.on('end', () => {
            times.push(performance.now() - began);
            done();
          });
        })
        .on('error', failed);
    });
  const one = async () => {
    while (performance.now() < until) await ask(path(n++));
  };
  await Promise.all(Array.from({ length: connections }, one));
  agent.destroy();
  times.sort((a, b) => a - b);
  const at = (p: number) => times[Math.min(times.length - 1, Math.floor(times.length * p))]!;
  return { perSecond: times.length / seconds, p50: at(0.5), p99: at(0.99), bytes: bytes / times.length };
}

/** The round in the middle by throughput. */
const median = (rounds: readonly Load[]): Load =>
  [...rounds].sort((a, b) => a.perSecond - b.perSecond)[Math.floor(rounds.length / 2)]!;

const line = (label: string, l: Load) =>
  `${label.padEnd(24)} ${l.perSecond.toFixed(0).padStart(6)}/s  p50 ${l.p50.toFixed(1).padStart(6)} ms  p99 ${l.p99.toFixed(1).padStart(6)} ms  ${(l.bytes / 1024).toFixed(1)} kB`;

/** One after another with connections to spare, in turns with the bare route where there is one. */
async function measure(
  base: string,
  label: string,
  path: (n: number) => string,
  bare: ((n: number) => string) | null,
): Promise<void> {
  await load(base, path, 1, 2); // warm
  const alone = await load(base, path, Number(opt.seconds) / 2, 1);
  // In turns, so that whatever else the machine does falls on both alike.
  const [ours, theirs]: [Load[], Load[]] = [[], []];
  for (let round = 0; round < Number(opt.seconds); round++) {
    ours.push(await load(base, path, 1, Number(opt.connections)));
    if (bare) theirs.push(await load(base, bare, 1, Number(opt.connections)));
  }
  console.log(`${line(label, median(ours))}  alone p50 ${alone.p50.toFixed(1)} p99 ${alone.p99.toFixed(1)} ms`);
  if (!bare) return;
  const quotient = median(theirs).perSecond / median(ours).perSecond;
  console.log(`${line('  bare', median(theirs))}  quotient ${quotient.toFixed(2)}`);
}

const COLUMNS = `item_id, story_id, copy_of, url, title, lead, image_url, author, lang, published_at, first_seen_at, updated_at, feed_id, outlet,
  outlet_country, topic, relevant, relevance, countries, cooperation, orgs, kicker, mark as marked`;

/** Addresses of articles that have lists, spread over all the time that is stored, each once: `n` articles. */
async function articles(db: Database, n: number): Promise<string[]> {
  const { rows } = await db.query<{ url: string }>(
    `select url || '?utm_source=bench' as url from glasnik.items
      where (relevant or topic <> 'other') and item_id % greatest(1, (select max(item_id) from glasnik.items) / (4 * $1)) = 0 limit $1`,
    [n],
  );
  return rows.map((row) => row.url);
}

async function measureReadNext(db: Database, urls: readonly string[]): Promise<void> {
  const client = await db.session('bench');
  await client.query(`create function pg_temp.timed(address text) returns float8 language plpgsql as $$
    declare began timestamptz := clock_timestamp();
    begin
      perform from wire.read_next_for(address, 4);
      return extract(epoch from clock_timestamp() - began) * 1000;
    end $$`);
  const inside = async (): Promise<number[]> => {
    const { rows } = await client.query<{ ms: number }>(
      'select pg_temp.timed(url) as ms from unnest($1::text[]) as a (url)',
      [urls],
    );
    return rows.map(({ ms }) => Number(ms));
  };
  const through: number[] = [];
  const [cold, warm] = [await inside(), await inside()];
  for (const url of urls) {
    const began = performance.now();
    await client.query({ name: 'read-next', text: 'select * from wire.read_next_for($1, 4)', values: [url] });
    through.push(performance.now() - began);
  }
  await client.end();
  const told = (label: string, times: number[]) => {
    times.sort((a, b) => a - b);
    const at = (p: number) => times[Math.floor(times.length * p)]!.toFixed(2);
    console.log(`wire.read_next_for, ${label}: p50 ${at(0.5)} ms, p99 ${at(0.99)} ms`);
  };
  told('inside PostgreSQL, each article for the first time', cold);
  told('inside PostgreSQL, again', warm);
  told('through pg', through);
}

if (opt.filled) {
  const db = openDatabase(opt.filled, 8, createLog('error'));
  await measureAll(db).finally(() => db.close());
} else await withFilled({ rows: Number(opt.rows), perDay: Number(opt['per-day']), coming: 0 }, measureAll);

async function measureAll(db: Database): Promise<void> {
  const urls = await articles(db, 2000);
  await measureReadNext(db, urls);
  const app = await buildApp({ config: readConfig({}), log: createLog('error'), db, jobsAnswer: async () => true });
  app.get('/bare/items', async () => ({
    items: (
      await db.query(
        `select ${COLUMNS} from glasnik.items where relevant and mark is distinct from 'hidden' order by sort_at desc, item_id desc limit 50`,
      )
    ).rows,
  }));
  app.get('/bare/read-next', async (request) => ({
    items: (await db.query('select * from wire.read_next_for($1, 4)', [(request.query as { url: string }).url])).rows,
  }));
  const base = await app.listen({ host: '127.0.0.1', port: 0 });
  const article = (n: number) => encodeURIComponent(urls[n % urls.length]!);
  const { rows } = await db.query<{ name: string }>(
    `select split_part(title, ' ', 1) as name from glasnik.items where topic = 'other' order by sort_at desc limit 1`,
  );
  await measure(
    base,
    'items',
    () => '/v1/items',
    () => '/bare/items',
  );
  await measure(
    base,
    'read-next',
    (n) => `/v1/read-next?url=${article(n)}`,
    (n) => `/bare/read-next?url=${article(n)}`,
  );
  await measure(
    base,
    'feed.json',
    () => '/feed.json',
    () => '/bare/items',
  );
  await measure(base, 'stories', () => '/v1/stories', null);
  for (const [label, q, relevant] of [
    ['a word of the beat', 'министар', 'true'],
    ['a common word', 'министар', 'any'],
    ['a common prefix', 'pre', 'any'],
    ['marks folded', 'Mađarsk', 'any'],
    ['two words', 'ministar odbrane', 'any'],
    ['a rare word', rows[0]!.name, 'any'],
    ['a rare and a common one', `${rows[0]!.name} ministar`, 'any'],
    ['no hit', 'nowherefound', 'any'],
  ] as const)
    await measure(base, `search: ${label}`, () => `/v1/items?relevant=${relevant}&q=${encodeURIComponent(q)}`, null);
  await app.close();
}
