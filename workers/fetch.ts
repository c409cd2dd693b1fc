import { FeedError } from '../src/feed/entry.ts';
import type { FetchResult } from '../src/feed/fetch.ts';
import { readDocument } from '../src/feed/parse.ts';
import { READER_VERSION, type ReadDocument } from '../src/feed/read.ts';
import { encodeRhythm } from '../src/feed/rhythm.ts';
import { hostOf, siteOf } from '../src/item/site.ts';
import { announce, type Stored, storeArticles } from '../src/store/articles.ts';
import type { Queryable } from '../src/store/database.ts';
import type { Lease, LeasedFeed } from '../src/store/lease.ts';
import {
  type FetchRecord,
  holdHost,
  moveFeed,
  type Settled,
  settleDocument,
  settleFetches,
} from '../src/store/settle.ts';
import { TAGGER_VERSION } from '../src/tag/tagger.ts';
import { type Telling, tellArticles } from './articles.ts';
import type { House } from './house.ts';
import { type FetchHow, type Plan, planOf, type Reading } from './plan.ts';

/** What a fetch came to: the line of `fetch --json`. */
export type FetchLine = {
  readonly feed_id: number | null;
  readonly url: string;
  readonly outcome: 'fetched' | 'not-modified' | 'unchanged' | 'gone' | 'failed';
  readonly reason: string | null;
  readonly http_status: number | null;
  readonly entries: number;
  readonly new: number;
  readonly updated: number;
  readonly duplicate: number;
  readonly relevant: number;
  readonly bytes: number;
  readonly ms: number;
  readonly next_fetch_at: string | null;
};

/** A fetch that was stored: its line, and the items that it brought or changed. */
export type Fetched = {
  readonly line: FetchLine;
  readonly itemIds: readonly number[];
  readonly host: string;
  readonly pauseMs: number;
};

/**
 * One feed, start to stored. Null when the lease is no longer ours: another worker has the feed, and nothing was written.
 * @throws what the database throws; what the host does is a result
 */
export async function fetchFeed(house: Omit<House, 'queues'>, lease: Lease, how: FetchHow): Promise<Fetched | null> {
  const { client, desk } = house;
  const feed = await desk.begin(lease);
  if (!feed) return null;
  const answer = await client.fetch({
    url: feed.url,
    validators: how.force
      ? null
      : { etag: feed.etag, lastModified: feed.last_modified, url: feed.validators_url ?? feed.url },
    signal: how.signal,
  });
  const reading = await readAnswer(feed, answer, how);
  const outcome = await store(house, feed, answer, reading, how);
  if (outcome) logLine(house, feed, outcome.line);
  return outcome;
}

async function readAnswer(feed: LeasedFeed, answer: FetchResult, how: FetchHow): Promise<Reading> {
  if (answer.kind !== 'document') return { kind: 'none' };
  if (!how.force && answer.hash === feed.body_hash && feed.reader_version === READER_VERSION)
    return { kind: 'unchanged' };
  const known = how.force ? undefined : new Set(feed.entry_hashes.split(' ').filter(Boolean));
  try {
    const document = await readDocument(answer.bytes, {
      contentType: answer.contentType ?? undefined,
      url: answer.finalUrl,
      outletCountry: feed.outlet_country ?? undefined,
      now: feed.now,
      known,
    });
    return { kind: 'read', document };
  } catch (error) {
    if (error instanceof FeedError) return { kind: 'unreadable', reason: error.reason, detail: error.message };
    throw error;
  }
}

async function store(
  house: Omit<House, 'queues'>,
  feed: LeasedFeed,
  answer: FetchResult,
  reading: Reading,
  how: FetchHow,
): Promise<Fetched | null> {
  const { config, db, desk } = house;
  const document = reading.kind === 'read' ? reading.document : null;
  const oldest = config.itemMaxAgeDays ? new Date(feed.now.getTime() - config.itemMaxAgeDays * 86_400_000) : null;
  const telling = document ? await tellArticles(db, feed, document.feed.link, document.entries, oldest) : null;
  const told = telling?.told ?? [];
  const plan = planOf(config, feed, answer, reading, how);

  if (!document && !plan.move.moveTo && !plan.record.retryInS) {
    const settled = await desk.settle(plan.record);
    return settled && answerOf(feed, answer, plan.record, { stored: NOTHING, settled, url: feed.url }, null);
  }
  const done = await db
    .tx(async (tx) => {
      const stored = told.length
        ? await storeArticles(
            tx,
            {
              feedId: feed.feed_id,
              outlet: feed.outlet,
              outletCountry: feed.outlet_country,
              readerVersion: READER_VERSION,
              tagger: TAGGER_VERSION,
            },
            told,
          )
        : NOTHING;
      const [settled] = await settleFetches(tx, [{ ...plan.record, ...broughtBy(stored, told) }]);
      if (!settled) throw new LeaseLost();
      if (document) await settleRead(tx, feed, document, plan);
      if (plan.record.retryInS) await holdHost(tx, feed.host, feed.feed_id, plan.record.retryInS);
      const url = plan.move.moveTo ? await move(tx, feed, plan.move.moveTo) : feed.url;
      await announce(tx, [...stored.newIds, ...stored.updatedIds]);
      return { stored, settled, url };
    })
    .catch((error) => {
      if (error instanceof LeaseLost) return null;
      throw error;
    });
  if (!done) return null;
  return answerOf(feed, answer, { ...plan.record, ...broughtBy(done.stored, told) }, done, document);
}

/** What the document brought, in figures. */
const broughtBy = (stored: Stored, told: Telling['told']) => ({
  newItems: stored.newIds.length,
  updatedItems: stored.updatedIds.length,
  duplicateItems: stored.duplicates,
  relevantItems: told.filter((t) => t.itemId === null && t.tags?.relevant).length,
});

const NOTHING: Stored = { newIds: [], updatedIds: [], duplicates: 0 };

/** Somebody else has the feed: rolls the transaction back. */
class LeaseLost extends Error {}

async function settleRead(tx: Queryable, feed: LeasedFeed, document: ReadDocument, plan: Plan): Promise<void> {
  await settleDocument(tx, feed.feed_id, {
    entryHashes: [...document.seen, ...document.entries.map((e) => e.hash)],
    readerVersion: READER_VERSION,
    hints: document.feed.hints,
    rhythm: encodeRhythm(plan.rhythm!),
    entries: plan.entries ?? 0,
    title: document.feed.title,
    lang: document.feed.lang,
    newestEntryAt: plan.newestAt,
  });
}

async function move(tx: Queryable, feed: LeasedFeed, url: string): Promise<string> {
  const host = hostOf(url);
  const site = siteOf(url);
  if (!host || !site) return feed.url;
  // A feed that stood on its homepage's site (FeedBurner) goes on doing so.
  const keepsSite = siteOf(feed.url) !== feed.site;
  return (await moveFeed(tx, feed.feed_id, { url, host, site: keepsSite ? feed.site : site })).url;
}

function answerOf(
  feed: LeasedFeed,
  answer: FetchResult,
  record: FetchRecord,
  done: { stored: Stored; settled: Settled; url: string },
  document: ReadDocument | null,
): Fetched {
  const { stored, settled, url } = done;
  const line: FetchLine = {
    feed_id: feed.feed_id,
    url,
    outcome: record.outcome,
    reason: record.reason,
    http_status: answer.status,
    entries: document ? document.entries.length + document.seen.length : 0,
    new: record.newItems,
    updated: record.updatedItems,
    duplicate: record.duplicateItems,
    relevant: record.relevantItems,
    bytes: answer.wireBytes,
    ms: answer.ms,
    next_fetch_at: record.outcome === 'gone' ? null : settled.next_fetch_at.toISOString(),
  };
  return { line, itemIds: [...stored.newIds, ...stored.updatedIds], host: feed.host, pauseMs: record.pauseMs };
}

function logLine({ log }: Omit<House, 'queues'>, feed: LeasedFeed, line: FetchLine): void {
  const { outcome, reason, http_status: status, ms, new: fresh, relevant } = line;
  const fields = { feed: feed.feed_id, url: feed.url, outcome, status, ms, new: fresh, relevant };
  if (outcome === 'failed') log.warn({ ...fields, reason }, 'fetch');
  else log.info(fields, 'fetch');
}
