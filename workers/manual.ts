import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Job } from 'bullmq';
import pLimit from 'p-limit';
import type { QueueBackend } from '../src/queue/backend.ts';
import { FEEDS_A_JOB, fetchJobs, readFetchJob } from '../src/queue/jobs.ts';
import { attend, openQueue } from '../src/queue/queues.ts';
import { heldBackFeeds } from '../src/store/held.ts';
import { giveBack, type Lease, leaseNamed, leaseSeconds } from '../src/store/lease.ts';
import { isUnrelated } from '../src/store/relate.ts';
import { type FetchLine, fetchFeed } from './fetch.ts';
import { letHeapGrow } from './heap.ts';
import type { House } from './house.ts';
import { relate } from './relate.ts';

export type ManualFetch = {
  readonly feedIds: readonly number[];
  readonly force: boolean;
  /** Wait until the items that it brought have their stories and lists. */
  readonly settle: boolean;
  readonly stop: AbortSignal;
  /** Called once a feed, as soon as it is done. */
  readonly onLine: (line: FetchLine) => void | Promise<void>;
};

/**
 * Fetches feeds by hand: through a queue of its own on the same backend, served by this process with its own settings, and gone
 * when it ends. Leases and host gates are everyone's: a feed that somebody fetches at this moment is waited for and then fetched
 * again, since an answer that began before the asking does not count.
 */
export async function fetchByHand(
  house: Omit<House, 'queues'>,
  backend: QueueBackend,
  asked: ManualFetch,
): Promise<void> {
  letHeapGrow();
  const queue = await openQueue(backend, `manual-${randomUUID()}`);
  const waiting = new Set(asked.feedIds);
  const underWay = new Map<number, Lease>();
  const itemIds: number[] = [];
  let wake = () => {};
  let broken: unknown;
  const atOnce = pLimit(house.config.fetchConcurrency);
  const fetchOne = async (job: Job, lease: Lease): Promise<void> => {
    try {
      const how = { job: job.id!, byHand: true, force: asked.force, signal: asked.stop };
      const fetched = await fetchFeed(house, lease, how);
      if (fetched) {
        itemIds.push(...fetched.itemIds);
        await asked.onLine(fetched.line);
      } else waiting.add(lease.feedId); // somebody else took it over: ask again
      underWay.delete(lease.feedId);
    } catch (error) {
      if (job.attemptsMade + 1 >= (job.opts.attempts ?? 1)) {
        broken ??= error;
        underWay.delete(lease.feedId);
      }
      throw error;
    } finally {
      wake();
    }
  };
  const attendant = await attend({
    backend,
    queue,
    log: house.log,
    concurrency: Math.ceil((2 * house.config.fetchConcurrency) / FEEDS_A_JOB),
    processor: async (job) => {
      const read = readFetchJob(job.data);
      if (read.kind !== 'job') return;
      // Those that ended in an earlier attempt are done.
      const left = read.job.leases.filter(({ feedId }) => underWay.has(feedId));
      const fetches = left.map((lease) => atOnce(() => fetchOne(job, lease)));
      const failed = (await Promise.allSettled(fetches)).find((result) => result.status === 'rejected');
      if (failed) throw failed.reason;
    },
  });
  try {
    while ((waiting.size || underWay.size) && !asked.stop.aborted) {
      if (broken) throw broken;
      const woken = new Promise<void>((resolve) => {
        wake = resolve;
      });
      const pauseMs = await leaseMore(house, queue, waiting, underWay, asked);
      await Promise.race([woken, delay(pauseMs, undefined, { ref: true })]);
    }
    asked.stop.throwIfAborted();
    if (asked.settle) await settle(house, itemIds, asked.stop);
  } finally {
    await attendant.close(2000);
    await giveBack(house.db, [...underWay.values()]).catch(() => {});
    await queue.obliterate({ force: true }).catch(() => {});
    await queue.close().catch(() => {});
  }
}

/** Leases what can be leased and queues it; returns for how long it is not worth asking again. */
async function leaseMore(
  house: Omit<House, 'queues'>,
  queue: Awaited<ReturnType<typeof openQueue>>,
  waiting: Set<number>,
  underWay: Map<number, Lease>,
  asked: ManualFetch,
): Promise<number> {
  const room = 2 * house.config.fetchConcurrency - underWay.size;
  if (!waiting.size || room <= 0) return 1000;
  const answers = await leaseNamed(house.db, {
    feedIds: [...waiting],
    seconds: leaseSeconds(house.config.fetchTimeoutMs),
    force: asked.force,
    most: room,
  });
  const known = new Set(answers.map((a) => a.feedId));
  for (const feedId of waiting) if (!known.has(feedId)) waiting.delete(feedId); // removed meanwhile
  const leases = answers.flatMap((a) => (a.asked ? [{ feedId: a.feedId, asked: a.asked }] : []));
  for (const lease of leases) {
    waiting.delete(lease.feedId);
    underWay.set(lease.feedId, lease);
  }
  if (leases.length) await queue.addBulk(fetchJobs(leases));
  const held = answers.filter((a) => a.heldBack).map((a) => a.feedId);
  for (const line of await heldBackFeeds(house.db, held)) {
    waiting.delete(line.feed_id!);
    await asked.onLine(line);
  }
  if (!waiting.size) return 1000;
  return Math.min(1000, ...answers.flatMap((a) => (a.waitMs === null ? [] : [a.waitMs])));
}

/** Relates here, or waits for whoever does, until none of the items is left in the outbox. */
async function settle(house: Omit<House, 'queues'>, itemIds: readonly number[], stop: AbortSignal): Promise<void> {
  while (itemIds.length && (await isUnrelated(house.db, itemIds))) {
    stop.throwIfAborted();
    const { elsewhere } = await relate(house.db, stop);
    if (elsewhere) await delay(50);
  }
}
