import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { JOB_VERSION } from '../../src/queue/jobs.ts';
import type { FetchLine } from '../../workers/fetch.ts';
import { fetchByHand } from '../../workers/manual.ts';
import { brokenInvariants } from '../faults/equal.ts';
import { emptyDatabase } from '../support/database.ts';
import { addFeed } from '../support/house.ts';
import { type Newsstand, startNewsstand } from '../support/newsstand.ts';
import { until } from '../support/redis.ts';
import { backends, useInstallation } from './backends.ts';

// Real servers on a machine that may be busy; alone on two cores each test takes a few seconds.
vi.setConfig({ testTimeout: 90_000 });

for (const backend of backends)
  describe.skipIf(backend.missing)(`${backend.name}${backend.missing ? ` (${backend.missing})` : ''}`, () => {
    const installation = useInstallation(backend);
    let stand: Newsstand;
    beforeAll(async () => {
      stand = await startNewsstand({ feeds: 6, hosts: 2, items: 6 });
    });
    beforeEach(async () => {
      await emptyDatabase(installation().db);
      stand.setStage(0);
    });
    afterAll(() => stand.close());

    const addAll = async (): Promise<number[]> => {
      const ids: number[] = [];
      for (const feed of stand.feeds) ids.push(await addFeed(installation().db, feed));
      return ids;
    };
    const stored = async (): Promise<Set<string>> => {
      const { rows } = await installation().db.query<{ url: string }>('select url from wire.items');
      return new Set(rows.map((row) => row.url));
    };
    const count = async (sql: string): Promise<number> => {
      const { rows } = await installation().db.query<{ n: number }>(`select count(*) as n from ${sql}`);
      return rows[0]!.n;
    };
    const isSettled = async () =>
      (await stored()).size === stand.truth().size &&
      (await count('glasnik.unrelated')) === 0 &&
      (await count('glasnik.feeds where leased_at is not null')) === 0;

    test('a due feed is swept, fetched and related without anybody asking, and again when it has more', async () => {
      const member = await installation().join();
      await addAll();
      await until('all is stored and related', isSettled, { withinMs: 40_000 });
      expect(await stored()).toEqual(stand.truth());
      stand.setStage(1);
      await until('what is new is stored and related', isSettled, { withinMs: 40_000 });
      expect(await count('wire.read_next')).toBeGreaterThan(0);
      await member.leave();
      expect(await brokenInvariants(installation().db)).toEqual([]);
    });

    test.skipIf(backend.short)(
      'three processes ask a host for one feed at a time, and relate one batch at a time',
      async () => {
        stand.latency = (n) => (n * 7) % 23;
        const members = [];
        for (let n = 0; n < 3; n++) members.push(await installation().join());
        const before = stand.requests();
        const relating = watchRelating(installation().db);
        await addAll();
        for (let stage = 1; stage <= 2; stage++) {
          await until(`stage ${stage}`, isSettled, { withinMs: 40_000 });
          stand.setStage(stage);
        }
        await until('all is stored and related', isSettled, { withinMs: 40_000 });
        for (const member of members) await member.leave();
        expect(stand.requests() - before).toBeGreaterThan(6);
        expect(stand.overlaps()).toEqual([]);
        expect(await relating.most()).toBeLessThanOrEqual(1);
        expect(await brokenInvariants(installation().db)).toEqual([]);
        stand.latency = () => 0;
      },
    );

    test('a job of an unknown version is put back, and one that nobody can read is dropped', async () => {
      const member = await installation().join({ queues: ['relate'] });
      const { relate } = member.house.queues;
      await relate.add('relate', { v: JOB_VERSION + 1, batch: 'unrelated', asked: 'later' });
      await relate.add('relate', { nonsense: true });
      await until(
        'both were looked at',
        async () => (await relate.getDelayedCount()) === 1 && (await relate.getWaitingCount()) === 0,
      );
      const [put] = await relate.getDelayed();
      expect(put!.data).toEqual({ v: JOB_VERSION + 1, batch: 'unrelated', asked: 'later' });
      expect(await relate.getFailedCount()).toBe(0);
      await put!.remove();
      await member.leave();
    });

    test('a fetch by hand that was asked for while a worker fetches the feed counts only its own answer', async () => {
      const [feed] = await addAll();
      const hold = stand.hold(0);
      const worker = await installation().join();
      await hold.asked; // the worker's request is at the origin, whose answer will be that of stage 0
      const byHand = await installation().join({ queues: [] });
      const lines: FetchLine[] = [];
      const asked = fetchByHand(byHand.house, byHand.backend, {
        feedIds: [feed!],
        force: false,
        settle: true,
        stop: new AbortController().signal,
        onLine: (line) => void lines.push(line),
      });
      const requests = stand.requests();
      hold.letGo();
      await asked;
      expect(stand.requests() - requests).toBeGreaterThanOrEqual(2);
      expect(lines.map((line) => line.feed_id)).toEqual([feed]);
      expect(stand.overlaps()).toEqual([]);
      await byHand.leave();
      await worker.leave();
    });

    test.skipIf(backend.short)(
      'jobs that their server lost come back by themselves, and so does the schedule',
      async () => {
        const member = await installation().join({ queues: ['sweep'] });
        const { fetch, sweep } = member.house.queues;
        const feedsThatWait = async () =>
          (await fetch.getWaiting()).reduce((feeds, job) => feeds + (job?.data.leases.length ?? 0), 0);
        await fetch.drain(); // what earlier tests left
        await addAll();
        await until('feeds of both hosts wait to be fetched', async () => (await feedsThatWait()) === 2);
        await installation().loseJobs();
        await fetch.drain(); // on PostgreSQL that is all that can be lost
        await sweep.removeJobScheduler('sweep');
        await until('the jobs are there again', async () => (await feedsThatWait()) === 2, {
          withinMs: 18_000,
        });
        const worker = await installation().join();
        await until('all is stored and related', isSettled, { withinMs: 18_000 });
        await worker.leave();
        await member.leave();
      },
    );
  });

/** Watches how many transactions hold the lock of relating at once. */
function watchRelating(db: { query(sql: string): Promise<{ rows: { n: number }[] }> }) {
  let most = 0;
  let looking = true;
  const look = async (): Promise<void> => {
    while (looking) {
      const { rows } = await db.query(
        `select count(*)::int as n from pg_locks
          where locktype = 'advisory' and granted and objid = (hashtext('glasnik.relate')::bigint & 4294967295)::oid
            and database = (select oid from pg_database where datname = current_database())`,
      );
      most = Math.max(most, rows[0]!.n);
    }
  };
  const looked = look();
  return {
    async most() {
      looking = false;
      await looked;
      return most;
    },
  };
}
