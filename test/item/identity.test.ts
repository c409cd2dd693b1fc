import { expect, test } from 'vitest';
import { isSameArticle } from '../../src/item/identity.ts';

const article = (key: string, title: string, publishedAt: string | null = '2026-03-01T10:00:00Z') => ({
  key,
  title,
  publishedAt,
});
const known = article('example.org/vesti/ministri-potpisali', 'Ministri odbrane potpisali sporazum u Beogradu');

test('the same address is the same article, whatever its headline', () => {
  expect(isSameArticle(known, article(known.key, 'Sasvim drugi naslov', null))).toBe(true);
});

test('a corrected headline under a new slug is the same article moved', () => {
  expect(
    isSameArticle(known, article('example.org/vesti/ministri-odbrane', 'Ministri odbrane potpisali sporazum u Tirani')),
  ).toBe(true);
});

test('the number that names the article in both addresses is proof enough', () => {
  expect(
    isSameArticle(
      article('example.org/stari-naslov-1234567', 'Stari'),
      article('example.org/novi-1234567', 'Posve nov'),
    ),
  ).toBe(true);
  expect(
    isSameArticle(article('example.org/20260301/a', 'Stari'), article('example.org/20260301/b', 'Posve nov')),
  ).toBe(false);
  expect(isSameArticle(article('example.org/a-1234567', 'Stari'), article('other.org/b-1234567', 'Posve nov'))).toBe(
    false,
  );
});

test('a guid used again for another article tells two articles', () => {
  expect(
    isSameArticle(known, article('example.org/sport/utakmica', 'Partizan pobedio u derbiju', '2026-03-02T10:00:00Z')),
  ).toBe(false);
  expect(isSameArticle(known, article('example.org/x', known.title, '2026-06-01T10:00:00Z'))).toBe(false);
});
