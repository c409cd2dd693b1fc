import { describe, expect, test } from 'vitest';
import { readWords } from '../../src/tag/fold.ts';
import { createMatcher } from '../../src/tag/matcher.ts';

/** What a pattern finds in a text, as the matched words. */
function found(pattern: string, text: string): string[] {
  const matcher = createMatcher();
  matcher.add(pattern, 0, pattern.length, 0);
  const words = readWords(text);
  return matcher.match(words, () => true).map(({ first, last }) => text.slice(words.start[first]!, words.end[last]!));
}

describe('a pattern', () => {
  test.each([
    ['ministar*', 'Kod ministra? Ministarstvo i ministarka.', ['Ministarstvo', 'ministarka']],
    ['vojska', 'vojska, vojske, Војска', ['vojska', 'Војска']],
    ['=SAD', 'SAD ili sad', ['SAD']],
    ['=SAD', 'САД или сад, Сад', ['САД']],
    ['=Vojska', 'ВОЈСКА, Војска, војска', ['Војска']],
    ['(odbrane|obrane) srbije', 'obrane Srbije', ['obrane Srbije']],
    ['stari? most', 'most i stari most', ['most', 'stari most', 'most']],
    ['(vojn|odbramben)* savez', 'vojni savez', ['vojni savez']],
    ['potpisal* .. sporazum*', 'potpisali su danas u Beču sporazum', []],
    ['potpisal* .. sporazum*', 'potpisali su u Beču sporazum', ['potpisali su u Beču sporazum']],
    ['F-16', 'dva F-16 i jedan f 16', ['F-16', 'f 16']],
  ])('%s in "%s"', (pattern, text, words) => {
    expect(found(pattern, text)).toEqual(words);
  });

  test('never spans a sentence', () => {
    expect(found('vojska srbije', 'Stigla je vojska. Srbije nema.')).toEqual([]);
  });

  test.each(['', '(a|b', 'a (b|(c|d))', '.. a', 'a b?*c', '--'])('"%s" is refused', (pattern) => {
    expect(() => createMatcher().add(pattern, 0, pattern.length, 0)).toThrow(SyntaxError);
  });
});
