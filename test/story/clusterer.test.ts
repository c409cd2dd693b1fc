import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { inRoot } from '../../src/root.ts';
import { createClusterer } from '../../src/story/clusterer.ts';

const parallel = readFileSync(inRoot('test', 'story', 'parallel.tsv'), 'utf8')
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('#'))
  .map((line) => line.split('\t') as [string, string, string]);
const at = '2024-05-05T10:00:00Z';

test('one everyday text in ten languages becomes one story, and different texts stay apart', () => {
  const clusterer = createClusterer();
  const languages = [...new Set(parallel.map(([, lang]) => lang))];
  for (const language of languages)
    for (const [text, lang, title] of parallel)
      if (lang === language) clusterer.add({ id: `${text}/${lang}`, lang, title, summary: null, publishedAt: at });
  const placed = clusterer.finish();
  let together = 0;
  let wrong = 0;
  let pairs = 0;
  const ids = [...placed.keys()];
  ids.forEach((a, i) => {
    for (const b of ids.slice(0, i)) {
      const same = a.split('/')[0] === b.split('/')[0];
      const joined = placed.get(a)!.story === placed.get(b)!.story;
      if (same) pairs++;
      if (same && joined) together++;
      if (!same && joined) wrong++;
    }
  });
  expect(together / pairs).toBeGreaterThan(0.9);
  expect(wrong / pairs).toBeLessThan(0.05);
});

test('one text in Serbian Cyrillic and Latin is always one story, the later print a copy of the earlier', () => {
  const pairs = [
    ['Млекара у Сомбору затворена због поплаве', 'Mlekara u Somboru zatvorena zbog poplave'],
    ['Џудисткиња из Чачка освојила сребро у Баку', 'Džudistkinja iz Čačka osvojila srebro u Bakuu'],
    ['Поскупљује превоз: карта од петка 60 динара', 'Poskupljuje prevoz: karta od petka 60 dinara'],
    ['Нађена ђачка књижица стара сто година', 'Nađena đačka knjižica stara sto godina'],
  ] as const;
  const clusterer = createClusterer();
  pairs.forEach(([cyrillic, latin], i) => {
    clusterer.add({ id: `c${i}`, lang: 'sr-Cyrl', title: cyrillic, summary: null, publishedAt: at });
    clusterer.add({ id: `l${i}`, lang: 'sr-Latn', title: latin, summary: null, publishedAt: at });
  });
  const placed = clusterer.finish();
  pairs.forEach((_, i) => {
    expect(placed.get(`l${i}`)!.story).toBe(placed.get(`c${i}`)!.story);
    expect(placed.get(`l${i}`)!.copyOf).toBe(`c${i}`);
  });
  expect(new Set([...placed.values()].map((p) => p.story)).size).toBe(pairs.length);
});

test('a follow-up a month later is another story', () => {
  const clusterer = createClusterer();
  const first = clusterer.add({
    id: 'a',
    lang: 'en',
    title: 'Albania and Italy agree on naval training',
    summary: 'Ministers met in Vlora to plan a joint course for divers.',
    publishedAt: '2025-02-01T10:00:00Z',
  });
  const later = clusterer.add({
    id: 'b',
    lang: 'en',
    title: 'Albania and Italy review naval training',
    summary: 'Ministers met in Vlora again to speak of the joint course for divers.',
    publishedAt: '2025-03-02T10:00:00Z',
  });
  expect(later.story).not.toBe(first.story);
});

test('an id that was added before is answered with its present place', () => {
  const clusterer = createClusterer();
  const item = { id: 'a', title: 'Snow closes the airport of Tivat', summary: null, publishedAt: null };
  expect(clusterer.add(item)).toEqual(clusterer.add(item));
  expect(clusterer.finish().size).toBe(1);
});

test('general news, of which the beat knows nothing, comes together by event and not by topic', () => {
  type Told = {
    id: string;
    event: string;
    lang: string;
    title: string;
    summary: string;
    publishedAt: string;
  };
  const items = readFileSync(inRoot('test', 'story', 'general.jsonl'), 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Told)
    .sort((a, b) => (a.publishedAt < b.publishedAt ? -1 : 1));
  const clusterer = createClusterer();
  for (const item of items) clusterer.add(item);
  const placed = clusterer.finish();
  const pairs = items.flatMap((a, i) => items.slice(0, i).map((b) => [a, b] as const));
  const together = pairs.filter(([a, b]) => placed.get(a.id)!.story === placed.get(b.id)!.story);
  const right = together.filter(([a, b]) => a.event === b.event).length;
  const same = pairs.filter(([a, b]) => a.event === b.event).length;
  expect((2 * right) / (together.length + same)).toBeGreaterThan(0.88);
});
