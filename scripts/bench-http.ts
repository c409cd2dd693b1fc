/**
 * Requests a second and p99 of items, read-next, feed.json and search over many items, each in turns with a route of the same server that
 * runs one bare statement for the same rows and writes them as JSON: what the product adds is the quotient.
 *
 *   npx tsx scripts/bench-http.ts [--rows 200000] [--seconds 5] [--connections 8]
 *
 * Needs TEST_DATABASE_URL (a server on which it may make and drop a database of its own).
 */
import { randomBytes } from 'node:crypto';
import http from 'node:http';
import { parseArgs } from 'node:util';
import pg from 'pg';
import { readConfig } from '../src/config.ts';
import { buildApp } from '../src/http/app.ts';
import { createLog } from '../src/log.ts';
import { type Database, openDatabase } from '../src/store/database.ts';
import { migrate } from '../src/store/migrate.ts';

const { values: opt } = parseArgs({
  options: {
    rows: { type: 'string', default: '200000' },
    seconds: { type: 'string', default: '5' },
    connections: { type: 'string', default: '8' },
  },
});
const server = process.env.TEST_DATABASE_URL;
if (!server) throw new Error('TEST_DATABASE_URL must name a PostgreSQL server');

/** One item in thirty is of the beat, with a list of 24 stories; words come from a small vocabulary, so that many are common. */
async function fill(db: Database, rows: number): Promise<void> {
  await db.query(
    `insert into glasnik.feeds (url, host, site) values ('https://bench.example/rss', 'bench.example', 'bench.example')`,
  );
  const vocabulary = `array['srbija','madjarska','vojska','sporazum','ministar','odbrana','vucic','vezba','kosovo','nato','drzava','vlada',
    'policija','granica','predsednik','grad','more','cena','utakmica','vreme','festival','zakon','sud','skola','put','most','voda','izbori']`;
  const step = 50_000;
  for (let from = 1; from <= rows; from += step)
    await db.query(
      `with n as (select n, (select string_agg((${vocabulary})[1 + floor(random() * 28 * (0.2 + 0.8 * random()))::int % 28] || ' ' || md5(w::text || n)::char(6), ' ')
                               from generate_series(1, 12) w where n > 0) as text
                    from generate_series($1::bigint, $2::bigint) n),
            story as (insert into glasnik.stories (story_id, first_at, last_at, relevant) overriding system value
                      select n, now() - n * interval '20 seconds', now() - n * interval '20 seconds', n % 30 = 0 from n),
            item as (insert into glasnik.items (item_id, story_id, url, title, lead, lang, published_at, first_seen_at, sort_at, address_key, text_hash,
                       feed_id, told_by, own_site, outlet, outlet_country, topic, relevance, countries, cooperation, orgs, tagger, tagged_relevant, words)
                     overriding system value
                     select n, n, 'https://bench.example/' || n, initcap(left(text, 70)), text || '. ' || text, 'sr-Latn', now() - n * interval '20 seconds',
                            now() - n * interval '20 seconds', now() - n * interval '20 seconds', 'bench.example/' || n, 'x', 1, 1, true, 'Bench ' || n % 40, 'RS',
                            case when n % 30 = 0 then 'defence-cooperation' else 'other' end, 0.5, '{RS,HU}', '{agreement}', '{}', 'bench', n % 30 = 0,
                            glasnik.words_of('sr-Latn', left(text, 70), text || ' ' || text) from n)
       insert into glasnik.item_addresses (key_hash, key, item_id)
       select glasnik.key_hash('bench.example/' || n), 'bench.example/' || n, n from n where n % 30 = 0`,
      [from, Math.min(from + step - 1, rows)],
    );
  await db.query(
    `insert into glasnik.read_next (item_id, story_id, score, reasons)
     select n * 30, (n + k) * 30, 1.0 / (k + 1), '{same affair}' from generate_series(1, $1 / 30 - 25) n, generate_series(1, 24) k`,
    [Math.min(rows, 60_000)],
  );
  await db.query('vacuum analyze glasnik.items, glasnik.stories, glasnik.read_next, glasnik.item_addresses');
}

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

const rows = Number(opt.rows);
const name = `glasnik_bench_${randomBytes(4).toString('hex')}`;
const admin = new pg.Client({ connectionString: server });
await admin.connect();
await admin.query(`create database ${name}`);
const url = new URL(server);
url.pathname = `/${name}`;
const log = createLog('error');
const db = openDatabase(url.href, 8, log);
try {
  await migrate(db);
  const began = performance.now();
  await fill(db, rows);
  console.log(`${rows} items in ${((performance.now() - began) / 1000).toFixed(0)} s`);
  const app = await buildApp({ config: readConfig({}), log, db, jobsAnswer: async () => true });
  const columns = `item_id, story_id, copy_of, url, title, lead, image_url, author, lang, published_at, first_seen_at, updated_at, feed_id, outlet,
    outlet_country, topic, relevant, relevance, countries, cooperation, orgs, kicker, mark as marked`;
  app.get('/bare/items', async () => ({
    items: (
      await db.query(
        `select ${columns} from glasnik.items where relevant and mark is distinct from 'hidden' order by sort_at desc, item_id desc limit 50`,
      )
    ).rows,
  }));
  app.get('/bare/read-next', async (request) => ({
    items: (await db.query('select * from wire.read_next_for($1, 4)', [(request.query as { url: string }).url])).rows,
  }));
  const base = await app.listen({ host: '127.0.0.1', port: 0 });
  const article = (n: number) => encodeURIComponent(`https://bench.example/${30 * (1 + (n % 500))}?utm_source=x`);
  const cases: [string, (n: number) => string, ((n: number) => string) | null][] = [
    ['items', () => '/v1/items', () => '/bare/items'],
    ['read-next', (n) => `/v1/read-next?url=${article(n)}`, (n) => `/bare/read-next?url=${article(n)}`],
    ['feed.json', () => '/feed.json', () => '/bare/items'],
    ['search, the beat', () => '/v1/items?q=Вучић', null],
    ['search, all', () => '/v1/items?relevant=any&q=vojska', null],
    ['search, two words', () => '/v1/items?relevant=any&q=vojske%20sporazum', null],
    ['stories', () => '/v1/stories', null],
  ];
  const line = (label: string, l: Load) =>
    `${label.padEnd(20)} ${l.perSecond.toFixed(0).padStart(6)}/s  p50 ${l.p50.toFixed(1).padStart(6)} ms  p99 ${l.p99.toFixed(1).padStart(6)} ms  ${(l.bytes / 1024).toFixed(1)} kB`;
  for (const [label, path, bare] of cases) {
    await load(base, path, 1, 2); // warm
    const alone = await load(base, path, Number(opt.seconds) / 2, 1);
    // In turns, so that whatever else the machine does falls on both alike.
    const [ours, theirs]: [Load[], Load[]] = [[], []];
    for (let round = 0; round < Number(opt.seconds); round++) {
      ours.push(await load(base, path, 1, Number(opt.connections)));
      if (bare) theirs.push(await load(base, bare, 1, Number(opt.connections)));
    }
    console.log(`${line(label, median(ours))}  alone p50 ${alone.p50.toFixed(1)} ms`);
    if (!bare) continue;
    const quotient = median(theirs).perSecond / median(ours).perSecond;
    console.log(`${line('  bare', median(theirs))}  quotient ${quotient.toFixed(2)}`);
  }
  await app.close();
} finally {
  await db.close();
  await admin.query(`drop database ${name} with (force)`);
  await admin.end();
}
