import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type OwnRedis, redisBinary, startRedis, until } from '../support/redis.ts';
import { settled } from './fleet.ts';
import { proveEqual, STAGES, useWorld } from './world.ts';

const TAKEN_OVER_WITHIN_MS = 15_000;

for (const jobs of ['PostgreSQL', 'Redis'] as const)
  describe.skipIf(jobs === 'Redis' && !redisBinary())(`workers with their jobs on ${jobs}`, () => {
    const world = useWorld();
    let redis: OwnRedis | undefined;
    let env: Record<string, string> = {};
    beforeAll(async () => {
      if (jobs === 'Redis') redis = await startRedis();
      env = redis ? { REDIS_URL: redis.url } : {};
    });
    afterAll(() => redis?.close());

    test('one that is killed in the middle of a fetch loses nothing, and another has its feed within 15 s', async () => {
      const { stand, expected } = world();
      const { db, fleet } = await world().begin({ ...env, FETCH_TIMEOUT_MS: '20000' });
      const first = stand.hold(0);
      const killed = await fleet.start();
      await first.asked;
      const other = await fleet.start();
      first.letGo = () => {};
      const second = stand.hold(0);
      const began = performance.now();
      killed.kill('SIGKILL');
      await second.asked;
      expect(performance.now() - began).toBeLessThan(TAKEN_OVER_WITHIN_MS);
      second.letGo();
      await fleet.replace(killed);
      for (let stage = 1; stage <= STAGES; stage++) {
        stand.setStage(stage);
        await settled(db, stand);
      }
      expect(other.child.exitCode).toBeNull();
      await proveEqual(fleet, db, expected);
    });

    test('four, of which one is killed again and again, store what one would that is left alone', async () => {
      const { stand, expected } = world();
      const { db, fleet } = await world().begin(env);
      await Promise.all([1, 2, 3, 4].map(() => fleet.start()));
      for (let stage = 1; stage <= STAGES; stage++) {
        stand.setStage(stage);
        // Killed at the moment when something was just asked for: in the middle of its work.
        const before = stand.requests();
        await until('somebody asks', () => stand.requests() > before + stage, { everyMs: 5 });
        const victim = fleet.workers[stage % 4]!;
        victim.kill('SIGKILL');
        await victim.ended;
        await fleet.replace(victim);
      }
      await settled(db, stand);
      await proveEqual(fleet, db, expected);
      expect(stand.overlaps()).toEqual([]);
    });

    test('one that is told to end in the middle of a fetch ends within 10 s, and its feed is fetched by another', async () => {
      const { stand, expected } = world();
      const { db, fleet } = await world().begin({ ...env, FETCH_TIMEOUT_MS: '20000' });
      const first = stand.hold(0);
      const ending = await fleet.start();
      await first.asked;
      const began = performance.now();
      ending.kill('SIGTERM');
      expect(await ending.ended).toEqual({ code: 0, signal: null });
      expect(performance.now() - began).toBeLessThan(10_000);
      const { rows } = await db.query('select failures, last_error from glasnik.feeds order by feed_id limit 1');
      expect(rows[0]).toEqual({ failures: 0, last_error: null });
      first.letGo();
      await fleet.replace(ending);
      stand.setStage(STAGES);
      await settled(db, stand, 80_000);
      await proveEqual(fleet, db, expected);
    });

    test.skipIf(jobs !== 'Redis')(
      'lose Redis with all that was in it, and go on by themselves when it is back, empty',
      async () => {
        const { stand, expected } = world();
        const { db, fleet } = await world().begin(env);
        await Promise.all([fleet.start(), fleet.start()]);
        await settled(db, stand);
        for (let stage = 1; stage <= STAGES; stage++) {
          stand.setStage(stage);
          const before = stand.requests();
          await until('somebody asks', () => stand.requests() > before, { everyMs: 5 });
          await redis!.kill();
          await redis!.start();
        }
        await settled(db, stand, 90_000);
        expect(fleet.workers.map((worker) => worker.child.exitCode)).toEqual([null, null]);
        await proveEqual(fleet, db, expected);
      },
    );
  });
