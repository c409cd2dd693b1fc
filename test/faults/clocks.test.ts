import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { FAKETIME, type OwnClock, ownClock } from '../support/faketime.ts';
import { run } from '../support/process.ts';
import { type OwnRedis, redisBinary, startRedis } from '../support/redis.ts';
import { openFleet, settled, stock } from './fleet.ts';
import { startPostgres } from './postgres.ts';
import { proveEqual, STAGES, useWorld } from './world.ts';

const HOUR = 3600;
const TAKEN_OVER_WITHIN_MS = 15_000;

for (const jobs of ['PostgreSQL', 'Redis'] as const)
  describe.skipIf(!FAKETIME || (jobs === 'Redis' && !redisBinary()))(
    `workers whose clocks are wrong, jobs on ${jobs}${FAKETIME ? '' : ' (no libfaketime: install Debian’s faketime)'}`,
    () => {
      const world = useWorld();
      const clocks: OwnClock[] = [];
      const clock = (aheadS: number): OwnClock => {
        const made = ownClock(aheadS);
        clocks.push(made);
        return made;
      };
      let redis: OwnRedis | undefined;
      let env: Record<string, string> = {};
      beforeAll(async () => {
        if (jobs === 'Redis') redis = await startRedis();
        env = redis ? { REDIS_URL: redis.url } : {};
      });
      afterAll(async () => {
        for (const one of clocks) one.remove();
        await redis?.close();
      });

      test('an hour ahead, an hour behind, jumping by a day and back: all store what one does that is left alone', async () => {
        const { stand, expected } = world();
        const { db, fleet } = await world().begin(env);
        const [ahead, behind] = [clock(HOUR), clock(-HOUR)];
        const [first, second] = await Promise.all([fleet.start(ahead.env), fleet.start(behind.env), fleet.start()]);
        await first.until((line) => /clock is not the database's/.test(line.msg ?? '') && line.aheadS === HOUR);
        await second.until((line) => /clock is not the database's/.test(line.msg ?? '') && line.aheadS === -HOUR);
        await settled(db, stand);
        for (let stage = 1; stage <= STAGES; stage++) {
          ahead.set(stage % 2 ? -24 * HOUR : 24 * HOUR);
          behind.set(stage % 2 ? 24 * HOUR : -HOUR);
          stand.setStage(stage);
          // Due every second: nobody waits for a clock.
          expect(await settled(db, stand)).toBeLessThan(TAKEN_OVER_WITHIN_MS);
        }
        await proveEqual(fleet, db, expected);
        expect(stand.overlaps()).toEqual([]);
      });

      test('a day ahead and killed in the middle of a fetch: another has the feed within 15 s, and goes on with all others', async () => {
        const { stand, expected } = world();
        const { db, fleet } = await world().begin({ ...env, FETCH_TIMEOUT_MS: '20000' });
        const first = stand.hold(0);
        const killed = await fleet.start(clock(24 * HOUR).env);
        await first.asked;
        const other = await fleet.start();
        const second = stand.hold(0);
        const began = performance.now();
        killed.kill('SIGKILL');
        await second.asked;
        expect(performance.now() - began).toBeLessThan(TAKEN_OVER_WITHIN_MS);
        second.letGo();
        for (let stage = 1; stage <= STAGES; stage++) {
          stand.setStage(stage);
          expect(await settled(db, stand)).toBeLessThan(TAKEN_OVER_WITHIN_MS);
        }
        expect(other.child.exitCode).toBeNull();
        await proveEqual(fleet, db, expected);
      });

      test("the database's own is set back by an hour and by a day, and forward again: jobs go on, and nobody waits for the hour to pass", async () => {
        const { stand, expected } = world();
        stand.setStage(0);
        const theirs = clock(0);
        const server = await startPostgres(theirs.env);
        const db = await stock(server.url, stand);
        const fleet = openFleet({ DATABASE_URL: server.url, DATABASE_POOL: '6', ...env });
        try {
          await Promise.all([fleet.start(), fleet.start()]);
          await settled(db, stand);
          for (const [stage, aheadS] of [-HOUR, -25 * HOUR, HOUR].entries()) {
            theirs.set(aheadS);
            stand.setStage(stage + 1);
            expect(await settled(db, stand)).toBeLessThan(TAKEN_OVER_WITHIN_MS);
          }
          await proveEqual(fleet, db, expected);
        } finally {
          for (const worker of fleet.workers) worker.kill('SIGKILL');
          await db.close();
          await server.close();
        }
      });

      test('doctor, on such a machine, says by how much and what to do', async () => {
        const { fleet } = await world().begin(env);
        const { code, stdout } = await run(['doctor', '--json'], { env: { ...fleet.env, ...clock(HOUR).env } });
        const clocksFound = JSON.parse(stdout).findings.filter(({ check }: { check: string }) => check === 'clock');
        expect(code).toBe(1);
        expect(clocksFound).toHaveLength(redis ? 2 : 1);
        for (const finding of clocksFound)
          expect(finding).toMatchObject({
            level: 'fail',
            says: expect.stringMatching(/^the clock of \w+ is (3599|3600)\.\d s behind this machine's$/),
            do: expect.stringContaining('chrony'),
          });
      });
    },
  );
