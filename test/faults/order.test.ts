import { expect, test } from 'vitest';
import { until } from '../support/redis.ts';
import { readArrangement } from './equal.ts';
import { isSettled, undisturbed } from './fleet.ts';
import { proveEqual, useWorld } from './world.ts';

const world = useWorld({ dated: true });

test('feeds that come one at a time, each settled before the next, give the same stories, copies and lists though workers die', async () => {
  const { stand, server } = world();
  const { picture, arrangement } = await undisturbed(server.url, stand, 0);
  const { db, fleet } = await world().begin({ FETCH_MIN_INTERVAL_S: '3600', FETCH_MAX_INTERVAL_S: '3600' });
  await db.query(`update glasnik.feeds set state = 'disabled'`);
  await Promise.all([fleet.start(), fleet.start()]);
  const { rows } = await db.query<{ feed_id: number }>('select feed_id from glasnik.feeds order by feed_id');
  for (const [n, { feed_id }] of rows.entries()) {
    const before = stand.requests();
    await db.query(`update glasnik.feeds set state = 'active', next_fetch_at = now() where feed_id = $1`, [feed_id]);
    if (n % 4 === 1) {
      await until('it is asked for', () => stand.requests() > before, { everyMs: 2 });
      const victim = fleet.workers[n % 2]!;
      victim.kill('SIGKILL');
      await victim.ended;
      await fleet.replace(victim);
    }
    const isDone = async () => {
      const { rowCount } = await db.query(
        'select from glasnik.feeds where feed_id = $1 and last_fetched_at is not null and not exists (select from glasnik.unrelated)',
        [feed_id],
      );
      return rowCount === 1;
    };
    await until(`feed ${feed_id} is settled`, isDone, { withinMs: 60_000 });
  }
  expect(await isSettled(db, stand)).toBe(true);
  await proveEqual(fleet, db, picture);
  expect(await readArrangement(db)).toEqual(arrangement);
});
