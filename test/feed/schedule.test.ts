import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { FeedHints } from '../../src/feed/entry.ts';
import { type Rhythm, withPublished } from '../../src/feed/rhythm.ts';
import { nextFetchAt, type ScheduleInput } from '../../src/feed/schedule.ts';

const HOUR = 3600;
const DAY = 24 * HOUR;
/** A Tuesday, 10:00 UTC. */
const NOW = Date.UTC(2026, 2, 3, 10);
const NO_HINTS: FeedHints = { ttlMinutes: null, updatePeriodS: null, skipHours: [], skipDays: [] };
const good = { outcome: 'not-modified', reason: null, retryAfterS: null } as const;
const failed = (reason: string, retryAfterS: number | null = null) =>
  ({ outcome: 'failed', reason, retryAfterS }) as const;

/** A feed that brought an item every `minutes` for four weeks, in the hours of `hours` (UTC). */
const steady = (minutes: number, hours: (hour: number) => boolean = () => true): Rhythm => {
  const times: number[] = [];
  for (let at = NOW - 28 * DAY * 1000; at < NOW; at += minutes * 60_000)
    if (hours(new Date(at).getUTCHours())) times.push(at);
  return withPublished(null, times, NOW);
};
const schedule = (input: Partial<ScheduleInput> = {}) =>
  nextFetchAt({
    nowMs: NOW,
    rhythm: steady(60),
    last: good,
    freshnessS: null,
    hints: null,
    failures: 0,
    entries: 30,
    bounds: { minS: 300, maxS: DAY },
    seed: 1,
    ...input,
  });

describe('after a good answer', () => {
  test('a busy feed is asked often, a quiet one seldom, each within the bounds', () => {
    expect(schedule({ rhythm: steady(1) }).intervalS).toBe(300);
    const hourly = schedule({ rhythm: steady(60) }).intervalS;
    expect(hourly).toBeGreaterThan(900);
    expect(hourly).toBeLessThan(HOUR);
    const daily = schedule({ rhythm: steady(24 * 60), nowMs: NOW + 2 * HOUR * 1000 }).intervalS;
    expect(daily).toBeGreaterThan(2 * hourly);
    expect(schedule({ rhythm: steady(24 * 60), bounds: { minS: 60, maxS: 600 } }).intervalS).toBe(600);
  });

  test('a feed that sleeps at night is not asked until shortly before morning', () => {
    const office = steady(10, (hour) => hour >= 8 && hour < 18);
    const evening = Date.UTC(2026, 2, 3, 19);
    const { at, intervalS } = schedule({ rhythm: office, nowMs: evening });
    expect(schedule({ rhythm: office }).intervalS).toBeLessThan(1000);
    expect(intervalS).toBeGreaterThan(2 * HOUR);
    expect(at!.getTime()).toBeLessThan(Date.UTC(2026, 2, 4, 8, 30));
  });

  test('a feed never seen before is asked again within the hour or two', () => {
    const { intervalS } = schedule({ rhythm: null });
    expect(intervalS).toBeGreaterThan(300);
    expect(intervalS).toBeLessThan(2 * HOUR);
  });

  test.each([
    ['Cache-Control', { freshnessS: 2 * HOUR }, 2 * HOUR, /Cache-Control/],
    ['Cache-Control of a busy feed', { freshnessS: 6 * HOUR, rhythm: steady(1) }, 6 * HOUR, /Cache-Control/],
    ['Cache-Control of a year', { freshnessS: 365 * DAY }, DAY, /capped/],
    ['ttl', { hints: { ...NO_HINTS, ttlMinutes: 120 } }, 2 * HOUR, /ttl/],
    ['ttl of a month', { hints: { ...NO_HINTS, ttlMinutes: 43_200 }, rhythm: steady(2 * 24 * 60) }, DAY, /capped/],
    ['sy:updatePeriod', { hints: { ...NO_HINTS, updatePeriodS: 3 * HOUR } }, 3 * HOUR, /sy:/],
    [
      'the longest of several',
      { freshnessS: HOUR, hints: { ...NO_HINTS, ttlMinutes: 300, updatePeriodS: 2 * HOUR } },
      5 * HOUR,
      /ttl/,
    ],
    [
      'a hint above FETCH_MAX_INTERVAL_S',
      { freshnessS: 2 * HOUR, bounds: { minS: 60, maxS: 600 } },
      2 * HOUR,
      /Cache-Control/,
    ],
  ])('%s is never undercut', (_name, input, atLeastS, why) => {
    const next = schedule(input);
    expect(next.intervalS).toBeGreaterThanOrEqual(atLeastS);
    expect(next.intervalS).toBeLessThanOrEqual(atLeastS + 601);
    expect(next.why).toMatch(why);
  });

  test('a ttl that would lose entries is a lie, and an hour is believed all the same', () => {
    expect(schedule({ rhythm: steady(1), hints: { ...NO_HINTS, ttlMinutes: 1440 } }).intervalS).toBeLessThan(
      HOUR + 601,
    );
    expect(schedule({ rhythm: steady(1), hints: { ...NO_HINTS, ttlMinutes: 60 } }).intervalS).toBeGreaterThanOrEqual(
      HOUR,
    );
  });

  test('skipped hours and days are left out, in GMT', () => {
    const hours = schedule({ rhythm: steady(1), hints: { ...NO_HINTS, skipHours: [10, 11, 12] } });
    expect(hours.at!.getTime()).toBeGreaterThanOrEqual(Date.UTC(2026, 2, 3, 13));
    expect(hours.at!.getTime()).toBeLessThan(Date.UTC(2026, 2, 3, 14));
    expect(hours.why).toMatch(/skipHours/);
    const weekend = schedule({
      rhythm: steady(1),
      nowMs: Date.UTC(2026, 2, 7, 0),
      hints: { ...NO_HINTS, skipDays: [6, 0] },
    });
    expect(weekend.at!.getTime()).toBeGreaterThanOrEqual(Date.UTC(2026, 2, 9));
  });

  test('a feed that forbids every hour is not believed', () => {
    const all = Array.from({ length: 24 }, (_, hour) => hour);
    expect(schedule({ rhythm: steady(1), hints: { ...NO_HINTS, skipHours: all } }).intervalS).toBe(300);
  });
});

describe('after a failure', () => {
  test('intervals grow up to the maximum, and one good answer brings the old one back', () => {
    const intervals = [1, 2, 3, 4, 5, 6, 7, 8, 9, 40].map(
      (failures) => schedule({ last: failed('http-503'), failures }).intervalS,
    );
    for (let i = 1; i < intervals.length; i++)
      expect(intervals[i]).toBeGreaterThanOrEqual(Math.min(DAY, intervals[i - 1]!));
    expect(intervals[0]).toBeGreaterThanOrEqual(900);
    expect(intervals[0]).toBeLessThan(1200);
    expect(intervals.at(-1)).toBe(DAY);
    expect(schedule({ failures: 0 }).intervalS).toBeLessThan(HOUR);
  });

  test.each([120, 2 * HOUR, 6 * DAY])(
    'Retry-After of %i s is never undercut, and forbids asking by hand',
    (retryAfterS) => {
      const next = schedule({ last: failed('http-429', retryAfterS), failures: 1 });
      expect(next.intervalS).toBeGreaterThanOrEqual(retryAfterS);
      expect(next.heldUntil!.getTime()).toBe(NOW + retryAfterS * 1000);
    },
  );

  test('Retry-After is believed for a week', () => {
    const next = schedule({ last: failed('http-503', 365 * DAY), failures: 1 });
    expect(next.heldUntil!.getTime()).toBe(NOW + 7 * DAY * 1000);
    expect(next.intervalS).toBeLessThan(7 * DAY + 601);
    expect(next.why).toMatch(/a week at most/);
  });

  test('429 without Retry-After is given an hour', () => {
    expect(schedule({ last: failed('http-429'), failures: 1 }).intervalS).toBeGreaterThanOrEqual(HOUR);
    expect(schedule({ last: failed('http-429'), failures: 1 }).heldUntil).toBeNull();
  });
});

test('a feed that is gone is never due', () => {
  expect(schedule({ last: { outcome: 'gone', reason: null, retryAfterS: null } })).toMatchObject({
    at: null,
    heldUntil: null,
  });
});

test('feeds do not fire together, and the same arguments give the same time', () => {
  const times = Array.from({ length: 50 }, (_, seed) => schedule({ seed, freshnessS: 2 * HOUR }).intervalS);
  expect(new Set(times).size).toBeGreaterThan(40);
  expect(schedule({ seed: 3 })).toEqual(schedule({ seed: 3 }));
});

test('whatever is said, the next time is in the future, within a week and a bit, never before a bound that counts', () => {
  const hints = fc.record({
    ttlMinutes: fc.option(fc.nat()),
    updatePeriodS: fc.option(fc.nat()),
    skipHours: fc.uniqueArray(fc.integer({ min: 0, max: 23 })),
    skipDays: fc.uniqueArray(fc.integer({ min: 0, max: 6 })),
  });
  fc.assert(
    fc.property(
      hints,
      fc.option(fc.nat()),
      fc.option(fc.nat()),
      fc.nat({ max: 60 }),
      fc.array(fc.integer({ min: NOW - 40 * DAY * 1000, max: NOW + DAY * 1000 }), { maxLength: 60 }),
      (feedHints, freshnessS, retryAfterS, failures, published) => {
        const last = failures > 0 ? failed('http-503', retryAfterS) : good;
        const next = schedule({
          hints: feedHints,
          freshnessS,
          failures,
          last,
          rhythm: withPublished(null, published, NOW),
        });
        expect(next.intervalS).toBeGreaterThanOrEqual(300);
        expect(next.intervalS).toBeLessThanOrEqual(7 * DAY + 601);
        if (failures === 0) expect(next.intervalS).toBeGreaterThanOrEqual(Math.min(freshnessS ?? 0, DAY));
        if (failures > 0) expect(next.intervalS).toBeGreaterThanOrEqual(Math.min(retryAfterS ?? 0, 7 * DAY));
      },
    ),
  );
});
