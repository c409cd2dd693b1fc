/**
 * `npm run chaos -- --minutes 5 --seed N [--redis] [--feeds 40] [--items 10] [--workers 4] [--every 1] [--only 'worker killed']`: an
 * installation of its own (origin, PostgreSQL, workers, Redis when asked) in which something dies every second, and then the proof
 * that what is stored is what an undisturbed run stores. The seed decides what dies when; it cannot decide what the operating system
 * does in between.
 */

import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { Database } from '../src/store/database.ts';
import { brokenInvariants, readPicture } from '../test/faults/equal.ts';
import { endLeases, type Fleet, openFleet, settled, stock, undisturbed } from '../test/faults/fleet.ts';
import { type OwnPostgres, startPostgres } from '../test/faults/postgres.ts';
import { setup as compile } from '../test/support/build.ts';
import { type Newsstand, startNewsstand } from '../test/support/newsstand.ts';
import { type OwnRedis, startRedis } from '../test/support/redis.ts';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '1' },
    seed: { type: 'string', default: '1' },
    redis: { type: 'boolean', default: false },
    feeds: { type: 'string', default: '40' },
    items: { type: 'string', default: '10' },
    workers: { type: 'string', default: '4' },
    every: { type: 'string', default: '1' },
    only: { type: 'string' },
  },
});

/** Seconds between two stages of the newsstand. */
const STAGE_S = 10;

type Scene = {
  readonly stand: Newsstand;
  readonly server: OwnPostgres;
  readonly redis: OwnRedis | null;
  readonly db: Database;
  readonly fleet: Fleet;
  readonly random: () => number;
};

/** mulberry32: small, and the same everywhere. */
function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

const anyWorker = ({ fleet, random }: Scene) => fleet.workers[Math.floor(random() * fleet.workers.length)]!;

/** What can happen, how often among the rest, and how. Nothing waits for its consequences. */
const blows: readonly { name: string; weight: number; strike(scene: Scene): Promise<void> }[] = [
  {
    name: 'worker killed',
    weight: 8,
    async strike(scene) {
      const victim = anyWorker(scene);
      victim.kill('SIGKILL');
      await victim.ended;
      void scene.fleet.replace(victim).catch(() => {});
    },
  },
  {
    name: 'worker told to end',
    weight: 3,
    async strike(scene) {
      const victim = anyWorker(scene);
      victim.kill('SIGTERM');
      void victim.ended.then(() => scene.fleet.replace(victim)).catch(() => {});
    },
  },
  {
    name: 'worker stood still for 3–18 s',
    weight: 2,
    async strike(scene) {
      const victim = anyWorker(scene);
      const ms = 3000 + scene.random() * 15_000;
      victim.kill('SIGSTOP');
      void delay(ms).then(() => victim.kill('SIGCONT'));
    },
  },
  {
    name: 'all database connections cut',
    weight: 3,
    async strike({ db }) {
      await db
        .query(
          `select pg_terminate_backend(pid) from pg_stat_activity
            where datname = current_database() and pid <> pg_backend_pid() and application_name like 'glasnik %'`,
        )
        .catch(() => {});
    },
  },
  {
    name: 'PostgreSQL killed',
    weight: 1,
    async strike({ server }) {
      await server.stop('SIGKILL');
      await server.start();
    },
  },
  {
    name: 'PostgreSQL stopped for 2 s',
    weight: 1,
    async strike({ server }) {
      await server.stop('SIGINT');
      await delay(2000);
      await server.start();
    },
  },
  {
    name: 'Redis killed, its data gone',
    weight: 2,
    async strike({ redis }) {
      await redis?.kill();
      await redis?.start();
    },
  },
];

async function main(): Promise<void> {
  compile();
  const minutes = Number(values.minutes);
  const seed = Number(values.seed);
  const stages = Math.max(1, Math.floor((minutes * 60) / STAGE_S) - 1);
  const stand = await startNewsstand({ feeds: Number(values.feeds), hosts: 10, items: Number(values.items), bad: 0.1 });
  const server = await startPostgres();
  const redis = values.redis ? await startRedis() : null;
  try {
    say(`undisturbed: ${values.feeds} feeds, ${stages + 1} stages`);
    const expected = await undisturbed(server.url, stand, stages);
    const db = await stock(server.url, stand);
    const fleet = openFleet({
      DATABASE_URL: server.url,
      LOG_LEVEL: 'warn',
      ...(redis ? { REDIS_URL: redis.url } : {}),
    });
    const scene: Scene = { stand, server, redis, db, fleet, random: randomFrom(seed) };
    await Promise.all(Array.from({ length: Number(values.workers) }, () => fleet.start({ LOG_LEVEL: 'info' })));
    const struck = await strikeForAWhile(scene, minutes, stages);
    stand.setStage(stages);
    say('nothing dies any more');
    const afterMs = await settled(db, stand, 180_000);
    await fleet.stop();
    await endLeases(db);
    const picture = await readPicture(db);
    const differences = difference(expected.picture, picture);
    const broken = await brokenInvariants(db);
    const figures = {
      backend: redis ? 'Redis' : 'PostgreSQL',
      seed,
      minutes,
      struck,
      items: Object.keys(picture.items).length,
      settled_after_s: Math.round(afterMs / 100) / 10,
      requests: stand.requests(),
      differences: differences.length,
      broken: broken.length,
    };
    process.stdout.write(`${JSON.stringify(figures)}\n`);
    for (const line of [...differences.slice(0, 20), ...broken]) say(line);
    process.exitCode = differences.length || broken.length ? 1 : 0;
    await db.close();
  } finally {
    await redis?.close();
    await server.close();
    await stand.close();
  }
}

/** Something every second (or `--every`), and a stage of the newsstand every ten. @returns how often what happened */
async function strikeForAWhile(scene: Scene, minutes: number, stages: number): Promise<Record<string, number>> {
  const struck: Record<string, number> = {};
  const possible = blows.filter(
    ({ name }) => (scene.redis || !name.startsWith('Redis')) && (!values.only || name === values.only),
  );
  if (!possible.length) throw new Error(`--only takes one of: ${blows.map(({ name }) => name).join(' | ')}`);
  const total = possible.reduce((sum, blow) => sum + blow.weight, 0);
  const every = Number(values.every);
  for (let second = 0; second < minutes * 60; second += every) {
    const due = delay(1000 * every);
    scene.stand.setStage(Math.min(stages, Math.floor(second / STAGE_S)));
    let at = scene.random() * total;
    const blow = possible.find((one) => {
      at -= one.weight;
      return at < 0;
    })!;
    struck[blow.name] = (struck[blow.name] ?? 0) + 1;
    await blow.strike(scene);
    await due;
  }
  return struck;
}

function difference(expected: Awaited<ReturnType<typeof readPicture>>, got: typeof expected): string[] {
  const found: string[] = [];
  for (const key of new Set([...Object.keys(expected.items), ...Object.keys(got.items)])) {
    const [want, have] = [expected.items[key], got.items[key]].map((item) => JSON.stringify(item));
    if (want !== have) found.push(`${key}: ${have ?? 'missing'} instead of ${want ?? 'nothing'}`);
  }
  for (const list of ['feeds', 'pruned'] as const)
    if (JSON.stringify(expected[list]) !== JSON.stringify(got[list])) found.push(`${list} differ`);
  return found;
}

const say = (line: string): void => void process.stderr.write(`${new Date().toISOString().slice(11, 19)} ${line}\n`);

await main();
process.exit();
