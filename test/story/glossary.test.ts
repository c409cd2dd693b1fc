import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { inRoot } from '../../src/root.ts';
import { generalConcepts } from '../../src/story/glossary.ts';
import { wordsOf } from '../../src/story/words.ts';

const lines = readFileSync(inRoot('src', 'story', 'glossary.tsv'), 'utf8')
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('#'));

test('every concept of the glossary has a line of its own and eight columns', () => {
  for (const line of lines) expect(line.split('\t'), line).toHaveLength(8);
  const names = lines.map((line) => line.split('\t')[0]);
  expect(new Set(names).size).toBe(names.length);
});

test.each([
  ['en', 'The prime minister resigned', ['prime-minister', 'resign']],
  ['sr-Cyrl', 'Премијер поднео оставку', ['prime-minister', 'resign']],
  ['sl', 'Premier odstopil', ['prime-minister', 'resign']],
  ['mk', 'Премиерот поднесе оставка', ['prime-minister', 'resign']],
  ['sq', 'Kryeministri dha dorëheqjen', ['prime-minister', 'resign']],
  ['el', 'Παραιτήθηκε ο πρωθυπουργός', ['resign', 'prime-minister']],
  ['ro', 'Premierul a demisionat', ['prime-minister', 'resign']],
  ['tr', 'Başbakan istifa etti', ['prime-minister', 'resign']],
  ['hu', 'Lemondott a miniszterelnök', ['resign', 'prime-minister']],
])('%s: %s', (lang, text, concepts) => {
  const found = generalConcepts(wordsOf(text), lang)
    .map((f) => f.concept)
    .filter((c) => c !== '-');
  expect(found).toEqual(concepts);
});

test('a language without a column has no general concepts', () => {
  expect(generalConcepts(wordsOf('Le gouvernement'), 'fr')).toEqual([]);
});
