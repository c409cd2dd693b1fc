import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { foldText, readWords } from '../../src/tag/fold.ts';
import { nameSkeleton } from '../../src/tag/skeleton.ts';

describe('foldText', () => {
  test.each([
    ['Вучић', 'vucic'],
    ['Vučić', 'vucic'],
    ['Βούτσιτς', 'vucic'],
    ['Ђукановић Đukanović', 'djukanovic djukanovic'],
    ['Ερντογάν Erdoğan', 'erdogan erdogan'],
    ["Sırbistan'ın İSTANBUL", 'sirbistan in istanbul'],
    ['НАТО-то', 'nato to'],
    ['Győr Țara Çka', 'gyor tara cka'],
    ['Северна Македонија', 'severna makedonija'],
  ])('reads %s as %s', (text, folded) => {
    expect(foldText(text)).toBe(folded);
  });

  test('folding what is folded changes nothing', () => {
    fc.assert(fc.property(fc.string({ unit: 'grapheme' }), (text) => foldText(foldText(text)) === foldText(text)));
  });

  test('case does not matter in any script', () => {
    for (const text of ['Šćepan Đorđe', 'Ђорђе Љубић', 'Гьонюл Щерев', 'Παπαδόπουλος', 'Țepeș Ștefan']) {
      expect(foldText(text.toUpperCase())).toBe(foldText(text.toLowerCase()));
    }
  });
});

test('the words of a text carry offsets that cut them out of it', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (text) => {
      const words = readWords(text);
      for (let i = 0; i < words.count; i++) {
        expect(words.end[i]!).toBeGreaterThan(words.start[i]!);
        expect(foldText(text.slice(words.start[i]!, words.end[i]!))).not.toContain(' ');
      }
    }),
  );
});

test('a name has one skeleton in every spelling', () => {
  expect(new Set(['Гаши', 'Gaši', 'Gashi'].map(nameSkeleton)).size).toBe(1);
  expect(new Set(['Вучић', 'Vuçiq', 'Vučić', 'Βούτσιτς', 'Вучиќ'].map(nameSkeleton)).size).toBe(1);
});
