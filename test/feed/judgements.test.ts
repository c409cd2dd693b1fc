import { describe, expect, test } from 'vitest';
import { hostHeldUntil, hostPauseMs } from '../../src/feed/courtesy.ts';
import { judgeHealth } from '../../src/feed/health.ts';
import { judgeMove, type MoveEvidence } from '../../src/feed/moves.ts';
import { withPublished } from '../../src/feed/rhythm.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const NOW = new Date(Date.UTC(2026, 2, 3, 10));
const later = (ms: number): Date => new Date(NOW.getTime() + ms);

describe('a permanent redirect', () => {
  const answers = (...list: readonly (readonly [hours: number, url: string | null])[]): (string | null)[] => {
    let evidence: MoveEvidence | null = null;
    return list.map(([hours, permanentUrl]) => {
      const judged = judgeMove(evidence, { permanentUrl, now: later(hours * HOUR), byHand: false });
      evidence = judged.evidence;
      return judged.moveTo;
    });
  };

  test('is believed after three equal answers over a day', () => {
    expect(answers([0, 'https://b/'], [12, 'https://b/'], [24, 'https://b/'])).toEqual([null, null, 'https://b/']);
  });

  test('is not believed after many answers in a day, nor after two in a week', () => {
    expect(answers([0, 'https://b/'], [1, 'https://b/'], [2, 'https://b/'], [23, 'https://b/'])).toEqual([
      null,
      null,
      null,
      null,
    ]);
    expect(answers([0, 'https://b/'], [170, 'https://b/'])).toEqual([null, null]);
  });

  test('begins anew after another answer', () => {
    expect(answers([0, 'https://b/'], [12, null], [24, 'https://b/'], [36, 'https://b/'])).toEqual([
      null,
      null,
      null,
      null,
    ]);
    expect(answers([0, 'https://b/'], [12, 'https://c/'], [24, 'https://b/'])).toEqual([null, null, null]);
  });

  test('is believed at once by hand', () => {
    expect(judgeMove(null, { permanentUrl: 'https://b/', now: NOW, byHand: true })).toEqual({
      moveTo: 'https://b/',
      evidence: null,
    });
  });
});

describe('a feed that answers', () => {
  const rhythm = withPublished(
    null,
    Array.from({ length: 28 * 24 }, (_, i) => NOW.getTime() - i * HOUR),
    NOW.getTime(),
  );
  const health = (input: Partial<Parameters<typeof judgeHealth>[0]>) =>
    judgeHealth({ isHtml: false, entries: 30, newestAt: NOW, rhythm, now: NOW, ...input });

  test('with a page is html, without entries empty, else all is well', () => {
    expect(health({ isHtml: true }).state).toBe('html');
    expect(health({ entries: 0 }).state).toBe('empty');
    expect(health({})).toEqual({ state: 'ok', says: null });
  });

  test('and brings nothing new for days, where it brought something each hour, is stale by its own rhythm', () => {
    expect(health({ now: later(2 * DAY) }).state).toBe('ok');
    expect(health({ now: later(4 * DAY) })).toEqual({
      state: 'stale',
      says: expect.stringMatching(/4 days.*24 a day/),
    });
  });

  test('and never brought much is stale only after two months', () => {
    const weekly = withPublished(
      null,
      [1, 8, 15, 22].map((days) => NOW.getTime() - days * DAY),
      NOW.getTime(),
    );
    expect(health({ rhythm: weekly, now: later(20 * DAY) }).state).toBe('ok');
    expect(health({ rhythm: weekly, now: later(61 * DAY) }).state).toBe('stale');
    expect(health({ rhythm: null, now: later(61 * DAY) }).state).toBe('stale');
  });
});

test('a host is left in peace for as long as its answer took, two seconds at most', () => {
  expect([0, 40.4, 900, 2000, 15_000].map(hostPauseMs)).toEqual([0, 40, 900, 2000, 2000]);
});

test('a 429 speaks for its feed, and from the second feed on for the whole host', () => {
  const told = { feedId: 1, until: later(HOUR) };
  expect(hostHeldUntil(told, [], NOW)).toBeNull();
  expect(hostHeldUntil(told, [told, { feedId: 2, until: later(-1) }], NOW)).toBeNull();
  expect(hostHeldUntil(told, [{ feedId: 2, until: later(3 * HOUR) }], NOW)).toEqual(later(3 * HOUR));
});
