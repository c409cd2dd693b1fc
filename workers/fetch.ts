import { hostPauseMs } from '../src/feed/courtesy.ts';
import { FeedError } from '../src/feed/entry.ts';
import type { FetchResult } from '../src/feed/fetch.ts';
import { type FeedHealth, judgeHealth } from '../src/feed/health.ts';
import { judgeMove, type MoveJudgement } from '../src/feed/moves.ts';
import { readDocument } from '../src/feed/parse.ts';
import { READER_VERSION, type ReadDocument } from '../src/feed/read.ts';
import { decodeRhythm, encodeRhythm, type Rhythm, withPublished } from '../src/feed/rhythm.ts';
import { nextFetchAt } from '../src/feed/schedule.ts';
import { hostOf, siteOf } from '../src/item/site.ts';
import { announce, type Stored, storeArticles } from '../src/store/articles.ts';
import type { Queryable } from '../src/store/database.ts';
import { beginFetches, type Lease, type LeasedFeed, leaseSeconds } from '../src/store/lease.ts';
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

export type FetchHow = {
  /** A person asked for it: a permanent move counts at once. */
  readonly byHand: boolean;
  /** Sets validators and hashes aside. */
  readonly force: boolean;
  readonly signal?: AbortSignal | undefined;
};

/**
 * One feed, start to stored. Null when the lease is no longer ours: another worker has the feed, and nothing was written.
 * @throws what the database throws; what the host does is a result
 */
export async function fetchFeed(house: Omit<House, 'queues'>, lease: Lease, how: FetchHow): Promise<Fetched | null> {
  const { config, db, client } = house;
  const [feed] = await beginFetches(db, [lease], leaseSeconds(config.fetchTimeoutMs));
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

/** What the answer says once its document is read. */
type Reading =
  | { readonly kind: 'unchanged' }
  | { readonly kind: 'read'; readonly document: ReadDocument }
  | { readonly kind: 'unreadable'; readonly reason: 'not-a-feed' | 'unreadable'; readonly detail: string }
  | { readonly kind: 'none' };

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
  const { config, db } = house;
  const document = reading.kind === 'read' ? reading.document : null;
  const oldest = config.itemMaxAgeDays ? new Date(feed.now.getTime() - config.itemMaxAgeDays * 86_400_000) : null;
  const telling = document ? await tellArticles(db, feed, document.feed.link, document.entries, oldest) : null;
  const told = telling?.told ?? [];
  const plan = planOf(house, feed, answer, reading, how);

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

type Plan = {
  readonly record: FetchRecord;
  readonly move: MoveJudgement;
  readonly rhythm: Rhythm | null;
  readonly newestAt: Date | null;
};

/** What the fetch leaves on its feed's row: every decision here is a pure function of feed/. */
function planOf(
  house: Omit<House, 'queues'>,
  feed: LeasedFeed,
  answer: FetchResult,
  reading: Reading,
  how: FetchHow,
): Plan {
  const { config } = house;
  const now = feed.now;
  const outcome = outcomeOf(answer, reading);
  const good = outcome !== 'failed' && outcome !== 'gone';
  const failure = failureOf(answer, reading);
  const before = decodeRhythm(feed.rhythm);
  const document = reading.kind === 'read' ? reading.document : null;
  const dates = document?.entries.map(({ entry }) => (entry.publishedAt ? Date.parse(entry.publishedAt) : null)) ?? [];
  const rhythm = document ? withPublished(before, dates, now.getTime()) : before;
  const newest = Math.max(
    ...dates.map((d) => Math.min(d ?? now.getTime(), now.getTime())),
    feed.newest_entry_at?.getTime() ?? 0,
  );
  const newestAt = newest > 0 ? new Date(newest) : null;
  const entries = document ? document.entries.length + document.seen.length : feed.entries;
  const failures = good ? 0 : feed.failures + 1;
  const health = good
    ? judgeHealth({ isHtml: false, entries, newestAt, rhythm: before, now })
    : judgeHealth({
        isHtml: reading.kind === 'unreadable' && isHtml(answer),
        entries: null,
        newestAt: null,
        rhythm: null,
        now,
      });
  const retryAfterS = answer.kind === 'failed' ? answer.retryAfterS : null;
  const next = nextFetchAt({
    nowMs: now.getTime(),
    rhythm,
    last: { outcome, reason: failure?.reason ?? null, retryAfterS },
    freshnessS: 'freshnessS' in answer ? answer.freshnessS : null,
    hints: document?.feed.hints ?? feed.hints,
    failures,
    entries,
    bounds: { minS: config.fetchMinIntervalS, maxS: config.fetchMaxIntervalS },
    seed: feed.feed_id,
  });
  const evidence = feed.move_url
    ? { url: feed.move_url, firstSeen: feed.move_since ?? now, answers: feed.move_answers }
    : null;
  const permanentUrl = good && 'permanentUrl' in answer ? answer.permanentUrl : null;
  const move = good ? judgeMove(evidence, { permanentUrl, now, byHand: how.byHand }) : { moveTo: null, evidence };
  // Validators of a document that could not be read are not kept: the next answer must be a whole one.
  const validators = good && 'validators' in answer ? answer.validators : null;
  const record: FetchRecord = {
    feedId: feed.feed_id,
    asked: feed.asked,
    outcome,
    reason: failure?.reason ?? null,
    error: failure?.detail ?? healthSays(health),
    status: answer.status,
    ms: answer.ms,
    bytes: answer.wireBytes,
    newItems: 0,
    updatedItems: 0,
    duplicateItems: 0,
    relevantItems: 0,
    state: outcome === 'gone' ? 'gone' : good ? 'active' : feed.state === 'gone' ? 'gone' : 'failing',
    health: health.state === 'ok' ? null : health.state,
    failures,
    nextInS: next.intervalS,
    why: next.why,
    retryInS: next.heldUntil ? (next.heldUntil.getTime() - now.getTime()) / 1000 : null,
    pauseMs: hostPauseMs(answer.ms),
    etag: validators?.etag ?? null,
    lastModified: validators?.lastModified ?? null,
    validatorsUrl: validators?.url ?? null,
    bodyHash: answer.kind === 'document' && good ? answer.hash : answer.kind === 'not-modified' ? feed.body_hash : null,
    moveUrl: move.evidence?.url ?? null,
    moveAnswers: move.evidence?.answers ?? 0,
    moveBegins: move.evidence !== null && move.evidence.firstSeen === now,
  };
  return { record, move, rhythm, newestAt };
}

function outcomeOf(answer: FetchResult, reading: Reading): FetchLine['outcome'] {
  if (answer.kind !== 'document') return answer.kind;
  if (reading.kind === 'unreadable') return 'failed';
  return reading.kind === 'unchanged' ? 'unchanged' : 'fetched';
}

function failureOf(answer: FetchResult, reading: Reading): { reason: string | null; detail: string } | null {
  if (answer.kind === 'failed') return { reason: answer.reason, detail: answer.detail };
  if (answer.kind === 'gone') return { reason: null, detail: answer.detail };
  if (reading.kind === 'unreadable') return { reason: reading.reason, detail: reading.detail };
  return null;
}

const healthSays = ({ says }: FeedHealth): string | null => says;

const isHtml = (answer: FetchResult): boolean =>
  answer.kind === 'document' &&
  (/html/i.test(answer.contentType ?? '') ||
    /<html[\s>]/i.test(new TextDecoder('latin1').decode(answer.bytes.subarray(0, 1024))));

async function settleRead(tx: Queryable, feed: LeasedFeed, document: ReadDocument, plan: Plan): Promise<void> {
  await settleDocument(tx, feed.feed_id, {
    entryHashes: [...document.seen, ...document.entries.map((e) => e.hash)],
    readerVersion: READER_VERSION,
    hints: document.feed.hints,
    rhythm: encodeRhythm(plan.rhythm!),
    entries: document.entries.length + document.seen.length,
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
