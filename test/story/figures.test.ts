import { expect, test } from 'vitest';
import { figuresOf } from '../../src/story/figures.ts';
import { wordsOf } from '../../src/story/words.ts';

const read = (text: string): string[] =>
  figuresOf(wordsOf(text), text).map((f) =>
    f.kind === 'amount' ? String(f.value) : f.kind === 'model' ? f.name : `${f.month}-${f.day}`,
  );

test.each([
  ['The contract is worth 388 million euros', ['388000000']],
  ['Contractul are o valoare de 388 de milioane de euro', ['388000000']],
  ['έναντι 321 εκατ. δολαρίων', ['321000000']],
  ['Sözleşmenin bedeli 1,25 milyar dolar', ['1250000000']],
  ['Више од 1.300 војника и 1 300 добровољаца', ['1300', '1300']],
  ['About 12,000 troops from 9 countries', ['12000', '9']],
  ['magnitude 6.3', ['6.3']],
])('amounts are read alike in every notation: %s', (text, amounts) => {
  expect(read(text)).toEqual(amounts);
});

test.each([
  ['Grčka traži F-16 i F-35', ['f16', 'f35']],
  ['Систем ФК-3 на Батајници', ['fk3']],
  ['Bayraktar TB2 in Pristina', ['tb2']],
  ['BMP-1 στο Κίεβο', ['bmp1']],
])('model numbers meet across scripts: %s', (text, models) => {
  expect(read(text)).toEqual(models);
});

test.each([
  ['vežba traje do 27. juna', ['6-27']],
  ['на 26 јуни', ['6-26']],
  ['26 Haziran', ['6-26']],
  ['június 26-án', ['6-26']],
  ['στις 26 Ιουνίου', ['6-26']],
  ['on April 1', ['4-1']],
])('a day of a month is a date and no amount: %s', (text, days) => {
  expect(read(text)).toEqual(days);
});
