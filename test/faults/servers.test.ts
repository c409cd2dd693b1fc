import { describe, expect, test } from 'vitest';
import { until } from '../support/redis.ts';
import { settled } from './fleet.ts';
import { proveEqual, STAGES, useWorld } from './world.ts';

describe('PostgreSQL', () => {
  const world = useWorld();

  test('stopped in the middle of a transaction leaves nothing half done, and workers go on when it is back', async () => {
    const { stand, server, expected } = world();
    const { db, fleet } = await world().begin();
    await Promise.all([fleet.start(), fleet.start()]);
    await settled(db, stand);
    stand.setStage(1);
    // A fetch that has written its items and waits at the table of feeds' items is in the middle of its transaction.
    const gate = await db.session('gate');
    await gate.query('begin');
    await gate.query('lock table glasnik.item_feeds in exclusive mode');
    await until('a fetch waits in its transaction', async () => {
      const { rows } = await gate.query(
        `select 1 from pg_locks where relation = 'glasnik.item_feeds'::regclass and not granted`,
      );
      return rows.length > 0;
    });
    await server.stop('SIGQUIT');
    await gate.end().catch(() => {});
    stand.setStage(2);
    await server.start();
    await settled(db, stand, 90_000);
    stand.setStage(STAGES);
    await settled(db, stand, 90_000);
    expect(fleet.workers.map((worker) => worker.child.exitCode)).toEqual([null, null]);
    await proveEqual(fleet, db, expected);
  });

  test('killed under load comes back by itself to the same workers', async () => {
    const { stand, server, expected } = world();
    const { db, fleet } = await world().begin();
    await Promise.all([fleet.start(), fleet.start()]);
    for (let stage = 1; stage <= STAGES; stage++) {
      stand.setStage(stage);
      const before = stand.requests();
      await until('somebody asks', () => stand.requests() > before, { everyMs: 5, withinMs: 30_000 });
      await server.stop('SIGKILL');
      await server.start();
    }
    await settled(db, stand, 90_000);
    expect(fleet.workers.map((worker) => worker.child.exitCode)).toEqual([null, null]);
    await proveEqual(fleet, db, expected);
  });
});

describe('the one worker that relates', () => {
  const world = useWorld();

  test('stands still: another relates within 15 s, and the first, woken, writes nothing', async () => {
    const { stand, expected } = world();
    const { db, fleet } = await world().begin();
    await Promise.all([fleet.start(), fleet.start()]);
    await settled(db, stand);
    // Relating waits at the table of lists, with its lock held and its stories written.
    const gate = await db.session('gate');
    await gate.query('begin');
    await gate.query('lock table glasnik.read_next in exclusive mode');
    stand.setStage(STAGES);
    let pid = 0;
    await until('a batch waits in its transaction', async () => {
      const { rows } = await gate.query<{ name: string }>(
        `select a.application_name as name from pg_locks l join pg_stat_activity a using (pid)
          where l.relation = 'glasnik.read_next'::regclass and not l.granted and a.application_name like 'glasnik %'`,
      );
      pid = Number(/^glasnik (\d+)/.exec(rows[0]?.name ?? '')?.[1] ?? 0);
      return fleet.workers.some((worker) => worker.pid === pid);
    });
    const still = fleet.workers.find((worker) => worker.pid === pid)!;
    still.kill('SIGSTOP');
    await gate.query('commit');
    await gate.end();
    const empty = async () => (await db.query('select from glasnik.unrelated limit 1')).rowCount === 0;
    expect(await until('another has related everything', empty, { withinMs: 30_000 })).toBeLessThan(15_000);
    const lists = async () =>
      (
        await db.query(`select md5(string_agg(n::text, ',' order by item_id, story_id)) as lists,
                               (select max(seq) from glasnik.changes) as seq from glasnik.read_next n`)
      ).rows[0];
    const before = await lists();
    still.kill('SIGCONT');
    await still.until((line) => /connection.* was lost/.test(line.msg ?? ''));
    expect(await lists()).toEqual(before);
    await settled(db, stand, 90_000);
    await proveEqual(fleet, db, expected);
  });
});
