/**
 * What relating an item costs at two numbers of stored items: CPU of this process, and PostgreSQL's share by the clock (its statements
 * run one after another), in batches of the product's size over made news (fill-database.ts). The first batches warm caches and lists
 * and are not counted.
 *
 *   npx tsx scripts/bench-relate.ts [--rows 100000,1000000] [--items 2000] [--per-day 5000]
 *
 * Needs TEST_DATABASE_URL: a server on which it may make and drop databases, as a superuser.
 */
import { loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { announce, storeArticles } from '../src/store/articles.ts';
import type { Database, Queryable } from '../src/store/database.ts';
import { letHeapGrow } from '../workers/heap.ts';
import { relate } from '../workers/relate.ts';
import { withFilled } from './bench-database.ts';
import type { Coming } from './fill-database.ts';

const { values: opt } = parseArgs({
  options: {
    rows: { type: 'string', default: '100000,1000000' },
    items: { type: 'string', default: '2000' },
    'per-day': { type: 'string', default: '5000' },
  },
});

type Cost = { readonly cpu: number; readonly sql: number; readonly wall: number; readonly touched: number };

/** Stores what comes, as the feeds' fetches would. */
async function arrive(db: Database, coming: readonly Coming[]): Promise<void> {
  for (const feedId of new Set(coming.map((item) => item.feedId))) {
    const told = coming.filter((item) => item.feedId === feedId);
    const { outlet, outletCountry } = told[0]!;
    await db.tx(async (tx) => {
      const { newIds } = await storeArticles(
        tx,
        { feedId, outlet, outletCountry, readerVersion: 1, tagger: 'bench' },
        told,
      );
      await announce(tx, newIds);
    });
  }
}

/** The same database with its statements timed. */
function timed(db: Database): Database & { sql: () => number } {
  let spent = 0;
  const time = (of: Queryable): Queryable['query'] =>
    (async (...given: Parameters<Queryable['query']>) => {
      const began = performance.now();
      try {
        return await of.query(...given);
      } finally {
        spent += performance.now() - began;
      }
    }) as Queryable['query'];
  return { ...db, query: time(db), tx: (work) => db.tx((tx) => work({ query: time(tx) })), sql: () => spent };
}

async function costOfRelating(db: Database, coming: readonly Coming[]): Promise<Cost> {
  await arrive(db, coming);
  await db.query('analyze glasnik.unrelated');
  const watched = timed(db);
  const written = () =>
    db
      .query<{ n: number }>(
        `select n_tup_ins + n_tup_upd + n_tup_del as n from pg_stat_user_tables where relname = 'read_next'`,
      )
      .then(({ rows }) => rows[0]!.n);
  const before = await written();
  const began = performance.now();
  const cpu = process.cpuUsage();
  const { related } = await relate(watched);
  const { user, system } = process.cpuUsage(cpu);
  const wall = performance.now() - began;
  return {
    cpu: (user + system) / 1000 / related,
    sql: watched.sql() / related,
    wall: wall / related,
    touched: ((await written()) - before) / related,
  };
}

letHeapGrow(); // as every worker does
const costs: Cost[] = [];
for (const rows of opt.rows.split(',').map(Number))
  await withFilled({ rows, perDay: Number(opt['per-day']), coming: 2 * Number(opt.items) }, async (db, coming) => {
    await costOfRelating(db, coming.slice(0, Number(opt.items))); // warm
    const cost = await costOfRelating(db, coming.slice(Number(opt.items)));
    costs.push(cost);
    console.log(
      `${String(rows).padStart(8)} stored: ${cost.cpu.toFixed(2)} ms CPU an item, ${cost.sql.toFixed(2)} ms in PostgreSQL, ${cost.wall.toFixed(2)} ms in all, ${cost.touched.toFixed(1)} list rows written; load of the machine ${loadavg()[0]!.toFixed(1)}`,
    );
  });
if (costs.length > 1) {
  const [few, many] = [costs[0]!, costs.at(-1)!];
  console.log(
    `growth: CPU ${(many.cpu / few.cpu).toFixed(2)}, PostgreSQL ${(many.sql / few.sql).toFixed(2)}, in all ${(many.wall / few.wall).toFixed(2)}`,
  );
}
