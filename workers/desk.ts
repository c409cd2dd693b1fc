import { hostOf, siteOf } from '../src/item/site.ts';
import { announce, type Stored, storeTellings, type Teller, type Told } from '../src/store/articles.ts';
import type { Database, Queryable } from '../src/store/database.ts';
import { findKnown, type Known, type Question } from '../src/store/known.ts';
import { type Beginning, beginFetches, type LeasedFeed } from '../src/store/lease.ts';
import { type FetchRecord, holdHost, moveFeed, settleFetches } from '../src/store/settle.ts';
import { inBatches } from './batches.ts';

/** The end of a fetch: what is to be written of it. */
export type Ending = {
  readonly feed: LeasedFeed;
  readonly record: FetchRecord;
  readonly teller: Teller;
  /** What of its document is to be stored. */
  readonly told: readonly Told[];
  /** The address that the feed moves to for good, or null. */
  readonly moveTo: string | null;
};

/** A fetch that was written. */
export type Ended = {
  /** With the figures of what came. */
  readonly record: FetchRecord;
  /** New and corrected ones. */
  readonly itemIds: readonly number[];
  readonly nextFetchAt: Date;
  /** The feed's address from now on. */
  readonly url: string;
};

/**
 * Where fetches begin and end. Writing to its server costs a process more than all else that a fetch does, so the desk takes
 * those that come within a few milliseconds together: a statement, or a transaction, for all.
 */
export type Desk = {
  /** Null when the lease is no longer ours. */
  begin(lease: Beginning): Promise<LeasedFeed | null>;
  /** What is stored of the candidates. */
  find(question: Question): Promise<readonly Known[]>;
  /** Null when the lease is no longer ours; then nothing was written. */
  end(ending: Ending): Promise<Ended | null>;
};

/**
 * How long the first of a batch waits for others, in milliseconds: a request has to wait for its beginning; its end makes only the
 * host's next feed wait, and that one rests anyway.
 */
const WAIT_MS = { begin: 4, end: 20 };

/** @param seconds how long a lease lasts from the beginning of its fetch */
export function openDesk(db: Database, seconds: number): Desk {
  const begin = inBatches<Beginning, LeasedFeed | null>({
    waitMs: WAIT_MS.begin,
    orderOf: (lease) => lease.feedId,
    keysOf: (lease) => [lease.feedId],
    async run(leases) {
      const begun = new Map((await beginFetches(db, leases, seconds)).map((feed) => [feed.feed_id, feed]));
      return leases.map((lease) => begun.get(lease.feedId) ?? null);
    },
  });
  const find = inBatches<Question, readonly Known[]>({
    waitMs: WAIT_MS.begin,
    orderOf: ({ feedId }) => feedId,
    keysOf: () => [],
    run: (questions) => findKnown(db, questions),
  });
  const settle = inBatches<Ending, Ended | null>({
    waitMs: WAIT_MS.end,
    orderOf: ({ record }) => record.feedId,
    keysOf: ({ record }) => [record.feedId],
    run: (endings) => settleAll(db, endings),
  });
  // Two feeds that tell of one article are stored one after the other: who tells it is judged by what is there.
  const store = inBatches<Ending, Ended | null>({
    waitMs: WAIT_MS.end,
    orderOf: ({ record }) => record.feedId,
    keysOf: ({ record, told }) => [record.feedId, ...told.flatMap(keysOfTold)],
    sizeOf: ({ told }) => told.length,
    run: (endings) => storeAll(db, endings),
  });
  return {
    begin,
    find,
    end: (ending) => (ending.told.length || needsMore(ending) ? store(ending) : settle(ending)),
  };
}

const keysOfTold = ({ keys, itemId }: Told) => (itemId === null ? keys : [...keys, `item ${itemId}`]);

const needsMore = ({ record, moveTo }: Ending): boolean => moveTo !== null || record.retryInS !== null;

/** Ends fetches that brought nothing: one statement. */
async function settleAll(db: Queryable, endings: readonly Ending[]): Promise<(Ended | null)[]> {
  const settled = await settleFetches(
    db,
    endings.map(({ record }) => record),
  );
  const nextOf = new Map(settled.map((s) => [s.feed_id, s.next_fetch_at]));
  return endings.map(({ feed, record }) => {
    const nextFetchAt = nextOf.get(record.feedId);
    return nextFetchAt ? { record, itemIds: [], nextFetchAt, url: feed.url } : null;
  });
}

/** Ends fetches in one transaction. Where a lease went to somebody else meanwhile, what its feed told is not written either. */
async function storeAll(db: Database, endings: readonly Ending[]): Promise<(Ended | null)[]> {
  try {
    return await db.tx(async (tx) => {
      const stored = await storeTellings(tx, endings);
      const ended = await settleAll(
        tx,
        endings.map((ending, i) => ({
          ...ending,
          record: { ...ending.record, ...broughtBy(stored[i]!, ending.told) },
        })),
      );
      if (ended.includes(null)) throw new LeaseLost();
      const urls: string[] = [];
      for (const ending of endings) urls.push(await holdAndMove(tx, ending));
      const idsOf = ({ newIds, updatedIds }: Stored) => [...newIds, ...updatedIds];
      await announce(tx, stored.flatMap(idsOf));
      return ended.map((one, i) => ({ ...one!, itemIds: idsOf(stored[i]!), url: urls[i]! }));
    });
  } catch (error) {
    if (!(error instanceof LeaseLost)) throw error;
    if (endings.length === 1) return [null];
    const apart: (Ended | null)[] = [];
    for (const ending of endings) apart.push(...(await storeAll(db, [ending])));
    return apart;
  }
}

/** Somebody else has a feed: rolls the transaction back. */
class LeaseLost extends Error {}

/** What the document brought, in figures. */
const broughtBy = (stored: Stored, told: readonly Told[]) => ({
  newItems: stored.newIds.length,
  updatedItems: stored.updatedIds.length,
  duplicateItems: stored.duplicates,
  relevantItems: told.filter((t) => t.itemId === null && t.tags?.relevant).length,
});

/** What only few answers bring: a Retry-After, and a move for good. Returns the feed's address. */
async function holdAndMove(tx: Queryable, { feed, record, moveTo }: Ending): Promise<string> {
  if (record.retryInS) await holdHost(tx, feed.host, feed.feed_id, record.retryInS);
  if (moveTo === null) return feed.url;
  const host = hostOf(moveTo);
  const site = siteOf(moveTo);
  if (!host || !site) return feed.url;
  // A feed that stood on its homepage's site (FeedBurner) goes on doing so.
  const keepsSite = siteOf(feed.url) !== feed.site;
  return (await moveFeed(tx, feed.feed_id, { url: moveTo, host, site: keepsSite ? feed.site : site })).url;
}
