import type { Database } from '../src/store/database.ts';
import { beginFetches, type Lease, type LeasedFeed } from '../src/store/lease.ts';
import { type FetchRecord, type Settled, settleFetches } from '../src/store/settle.ts';

/**
 * Where fetches begin and end. Most of them bring nothing new, and would cost a process two statements each; the desk takes those
 * that come within a few milliseconds together, a statement for all.
 */
export type Desk = {
  /** Null when the lease is no longer ours. */
  begin(lease: Lease): Promise<LeasedFeed | null>;
  /** Ends a fetch that has nothing else to write. Null when the lease is no longer ours. */
  settle(record: FetchRecord): Promise<Settled | null>;
};

/** @param seconds how long a lease lasts from the beginning of its fetch */
export function openDesk(db: Database, seconds: number): Desk {
  const begin = inBatches<Lease, LeasedFeed>(
    (leases) => beginFetches(db, leases, seconds),
    (lease) => lease.feedId,
    (feed) => feed.feed_id,
  );
  const settle = inBatches<FetchRecord, Settled>(
    (records) => settleFetches(db, records),
    (record) => record.feedId,
    (settled) => settled.feed_id,
  );
  return { begin, settle };
}

/** How long the first of a batch waits for others: nothing beside what a request takes. */
const WAIT_MS = 4;

/** Calls that come close together become one call of `run`. Two calls for one feed go into two batches. */
function inBatches<T, R>(
  run: (items: readonly T[]) => Promise<readonly R[]>,
  feedOf: (item: T) => number,
  feedOfAnswer: (answer: R) => number,
): (item: T) => Promise<R | null> {
  type Waiting = {
    readonly item: T;
    readonly resolve: (answer: R | null) => void;
    readonly reject: (error: unknown) => void;
  };
  let waiting = new Map<number, Waiting>();
  const flush = async (batch: ReadonlyMap<number, Waiting>): Promise<void> => {
    try {
      // In order of feed, so that two processes that end fetches at once lock rows in the same order.
      const ordered = [...batch.values()].sort((a, b) => feedOf(a.item) - feedOf(b.item));
      const answers = new Map((await run(ordered.map((w) => w.item))).map((answer) => [feedOfAnswer(answer), answer]));
      for (const [feed, { resolve }] of batch) resolve(answers.get(feed) ?? null);
    } catch (error) {
      for (const { reject } of batch.values()) reject(error);
    }
  };
  return (item) =>
    new Promise((resolve, reject) => {
      if (waiting.has(feedOf(item))) {
        const full = waiting;
        waiting = new Map();
        void flush(full);
      }
      const batch = waiting;
      if (batch.size === 0)
        setTimeout(() => {
          if (batch !== waiting) return;
          waiting = new Map();
          void flush(batch);
        }, WAIT_MS);
      batch.set(feedOf(item), { item, resolve, reject });
    });
}
