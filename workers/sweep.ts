import { FEEDS_A_JOB, fetchJobs, JOB_VERSION } from '../src/queue/jobs.ts';
import type { Queues } from '../src/queue/queues.ts';
import type { Database } from '../src/store/database.ts';
import { giveBack, type Lease, leaseDue, unbegunLeases } from '../src/store/lease.ts';
import { claimDailyPrune, prune } from '../src/store/prune.ts';
import { isUnrelated } from '../src/store/relate.ts';
import type { House } from './house.ts';

/** A lease waits this long in the queue before the feed may be leased again. */
export const QUEUED_LEASE_S = 120;
/** A job that nobody began for so long is asked for again: its server may have lost it. Longer while others wait before it. */
const UNBEGUN_S = { idle: 5, busy: 30 };

/**
 * One tick: jobs for feeds that are due, jobs again for leases that nobody began, a relate job while the outbox is not empty, and
 * once a day retention.
 */
export async function sweep(house: House): Promise<{ leased: number }> {
  const { config, db, queues, log } = house;
  const isIdle = (await queues.fetch.getWaitingCount()) === 0;
  const lost = await unbegunLeases(db, isIdle ? UNBEGUN_S.idle : UNBEGUN_S.busy);
  const leased = await leaseMore(house);
  // Each by itself: with the same id as the last time, whichever others were lost along with it.
  if (lost.length) await queues.fetch.addBulk(fetchJobs(lost, 1));
  if (await isUnrelated(db)) await enqueueRelate(queues);
  if (await claimDailyPrune(db)) {
    const went = await prune(db, { days: config.retentionDays, otherDays: config.retentionOtherDays });
    log.info(went, 'retention applied');
  }
  return { leased };
}

/**
 * Leases feeds that are due and queues them, no more than the workers get through while the leases last: three rounds of one
 * process may wait. Returns how many.
 */
export async function leaseMore({ config, db, queues }: House): Promise<number> {
  const room = 3 * config.fetchConcurrency - FEEDS_A_JOB * (await queues.fetch.getWaitingCount());
  if (room <= 0) return 0;
  const leases = await leaseDue(db, { limit: room, seconds: QUEUED_LEASE_S });
  await enqueueFetches(db, queues, leases);
  return leases.length;
}

/** Puts leased feeds into the queue; gives the leases back where that fails, so that the feeds stay due. */
async function enqueueFetches(db: Database, queues: Pick<Queues, 'fetch'>, leases: readonly Lease[]): Promise<void> {
  if (!leases.length) return;
  try {
    await queues.fetch.addBulk(fetchJobs(leases));
  } catch (error) {
    await giveBack(db, leases);
    throw error;
  }
}

/** Fetches that bring something come in swarms; one asking serves all of a tenth of a second. */
const ASK_MS = 100;

/** Asks for the outbox to be related, soon. Nobody hears of a failure: the sweep asks as well. */
export function openRelateAsker(queues: Pick<Queues, 'relate'>): () => void {
  let isAsking = false;
  const ask = (): void => {
    isAsking = false;
    void enqueueRelate(queues).catch(() => {});
  };
  return () => {
    if (isAsking) return;
    isAsking = true;
    setTimeout(ask, ASK_MS).unref();
  };
}

/** Asks for the outbox to be related; asking while such a job waits already changes nothing. */
async function enqueueRelate(queues: Pick<Queues, 'relate'>): Promise<void> {
  await queues.relate.add(
    'relate',
    { v: JOB_VERSION, batch: 'unrelated', asked: new Date().toISOString() },
    { deduplication: { id: 'relate', ttl: 250 } },
  );
}
