import type { FeedHints } from './entry.ts';
import { type ExpectedRate, emptyRhythm, expectedRate, type Rhythm } from './rhythm.ts';

/** What the last fetch came to, in the contract's words. */
export type LastResult = {
  readonly outcome: 'fetched' | 'not-modified' | 'unchanged' | 'gone' | 'failed';
  /** Of a failure: `http-503`, `dns`, … */
  readonly reason: string | null;
  /** Seconds that the answer asks us to stay away, or null. */
  readonly retryAfterS: number | null;
};

export type ScheduleInput = {
  /** Milliseconds since 1970: when the last fetch ended. */
  readonly nowMs: number;
  readonly rhythm: Rhythm | null;
  readonly last: LastResult;
  /** Seconds for which the answer stays fresh by Cache-Control or Expires, of a 304 too. */
  readonly freshnessS: number | null;
  readonly hints: FeedHints | null;
  /** Failures in a row, this one included; 0 after a good answer. */
  readonly failures: number;
  /** How many entries the feed's document holds, or null: a hint must not make us lose some. */
  readonly entries: number | null;
  readonly bounds: { readonly minS: number; readonly maxS: number };
  /** Makes the jitter of this feed its own (the feed's id). */
  readonly seed: number | string;
};

export type NextFetch = {
  /** When the feed is due again; null for a feed that is gone. */
  readonly at: Date | null;
  /** Seconds from now until then; 0 for a feed that is gone. */
  readonly intervalS: number;
  /** Until when the host's own word forbids to ask, by hand too; null where it said nothing. */
  readonly heldUntil: Date | null;
  /** One line for the operator: why then. */
  readonly why: string;
};

const HOUR_S = 3600;
const DAY_S = 24 * HOUR_S;
const LONGEST_RETRY_AFTER_S = 7 * DAY_S;
/** The first interval after a failure; it doubles with each further one. 429 without Retry-After starts higher. */
const FIRST_BACKOFF_S = 900;
const FIRST_BACKOFF_429_S = HOUR_S;
/** Cache-Control, ttl and sy:* are believed for a day at most; some say a year. */
const LONGEST_HINT_S = DAY_S;
/** A weekend may be skipped, a feed that forbids more forbids everything and is not believed. */
const LONGEST_SKIP_S = 3 * DAY_S;
/**
 * What one request is worth, in item-hours of waiting. At a steady rate r (items an hour) and with an urgency of 1 the interval would
 * be sqrt(2 x this / r), the split of a number of requests over feeds that makes the total waiting least. Waiting weighs a little
 * more where much is published: that is when something happens, and at the median an item is one of a busy feed in a busy hour. Both
 * values are the replay's (docs/manners.md).
 */
const REQUEST_WORTH = 0.24;
const URGENCY = 1.2;

/**
 * When to fetch a feed again (a pure function of its arguments). After a good answer: as its own rhythm says, within `bounds`, but
 * never before Cache-Control, Expires, ttl, sy:*, skipHours and skipDays allow, each capped because many lie; where a hint asks for
 * more than `maxS`, the hint counts. After a failure: growing intervals up to `maxS`. After Retry-After: not before it, up to a week.
 * Jitter of a tenth keeps feeds from firing together; it never makes an interval shorter than a bound or a hint.
 */
export function nextFetchAt(input: ScheduleInput): NextFetch {
  if (input.last.outcome === 'gone') {
    return { at: null, intervalS: 0, heldUntil: null, why: 'gone: not asked again until enabled' };
  }
  const plan = input.last.outcome === 'failed' ? afterFailure(input) : afterAnswer(input);
  const intervalS = Math.ceil(plan.intervalS);
  return {
    at: new Date(input.nowMs + intervalS * 1000),
    intervalS,
    heldUntil: plan.heldS === null ? null : new Date(input.nowMs + plan.heldS * 1000),
    why: plan.why,
  };
}

type Plan = { readonly intervalS: number; readonly heldS: number | null; readonly why: string };

function afterFailure({ nowMs, last, failures, bounds, seed }: ScheduleInput): Plan {
  const first = last.reason === 'http-429' ? FIRST_BACKOFF_429_S : FIRST_BACKOFF_S;
  const doubled = first * 2 ** Math.min(20, Math.max(0, failures - 1));
  const backoffS = Math.max(bounds.minS, Math.min(bounds.maxS, doubled * (1 + 0.25 * jitter(seed, nowMs))));
  const why = `failure ${Math.max(1, failures)} in a row (${last.reason ?? 'unknown'})`;
  if (last.retryAfterS === null) return { intervalS: backoffS, heldS: null, why };
  const heldS = Math.min(last.retryAfterS, LONGEST_RETRY_AFTER_S);
  if (heldS <= backoffS) return { intervalS: backoffS, heldS, why };
  return {
    intervalS: later(heldS, seed, nowMs),
    heldS,
    why: `${last.reason ?? 'the answer'} with Retry-After: ${last.retryAfterS} s${heldS < last.retryAfterS ? ', a week at most' : ''}`,
  };
}

function afterAnswer(input: ScheduleInput): Plan {
  const { nowMs, bounds, seed } = input;
  const rate = expectedRate(input.rhythm ?? emptyRhythm(nowMs), nowMs);
  const own = ownInterval(rate, nowMs, bounds.maxS) * (0.9 + 0.2 * jitter(seed, nowMs));
  let intervalS = Math.max(bounds.minS, Math.min(bounds.maxS, own));
  let why = `own rhythm: ${perHour(rate(nowMs))} at this hour`;
  for (const hint of lowerBounds(input, rate)) {
    if (hint.seconds <= intervalS) continue;
    intervalS = later(hint.seconds, seed, nowMs);
    why = hint.why;
  }
  const skippedS = skipped(input.hints, nowMs, intervalS);
  if (skippedS > 0) {
    // Into the allowed hour, not on its first second with everybody else.
    intervalS += skippedS + 600 * jitter(seed, nowMs);
    why = `${why}; then skipHours or skipDays`;
  }
  return { intervalS, heldS: null, why };
}

/** Seconds until the items expected since now have waited, all together, for as long as a request is worth. */
function ownInterval(rate: ExpectedRate, nowMs: number, longestS: number): number {
  let items = 0;
  let waited = 0;
  let at = nowMs;
  while (at < nowMs + longestS * 1000) {
    const hourEnd = (Math.floor(at / 3_600_000) + 1) * 3_600_000;
    const hours = (hourEnd - at) / 3_600_000;
    const perHour = rate(at) ** URGENCY;
    const waitedAtEnd = waited + items * hours + (perHour * hours * hours) / 2;
    if (waitedAtEnd >= REQUEST_WORTH) {
      // perHour/2 x^2 + items x = what is left, solved for x without dividing by a rate near zero.
      const left = REQUEST_WORTH - waited;
      const x = (2 * left) / (items + Math.sqrt(items * items + 2 * perHour * left));
      return (at - nowMs) / 1000 + x * HOUR_S;
    }
    waited = waitedAtEnd;
    items += perHour * hours;
    at = hourEnd;
  }
  return longestS;
}

/** What the host and the document ask for at least. */
function lowerBounds(
  { freshnessS, hints, nowMs, entries }: ScheduleInput,
  rate: ExpectedRate,
): readonly { readonly seconds: number; readonly why: string }[] {
  const longest = Math.min(LONGEST_HINT_S, Math.max(HOUR_S, halfWindow(rate, nowMs, entries)));
  const ttlS = hints?.ttlMinutes == null ? null : hints.ttlMinutes * 60;
  const periodS = hints?.updatePeriodS ?? null;
  const bound = (name: string, seconds: number | null, cap: number) =>
    seconds === null
      ? []
      : [
          {
            seconds: Math.min(seconds, cap),
            why: `${name}: ${seconds} s${seconds > cap ? `, capped at ${Math.round(cap)} s` : ''}`,
          },
        ];
  return [
    ...bound('Cache-Control or Expires', freshnessS, LONGEST_HINT_S),
    ...bound('ttl', ttlS, longest),
    ...bound('sy:updatePeriod', periodS, longest),
  ];
}

/** Seconds in which the feed is expected to publish half of what its document holds; a ttl beyond it would lose entries. */
function halfWindow(rate: ExpectedRate, nowMs: number, entries: number | null): number {
  if (entries === null || entries === 0) return LONGEST_HINT_S;
  let items = 0;
  for (let hour = 0; hour < 24; hour++) {
    items += rate(nowMs + hour * 3_600_000);
    if (items >= entries / 2) return (hour + 1) * HOUR_S;
  }
  return LONGEST_HINT_S;
}

/** Seconds to add to `intervalS` so that the fetch falls into no skipped hour (GMT) or day; 0 if all are skipped. */
function skipped(hints: FeedHints | null, nowMs: number, intervalS: number): number {
  if (hints === null || (hints.skipHours.length === 0 && hints.skipDays.length === 0)) return 0;
  const isSkipped = (ms: number): boolean => {
    const date = new Date(ms);
    return hints.skipHours.includes(date.getUTCHours()) || hints.skipDays.includes(date.getUTCDay());
  };
  const planned = nowMs + intervalS * 1000;
  let at = planned;
  while (isSkipped(at)) {
    at = (Math.floor(at / 3_600_000) + 1) * 3_600_000;
    if (at - planned > LONGEST_SKIP_S * 1000) return 0;
  }
  return (at - planned) / 1000;
}

/** `seconds` and a little more, so that those who were told the same time do not come together. */
const later = (seconds: number, seed: number | string, nowMs: number): number =>
  seconds + Math.min(600, seconds * 0.1) * jitter(seed, nowMs);

const perHour = (rate: number): string => `about ${rate < 0.095 ? rate.toFixed(2) : rate.toFixed(1)} items an hour`;

/** 0 to 1 from feed and moment: the same arguments give the same schedule (FNV-1a, then a finishing mix). */
function jitter(seed: number | string, nowMs: number): number {
  let h = 0x811c9dc5;
  for (const c of `${seed}/${Math.floor(nowMs / 1000)}`) h = Math.imul(h ^ c.charCodeAt(0), 0x01000193);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return ((h ^ (h >>> 16)) >>> 0) / 0x100000000;
}
