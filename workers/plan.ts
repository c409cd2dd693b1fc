import type { Config } from '../src/config.ts';
import { hostPauseMs } from '../src/feed/courtesy.ts';
import type { FetchResult } from '../src/feed/fetch.ts';
import { type FeedHealth, judgeHealth } from '../src/feed/health.ts';
import { judgeMove, type MoveJudgement } from '../src/feed/moves.ts';
import { READER_VERSION, type ReadDocument } from '../src/feed/read.ts';
import { decodeRhythm, encodeRhythm, type Rhythm, withPublished } from '../src/feed/rhythm.ts';
import { nextFetchAt } from '../src/feed/schedule.ts';
import type { LeasedFeed } from '../src/store/lease.ts';
import type { DocumentRecord, FetchRecord } from '../src/store/settle.ts';

export type FetchHow = {
  /** Who fetches: the id of the job. Another one cannot begin the same fetch. */
  readonly job: string;
  /** A person asked for it: a permanent move counts at once. */
  readonly byHand: boolean;
  /** Sets validators and hashes aside. */
  readonly force: boolean;
  readonly signal?: AbortSignal | undefined;
};

/** What the answer says once its document is read. */
export type Reading =
  | { readonly kind: 'unchanged' }
  | { readonly kind: 'read'; readonly document: ReadDocument }
  | { readonly kind: 'unreadable'; readonly reason: 'not-a-feed' | 'unreadable'; readonly detail: string }
  | { readonly kind: 'none' };

/** What a fetch leaves on its feed's row. */
export type Plan = {
  readonly record: FetchRecord;
  readonly move: MoveJudgement;
};

/** What is known of the feed's rhythm, its newest entry, and how many entries the last document held. */
type Learned = { readonly rhythm: Rhythm | null; readonly newestAt: Date | null; readonly entries: number | null };

/** What the fetch leaves on its feed's row: every decision here is a pure function of feed/. */
export function planOf(config: Config, feed: LeasedFeed, answer: FetchResult, reading: Reading, how: FetchHow): Plan {
  const outcome = outcomeOf(answer, reading);
  const good = outcome !== 'failed' && outcome !== 'gone';
  const failure = failureOf(answer, reading);
  const document = reading.kind === 'read' ? reading.document : null;
  const learned = learn(feed, document);
  const failures = good ? 0 : feed.failures + 1;
  const health = healthOf(feed, answer, reading, good, learned);
  const next = nextFetchAt({
    nowMs: feed.now.getTime(),
    rhythm: learned.rhythm,
    last: {
      outcome,
      reason: failure?.reason ?? null,
      retryAfterS: answer.kind === 'failed' ? answer.retryAfterS : null,
    },
    freshnessS: 'freshnessS' in answer ? answer.freshnessS : null,
    hints: document?.feed.hints ?? feed.hints,
    failures,
    entries: learned.entries,
    bounds: { minS: config.fetchMinIntervalS, maxS: config.fetchMaxIntervalS },
    seed: feed.feed_id,
  });
  const move = moveOf(feed, answer, good, how);
  const record: FetchRecord = {
    feedId: feed.feed_id,
    asked: feed.asked,
    outcome,
    reason: failure?.reason ?? null,
    error: failure?.detail ?? health.says,
    status: answer.status,
    ms: answer.ms,
    bytes: answer.wireBytes,
    newItems: 0,
    updatedItems: 0,
    duplicateItems: 0,
    relevantItems: 0,
    state: outcome === 'gone' || (!good && feed.state === 'gone') ? 'gone' : good ? 'active' : 'failing',
    health: health.state === 'ok' ? null : health.state,
    failures,
    nextInS: next.intervalS,
    why: next.why,
    retryInS: next.heldUntil ? (next.heldUntil.getTime() - feed.now.getTime()) / 1000 : null,
    pauseMs: hostPauseMs(answer.ms),
    ...keptOf(feed, answer, good),
    moveUrl: move.evidence?.url ?? null,
    moveAnswers: move.evidence?.answers ?? 0,
    moveBegins: move.evidence !== null && move.evidence.firstSeen === feed.now,
    document: document && recordOf(document, learned),
  };
  return { record, move };
}

const recordOf = (document: ReadDocument, { rhythm, newestAt, entries }: Learned): DocumentRecord => ({
  entryHashes: [...document.seen, ...document.entries.map((e) => e.hash)],
  readerVersion: READER_VERSION,
  hints: document.feed.hints,
  rhythm: encodeRhythm(rhythm!),
  entries: entries ?? 0,
  title: document.feed.title,
  lang: document.feed.lang,
  newestEntryAt: newestAt,
});

function outcomeOf(answer: FetchResult, reading: Reading): FetchRecord['outcome'] {
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

/** What a document adds to what is known of the feed's rhythm, size and newest entry. */
function learn(feed: LeasedFeed, document: ReadDocument | null): Learned {
  const before = decodeRhythm(feed.rhythm);
  if (!document) return { rhythm: before, newestAt: feed.newest_entry_at, entries: feed.entries };
  const now = feed.now.getTime();
  const dates = document.entries.map(({ entry }) => (entry.publishedAt ? Date.parse(entry.publishedAt) : null));
  const newest = dates.reduce<number>(
    (latest, date) => Math.max(latest, Math.min(date ?? now, now)),
    feed.newest_entry_at?.getTime() ?? 0,
  );
  return {
    rhythm: withPublished(before, dates, now),
    newestAt: newest > 0 ? new Date(newest) : null,
    entries: document.entries.length + document.seen.length,
  };
}

function healthOf(
  feed: LeasedFeed,
  answer: FetchResult,
  reading: Reading,
  good: boolean,
  { entries, newestAt }: Learned,
): FeedHealth {
  const isHtml = reading.kind === 'unreadable' && looksLikeHtml(answer);
  if (!good && !isHtml) return { state: 'ok', says: null }; // the failure says it all
  return judgeHealth({ isHtml, entries, newestAt, rhythm: decodeRhythm(feed.rhythm), now: feed.now });
}

const looksLikeHtml = (answer: FetchResult): boolean =>
  answer.kind === 'document' &&
  (/html/i.test(answer.contentType ?? '') ||
    /<html[\s>]/i.test(new TextDecoder('latin1').decode(answer.bytes.subarray(0, 1024))));

function moveOf(feed: LeasedFeed, answer: FetchResult, good: boolean, how: FetchHow): MoveJudgement {
  const evidence = feed.move_url
    ? { url: feed.move_url, firstSeen: feed.move_since ?? feed.now, answers: feed.move_answers }
    : null;
  if (!good) return { moveTo: null, evidence };
  const permanentUrl = 'permanentUrl' in answer ? answer.permanentUrl : null;
  return judgeMove(evidence, { permanentUrl, now: feed.now, byHand: how.byHand });
}

/** Validators and hash for the next time. Those of a document that could not be read are not kept: the next one must be whole. */
function keptOf(
  feed: LeasedFeed,
  answer: FetchResult,
  good: boolean,
): Pick<FetchRecord, 'etag' | 'lastModified' | 'validatorsUrl' | 'bodyHash'> {
  const validators = good && 'validators' in answer ? answer.validators : null;
  return {
    etag: validators?.etag ?? null,
    lastModified: validators?.lastModified ?? null,
    validatorsUrl: validators?.url ?? null,
    bodyHash: answer.kind === 'document' && good ? answer.hash : answer.kind === 'not-modified' ? feed.body_hash : null,
  };
}
