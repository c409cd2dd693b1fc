/**
 * Replays made-up but seeded publishing against the real scheduling function under a virtual clock, beside polling every 15 minutes:
 *   node scripts/replay-schedule.ts [--feeds 200] [--days 14] [--seed 1]      (Node 22.18 or newer runs it as it is)
 *   npx vitest run test/feed/replay.test.ts                                   (a shorter one, on any Node)
 */
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { type Rhythm, withPublished } from '../src/feed/rhythm.ts';
import { nextFetchAt } from '../src/feed/schedule.ts';

export type ReplayFigures = {
  readonly requests: number;
  readonly items: number;
  /** Seconds from publication to discovery: over all items, and the median over feeds of each feed's own median. */
  readonly medianDelayS: number;
  readonly p90DelayS: number;
  readonly medianOfFeedsS: number;
};
export type Replay = { readonly ours: ReplayFigures; readonly every15Minutes: ReplayFigures };

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Monday 2 March 2026, 00:00 UTC. */
const START_MS = Date.UTC(2026, 2, 2);
/** A feed's document holds so many entries, and the first one was published over the weeks before. */
const WINDOW = 30;
const HISTORY_DAYS = 28;

type Random = () => number;

/** mulberry32. */
function randomFrom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 0x100000000;
  };
}

const normal = (random: Random): number => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());

/** How much is published in an hour of the day on a weekday and at the weekend, for four kinds of outlet. */
const PROFILES: readonly {
  readonly share: number;
  readonly weekday: (h: number) => number;
  readonly weekend: (h: number) => number;
}[] = [
  // A newsroom: from early morning until midnight, most before noon, less at the weekend.
  {
    share: 0.6,
    weekday: (h) => (h < 5 ? 0.05 : h < 8 ? 0.6 : h < 13 ? 1.3 : h < 20 ? 1 : 0.5),
    weekend: (h) => (h < 6 ? 0.05 : h < 22 ? 0.6 : 0.3),
  },
  // An agency: round the clock, thinner at night.
  { share: 0.15, weekday: (h) => (h < 5 ? 0.3 : 1), weekend: (h) => (h < 6 ? 0.2 : 0.6) },
  // A ministry or institute: office hours.
  { share: 0.15, weekday: (h) => (h >= 7 && h < 16 ? 1 : 0.03), weekend: () => 0.04 },
  // A magazine: mornings of weekdays.
  { share: 0.1, weekday: (h) => (h >= 5 && h < 9 ? 1 : 0.05), weekend: () => 0.05 },
];

/** The profile that `share` (0 to 1) falls on, each taking its own part of the outlets. */
function profileAt(share: number): (typeof PROFILES)[number] {
  let before = 0;
  for (const profile of PROFILES) {
    before += profile.share;
    if (share < before) return profile;
  }
  return PROFILES[0]!;
}

/** Publishing times of one feed in [from, to), ascending: an inhomogeneous Poisson process, every fifth item in a clump. */
function publishingTimes(random: Random, fromMs: number, toMs: number): readonly number[] {
  const perDay = Math.min(400, Math.max(0.3, 25 * Math.exp(1.2 * normal(random))));
  const profile = profileAt(random());
  const shift = Math.floor(random() * 3); // hours east of Greenwich
  const hours = Array.from({ length: 168 }, (_, i) => {
    const h = (i + shift) % 24;
    return Math.floor((i + shift) / 24) % 7 < 5 ? profile.weekday(h) : profile.weekend(h);
  });
  const scale = (7 * perDay) / hours.reduce((sum, weight) => sum + weight, 0);
  const times: number[] = [];
  for (let hour = fromMs; hour < toMs; hour += HOUR_MS) {
    const cell = Math.floor((hour - START_MS) / HOUR_MS + 168 * HISTORY_DAYS) % 168;
    const expected = hours[cell]! * scale;
    let gone = -Math.log(1 - random()) / expected;
    while (gone < 1) {
      const at = hour + gone * HOUR_MS;
      times.push(at);
      if (random() < 0.2) times.push(at + random() * 60_000);
      gone += -Math.log(1 - random()) / expected;
    }
  }
  return times.sort((a, b) => a - b);
}

type Polled = { readonly delaysS: readonly number[]; readonly requests: number };

/** Fetches a feed over the replay's days as `next` says, from a moment of its own on. */
function poll(
  times: readonly number[],
  firstMs: number,
  endMs: number,
  next: (nowMs: number, found: readonly number[]) => number,
): Polled {
  const delaysS: number[] = [];
  let requests = 0;
  let seen = times.findIndex((time) => time > firstMs);
  if (seen < 0) seen = times.length;
  let found = times.slice(Math.max(0, seen - WINDOW), seen);
  for (let now = firstMs; now < endMs; ) {
    requests++;
    now = next(now, found);
    const before = seen;
    while (seen < times.length && times[seen]! <= now) seen++;
    found = times.slice(before, seen);
    if (now < endMs) for (const time of found) delaysS.push((now - time) / 1000);
  }
  return { delaysS, requests };
}

/** Replays `feeds` feeds over `days` days; the same seed gives the same figures. */
export function replay({
  feeds,
  days,
  seed,
}: {
  readonly feeds: number;
  readonly days: number;
  readonly seed: number;
}): Replay {
  const endMs = START_MS + days * DAY_MS;
  const ours: Polled[] = [];
  const fixed: Polled[] = [];
  for (let feed = 0; feed < feeds; feed++) {
    const random = randomFrom(seed * 7919 + feed);
    const times = publishingTimes(random, START_MS - HISTORY_DAYS * DAY_MS, endMs);
    const firstMs = START_MS + random() * 900_000;
    fixed.push(poll(times, firstMs, endMs, (now) => now + 900_000));
    ours.push(poll(times, firstMs, endMs, scheduled(feed)));
  }
  return { ours: figuresOf(ours), every15Minutes: figuresOf(fixed) };
}

/** The product's scheduling of one feed: the rhythm learns from what each fetch finds, the next fetch follows from the rhythm. */
function scheduled(feed: number): (nowMs: number, found: readonly number[]) => number {
  let rhythm: Rhythm | null = null;
  return (nowMs, found) => {
    if (rhythm === null || found.length > 0) rhythm = withPublished(rhythm, found, nowMs);
    const { at } = nextFetchAt({
      nowMs,
      rhythm,
      last: { outcome: found.length > 0 ? 'fetched' : 'not-modified', reason: null, retryAfterS: null },
      freshnessS: null,
      hints: null,
      failures: 0,
      entries: WINDOW,
      bounds: { minS: 300, maxS: 86_400 },
      seed: feed,
    });
    return at!.getTime();
  };
}

function figuresOf(polled: readonly Polled[]): ReplayFigures {
  const all = polled.flatMap(({ delaysS }) => delaysS);
  const medians = polled.filter(({ delaysS }) => delaysS.length > 0).map(({ delaysS }) => quantile(delaysS, 0.5));
  return {
    requests: polled.reduce((sum, { requests }) => sum + requests, 0),
    items: all.length,
    medianDelayS: Math.round(quantile(all, 0.5)),
    p90DelayS: Math.round(quantile(all, 0.9)),
    medianOfFeedsS: Math.round(quantile(medians, 0.5)),
  };
}

const quantile = (values: readonly number[], q: number): number => {
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? 0;
};

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const { values } = parseArgs({
    options: {
      feeds: { type: 'string', default: '200' },
      days: { type: 'string', default: '14' },
      seed: { type: 'string', default: '1' },
    },
  });
  const result = replay({ feeds: Number(values.feeds), days: Number(values.days), seed: Number(values.seed) });
  console.table({ 'own rhythm': result.ours, 'every 15 minutes': result.every15Minutes });
}
