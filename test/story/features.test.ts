import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MAX_KEYS, storyFeatures } from '../../src/story/features.ts';
import { skeletonOf, soundOf } from '../../src/story/skeleton.ts';
import { foldText } from '../../src/tag/fold.ts';

const at = '2025-04-01T10:00:00Z';
const terms = (lang: string, title: string): string[] =>
  Object.keys(storyFeatures({ lang, title, summary: null, publishedAt: at }).terms);

test.each([
  ['Bobrovniczky', 'Бобровницки'],
  ['Bobrovniczky', 'Bobrovnicki'],
  ['Lambrecht', 'Λάμπρεχτ'],
  ['Hovenier', 'Ховенијер'],
  ['Bayraktar', 'Байрактар'],
])('the consonants of %s and %s are the same', (a, b) => {
  expect(skeletonOf(foldText(a), 5)).toBe(skeletonOf(foldText(b), 5));
});

test.each([
  ['Szalay', 'Салаи'],
  ['Kurti', 'Κούρτι'],
  ['Dodik', 'Ντόντικ'],
])('%s and %s sound alike', (a, b) => {
  expect(soundOf(foldText(a)).slice(0, 5)).toBe(soundOf(foldText(b)).slice(0, 5));
});

test('the general words of one event meet in any language', () => {
  const all = [
    terms('en', 'Earthquake kills 12 in the north, hospital damaged'),
    terms('bg', 'Земетресение уби 12 души на север, болница е повредена'),
    terms('el', 'Σεισμός με 12 νεκρούς στον βορρά, ζημιές σε νοσοκομείο'),
    terms('hu', 'Földrengés: 12 halott északon, megsérült egy kórház'),
    terms('tr', 'Kuzeyde deprem: 12 ölü, hastane hasar gördü'),
  ];
  for (const found of all)
    expect(found).toEqual(expect.arrayContaining(['cearthquake', 'ckill', 'cnorth', 'chospital', 'n12']));
});

test('a state that is named is a mention and no name of a person', () => {
  const found = terms('en', 'Talks in Serbia');
  expect(found).toContain('xRS');
  expect(found.some((t) => t.startsWith('v'))).toBe(false);
});

test('features are plain JSON, the same every time, with few 32-bit keys', () => {
  const lang = fc.constantFrom('en', 'sr-Latn', 'sr-Cyrl', 'mk', 'bg', 'sq', 'el', 'ro', 'tr', 'hu', 'und');
  fc.assert(
    fc.property(
      lang,
      fc.string({ unit: 'grapheme', maxLength: 80 }),
      fc.string({ maxLength: 300 }),
      (lang, title, summary) => {
        const features = storyFeatures({ lang, title, summary, publishedAt: at });
        expect(JSON.parse(JSON.stringify(features))).toEqual(features);
        expect(storyFeatures({ lang, title, summary, publishedAt: new Date(at) })).toEqual(features);
        expect(features.keys.length).toBeLessThanOrEqual(MAX_KEYS);
        expect(features.keys.every((k) => k === (k | 0))).toBe(true);
      },
    ),
    { numRuns: 60 },
  );
});

test('an item without a date, or with one that cannot be read, has none', () => {
  expect(storyFeatures({ lang: 'en', title: 'x', summary: null, publishedAt: null }).at).toBeNull();
  expect(storyFeatures({ lang: 'en', title: 'x', summary: null, publishedAt: 'yesterday' }).at).toBeNull();
});
