import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  decodeRhythm,
  emptyRhythm,
  encodeRhythm,
  expectedRate,
  itemsADay,
  withPublished,
} from '../../src/feed/rhythm.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const NOW = Date.UTC(2026, 2, 3, 10);
const hoursBack = (days: number): readonly number[] =>
  Array.from({ length: days * 24 }, (_, i) => NOW - (i + 1) * HOUR + 60_000);

test('a first document is a history: the rate is known at once', () => {
  const rate = expectedRate(withPublished(null, hoursBack(7), NOW), NOW);
  expect(rate(NOW)).toBeGreaterThan(0.7);
  expect(rate(NOW)).toBeLessThan(1.3);
});

test('hours of the week are learnt apart', () => {
  const mornings = hoursBack(21).filter((time) => new Date(time).getUTCHours() === 6 && new Date(time).getUTCDay() < 6);
  const rate = expectedRate(withPublished(null, mornings, NOW), NOW);
  const tuesday = Date.UTC(2026, 2, 10);
  expect(rate(tuesday + 6 * HOUR)).toBeGreaterThan(8 * rate(tuesday + 15 * HOUR));
  expect(rate(tuesday + 6 * HOUR)).toBeGreaterThan(2 * rate(Date.UTC(2026, 2, 7, 6)));
});

test('old weeks fade, and a feed that falls silent is expected to stay so', () => {
  const before = withPublished(null, hoursBack(14), NOW);
  const later = NOW + 60 * DAY;
  expect(expectedRate(before, later)(later)).toBeLessThan(0.2 * expectedRate(before, NOW)(NOW));
  expect(itemsADay(before, NOW)).toBeCloseTo(24, -1);
});

test('a feed watched for less than a day has no daily figure', () => {
  expect(itemsADay(withPublished(null, [NOW - HOUR], NOW), NOW)).toBeNull();
});

test('dates in the future count as now, missing ones as the time of finding, and those from before the watching not at all', () => {
  const start = emptyRhythm(NOW);
  const after = withPublished(start, [NOW + DAY, null, NOW - 10 * DAY], NOW + HOUR);
  expect(after.counts.reduce((sum, count) => sum + count, 0)).toBe(2);
});

test('the stored form is small and comes back as it was, within a sixty-fourth', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: NOW - 30 * DAY, max: NOW }), { maxLength: 200 }), (times) => {
      const rhythm = withPublished(null, times, NOW);
      const bytes = encodeRhythm(rhythm);
      const back = decodeRhythm(bytes)!;
      expect(bytes.length).toBe(344);
      expect(back.sinceS).toBe(rhythm.sinceS);
      for (const [cell, count] of rhythm.counts.entries())
        expect(Math.abs(back.counts[cell]! - count)).toBeLessThanOrEqual(1 / 128);
    }),
  );
  expect(decodeRhythm(null)).toBeNull();
  expect(decodeRhythm(Buffer.alloc(5))).toBeNull();
});
