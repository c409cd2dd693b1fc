import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { inRoot } from '../../src/root.ts';
import { copyScore } from '../../src/story/copy.ts';
import { type Features, storyFeatures } from '../../src/story/features.ts';
import { judgePair } from '../../src/story/judge.ts';
import { sharedTerms } from '../../src/story/pair.ts';
import { packSketch, placeOf, type Sketch, sketchOf, unpackSketch } from '../../src/story/sketch.ts';
import { tagItem } from '../../src/tag/tagger.ts';

const items: readonly Features[] = readFileSync(inRoot('test', 'gold', 'two.jsonl'), 'utf8')
  .split('\n')
  .filter(Boolean)
  .slice(0, 120)
  .map((line) => JSON.parse(line))
  .map(({ title, summary, lang, publishedAt }) =>
    storyFeatures({ title, summary, lang, publishedAt, tags: tagItem({ title, summary, lang }) }),
  );
const stored = (features: Features): Sketch => unpackSketch(packSketch(sketchOf(features)));

test('what is stored of an item is judged as the item itself', () => {
  const context = { density: 30 };
  for (const [i, a] of items.entries())
    for (const b of items.slice(i + 1, i + 20)) {
      const judged = judgePair(stored(a), stored(b), context);
      expect(judged.logit).toBeCloseTo(judgePair(a, b, context).logit, 9);
      expect(judgePair(b, stored(a), context).logit).toBeCloseTo(judged.logit, 9);
      expect(copyScore(stored(a), b)).toBe(copyScore(a, b));
    }
});

test('an item without date, topic or words is stored too', () => {
  const nothing = storyFeatures({ lang: 'und', title: null, summary: null, publishedAt: null });
  expect(stored(nothing)).toEqual(sketchOf(nothing));
  expect(stored(items[0]!)).toEqual(sketchOf(items[0]!));
});

test('terms are found by name, and those that two items share told by weight', () => {
  const [a, b] = [items[0]!, stored(items[0]!)];
  const shared = sharedTerms(a, b);
  expect(shared).toHaveLength(Object.keys(a.terms).length);
  expect(shared.map(({ weight }) => weight)).toEqual(shared.map(({ weight }) => weight).toSorted((x, y) => y - x));
  for (const term of Object.keys(a.terms)) expect(placeOf(term, b)).toBeGreaterThanOrEqual(0);
  expect(placeOf('tnowhere', b)).toBe(-1);
});

test('bytes of another layout are refused, not misread', () => {
  const bytes = packSketch(sketchOf(items[0]!));
  bytes[0] = 99;
  expect(() => unpackSketch(bytes)).toThrow(/layout 99/);
});
