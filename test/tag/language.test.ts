import { describe, expect, test } from 'vitest';
import { readGold } from '../../scripts/gold.ts';
import { detectLanguage, itemLanguage } from '../../src/tag/language.ts';

describe('a headline of six words', () => {
  test.each([
    ['The council will meet again tomorrow', 'en'],
    ['Где ће се градити нова болница', 'sr-Cyrl'],
    ['Gde će se graditi nova bolnica', 'sr-Latn'],
    ['Tko će sljedeći tjedan voditi sustav', 'hr'],
    ['Kje bodo zgradili novo bolnišnico letos', 'sl'],
    ['Каде ќе се гради новата болница', 'mk'],
    ['Къде ще бъде построена новата болница', 'bg'],
    ['Ku do të ndërtohet spitali i ri', 'sq'],
    ['Πού θα χτιστεί το νέο νοσοκομείο', 'el'],
    ['Unde va fi construit noul spital', 'ro'],
    ['Yeni hastane nerede ve ne zaman yapılacak', 'tr'],
    ['Hol épül fel majd az új kórház', 'hu'],
    ['Wo wird das neue Krankenhaus gebaut', 'und'],
    ['Dove sarà costruito il nuovo ospedale', 'und'],
    ['Где и когда построят новые больницы', 'und'],
    ['Gdzie powstanie nowy szpital miejski', 'und'],
    ['新しい病院', 'und'],
    ['2024', 'und'],
  ])('"%s" is %s', (text, lang) => {
    expect(detectLanguage(text)).toBe(lang);
  });
});

test('where the words do not tell, the outlet’s country does', () => {
  const text = 'Policija traga za vozačem u centru';
  const tags = [...'RS HR BA ME'.split(' ')].map((outletCountry) => detectLanguage(text, { outletCountry }));
  expect(tags).toEqual(['sr-Latn', 'hr', 'bs', 'cnr']);
});

test('an outlet’s country never turns one language into a stranger', () => {
  expect(detectLanguage('The council will meet again tomorrow', { outletCountry: 'RS' })).toBe('en');
  expect(detectLanguage('Kje bodo zgradili novo bolnišnico letos', { outletCountry: 'HR' })).toBe('sl');
});

test('what the caller knows counts, and the text gives the script', () => {
  expect(itemLanguage({ title: 'Нова болница', summary: null, lang: 'sr' })).toBe('sr-Cyrl');
  expect(itemLanguage({ title: 'Nova bolnica', summary: null, lang: 'hr' })).toBe('hr');
  expect(itemLanguage({ title: 'Krankenhaus', summary: null, lang: 'de' })).toBe('und');
});

test('the labelled items are recognised', () => {
  const gold = readGold();
  const right = gold.filter((item) => itemLanguage({ ...item, lang: null }) === item.lang);
  expect(right.length / gold.length).toBeGreaterThan(0.97);
});
