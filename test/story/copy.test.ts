import { expect, test } from 'vitest';
import { copyScore } from '../../src/story/copy.ts';
import { storyFeatures } from '../../src/story/features.ts';

const read = (lang: string, title: string, summary: string) =>
  storyFeatures({ lang, title, summary, publishedAt: '2025-05-05T10:00:00Z' });

const wire = read(
  'sr-Latn',
  'Brod „Una” isplovio u misiju čišćenja mina',
  'NOVI SAD – Rečni minolovac „Una” krenuo je jutros sa 40 članova posade ka Rumuniji, gde će do petka tražiti mine na Dunavu, saopštila je komanda flotile.',
);

test('wire copy with another headline, a cut lead and in the other script is a copy', () => {
  const copy = read(
    'sr-Cyrl',
    'Српски минолавац код Румуна',
    'Речни миноловац „Уна” кренуо је јутрос са 40 чланова посаде ка Румунији, где ће до петка тражити мине на Дунаву.',
  );
  expect(copyScore(wire, copy)).toBeGreaterThan(0.5);
});

test('another report of the same event in the same words of the trade is no copy', () => {
  const other = read(
    'sr-Latn',
    '„Una” traži mine na Dunavu',
    'Posada od 40 mornara rečne flotile pridružila se rumunskim kolegama. Zajednička akcija na Dunavu završava se u petak.',
  );
  expect(copyScore(wire, other)).toBeLessThan(0.5);
});

test('two short leads that share a phrase are no copies', () => {
  const a = read('en', 'Army buys trucks', 'The ministry said so on Friday.');
  const b = read('en', 'Teachers strike', 'The ministry said so on Friday.');
  expect(copyScore(a, b)).toBeLessThan(0.5);
});
