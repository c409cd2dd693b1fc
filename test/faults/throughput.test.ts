import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, describe, expect, test } from 'vitest';
import { redisBinary, startRedis } from '../support/redis.ts';
import { settled } from './fleet.ts';
import { useWorld } from './world.ts';

/** An origin that takes its time, and workers that may ask for four feeds at once: what bounds them is waiting, not this machine. */
const LATENCY_MS = 400;
const CONCURRENCY = 4;
const SECONDS = 6;

const closing: (() => Promise<void>)[] = [];
afterAll(async () => {
  for (const close of closing) await close();
});

describe.each(['PostgreSQL', 'Redis'])('jobs on %s', (jobs) => {
  const world = useWorld({ feeds: 96, hosts: 96, items: 2, bad: 0, stages: 0 });

  test.skipIf(jobs === 'Redis' && !redisBinary())(
    'two workers fetch more than one, and four more than two',
    async () => {
      const { stand } = world();
      const redis = jobs === 'Redis' ? await startRedis() : null;
      if (redis) closing.push(redis.close);
      const { db, fleet } = await world().begin({
        FETCH_CONCURRENCY: String(CONCURRENCY),
        ...(redis ? { REDIS_URL: redis.url } : {}),
      });
      await fleet.start();
      await settled(db, stand);
      stand.latency = () => LATENCY_MS;
      const perSecond: number[] = [];
      for (const workers of [1, 2, 4]) {
        while (fleet.workers.length < workers) await fleet.start();
        const [before, began] = [stand.requests(), performance.now()];
        await delay(SECONDS * 1000); // a span to count in, not something to wait for
        perSecond.push(((stand.requests() - before) * 1000) / (performance.now() - began));
      }
      console.log(
        `feeds a second by one, two and four workers, jobs on ${jobs}: ${perSecond.map((n) => n.toFixed(1)).join(', ')}`,
      );
      const [one, two, four] = perSecond as [number, number, number];
      expect(two / one).toBeGreaterThan(1.5);
      expect(four / two).toBeGreaterThan(1.5);
      stand.latency = () => 0;
      await fleet.stop();
      expect(stand.overlaps()).toEqual([]);
    },
  );
});
