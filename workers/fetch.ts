import { FeedError } from '../src/feed/entry.ts';
import type { FetchResult } from '../src/feed/fetch.ts';
import { readDocument } from '../src/feed/parse.ts';
import { READER_VERSION, type ReadDocument } from '../src/feed/read.ts';
import type { Teller } from '../src/store/articles.ts';
import type { Lease, LeasedFeed } from '../src/store/lease.ts';
import { TAGGER_VERSION } from '../src/tag/tagger.ts';
import { tellArticles } from './articles.ts';
import type { Ended } from './desk.ts';
import type { House } from './house.ts';
import { type FetchHow, planOf, type Reading } from './plan.ts';

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
  const feed = await desk.begin({ ...lease, job: how.job });
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
  const { config, desk } = house;
  const document = reading.kind === 'read' ? reading.document : null;
  const oldest = config.itemMaxAgeDays ? new Date(feed.now.getTime() - config.itemMaxAgeDays * 86_400_000) : null;
  const told = document ? (await tellArticles(desk, feed, document.feed.link, document.entries, oldest)).told : [];
  const { record, move } = planOf(config, feed, answer, reading, how);
  const ended = await desk.end({ feed, record, told, teller: tellerOf(feed), moveTo: move.moveTo });
  return ended && answerOf(feed, answer, ended, document);
}

const tellerOf = (feed: LeasedFeed): Teller => ({
  feedId: feed.feed_id,
  outlet: feed.outlet,
  outletCountry: feed.outlet_country,
  readerVersion: READER_VERSION,
  tagger: TAGGER_VERSION,
});

function answerOf(
  feed: LeasedFeed,
  answer: FetchResult,
  { record, itemIds, nextFetchAt, url }: Ended,
  document: ReadDocument | null,
): Fetched {
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
    next_fetch_at: record.outcome === 'gone' ? null : nextFetchAt.toISOString(),
  };
  return { line, itemIds, host: feed.host, pauseMs: record.pauseMs };
}

function logLine({ log }: Omit<House, 'queues'>, feed: LeasedFeed, line: FetchLine): void {
  const { outcome, reason, http_status: status, ms, new: fresh, relevant } = line;
  const fields = { feed: feed.feed_id, url: feed.url, outcome, status, ms, new: fresh, relevant };
  if (outcome === 'failed') log.warn({ ...fields, reason }, 'fetch');
  else log.info(fields, 'fetch');
}
