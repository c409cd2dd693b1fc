import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createLog } from '../../src/log.ts';
import { openQueueBackend } from '../../src/queue/backend.ts';
import { attend, openQueue } from '../../src/queue/queues.ts';
import { openDatabase } from '../../src/store/database.ts';
import { installationId } from '../../src/store/installation.ts';
import { startProxy } from '../support/proxy.ts';
import { type OwnRedis, redisBinary, startRedis, until } from '../support/redis.ts';
import { backends, useInstallation } from './backends.ts';

const log = createLog('silent');

/** The place of a server behind a proxy. */
const behind = (address: string, port: number): string => {
  const url = new URL(address);
  url.hostname = '127.0.0.1';
  url.port = String(port);
  return url.href;
};

for (const backend of backends)
  describe.skipIf(backend.missing || backend.short)(
    `${backend.name}${backend.missing ? ` (${backend.missing})` : ''}`,
    () => {
      const installation = useInstallation(backend);

      /** A worker whose only way to its server leads through a proxy, and what it took. */
      const workBehindProxy = async () => {
        const { url, redisUrl, db } = installation();
        const through = new URL(redisUrl ?? url);
        const proxy = await startProxy(Number(through.port || (redisUrl ? 6379 : 5432)), through.hostname);
        const own = openDatabase(redisUrl ? url : behind(url, proxy.port), 8, log, 3000);
        const jobs = openQueueBackend({
          db: own,
          redisUrl: redisUrl ? behind(redisUrl, proxy.port) : null,
          installation: await installationId(db),
          log,
          silenceMs: 4000,
        });
        const queue = await openQueue(jobs, 'recovery');
        const taken: number[] = [];
        const attendant = await attend({
          backend: jobs,
          queue,
          concurrency: 2,
          log,
          processor: async (job) => void taken.push(job.data.n),
        });
        return {
          proxy,
          taken,
          attendant,
          async close() {
            await attendant.close(500);
            await queue.close().catch(() => {});
            await jobs.close();
            await own.close();
            await proxy.close();
          },
        };
      };
      /** Adds jobs over connections that nobody disturbs. */
      const adder = async () => {
        const member = await installation().join({ queues: [] });
        const queue = await openQueue(member.backend, 'recovery');
        return { add: (n: number) => queue.add('n', { n }), close: () => queue.close().then(() => member.leave()) };
      };

      test('a worker whose connections were cut takes jobs again', async () => {
        const [worker, jobs] = [await workBehindProxy(), await adder()];
        await jobs.add(1);
        await until('the first job is taken', () => worker.taken.includes(1));
        worker.proxy.cut();
        await jobs.add(2);
        await until('a job is taken after the cut', () => worker.taken.includes(2));
        await jobs.close();
        await worker.close();
      });

      test('a worker whose connections are half open, bytes vanishing unseen, takes jobs again', async () => {
        const [worker, jobs] = [await workBehindProxy(), await adder()];
        await jobs.add(1);
        await until('the first job is taken', () => worker.taken.includes(1));
        worker.proxy.swallow();
        await jobs.add(2);
        await until('a job is taken over new connections', () => worker.taken.includes(2), { withinMs: 18_000 });
        expect(worker.proxy.open()).toBeGreaterThan(0);
        await jobs.close();
        await worker.close();
      }, 30_000);
    },
  );

describe.skipIf(!redisBinary())('a Redis of its own', () => {
  const installation = useInstallation(backends[0]!);
  let redis: OwnRedis;
  beforeAll(async () => {
    redis = await startRedis();
  });
  beforeEach(() => redis.start());
  afterAll(() => redis.close());

  test('that is killed and comes back empty is worked with again: schedule, queues and workers', async () => {
    const swept = await installation().join({ redisUrl: redis.url });
    const { sweep } = swept.house.queues;
    const hasSchedule = async () => (await sweep.getJobSchedulersCount().catch(() => 0)) === 1;
    await until('the schedule is there', hasSchedule);
    await redis.kill();
    await expect(sweep.add('sweep', {})).rejects.toThrow();
    await redis.start();
    await until('the schedule is there again', hasSchedule, { withinMs: 18_000 });
    const { relate } = swept.house.queues;
    await relate.add('relate', { nonsense: true });
    await until('workers take jobs again', async () => (await relate.getWaitingCount()) === 0, { withinMs: 18_000 });
    expect(swept.workers!.areWell()).toBe(true);
    await swept.leave();
  }, 40_000);

  test('that is away when a process starts is waited for', async () => {
    await redis.kill();
    const db = openDatabase(installation().url, 8, log);
    const jobs = openQueueBackend({ db, redisUrl: redis.url, installation: await installationId(db), log });
    const opening = openQueue(jobs, 'born-early');
    await delay(300); // born while its server is away
    await redis.start();
    const queue = await opening;
    await queue.add('n', {});
    expect(await queue.getWaitingCount()).toBe(1);
    await queue.close();
    await jobs.close();
    await db.close();
  });
});
