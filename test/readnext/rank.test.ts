import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Candidate, FLOOR, makeList, type ReadNextItem, rankReadNext } from '../../src/readnext/rank.ts';
import { inRoot } from '../../src/root.ts';
import { storyFeatures } from '../../src/story/features.ts';
import type { TagInput, Tags } from '../../src/tag/tags.ts';

type Labelled = TagInput &
  Pick<Tags, 'lang' | 'topic' | 'countries' | 'cooperation' | 'orgs'> & {
    id: string;
    outlet: string;
    publishedAt: string;
    story: string | null;
    copyOf: string | null;
  };

const pool: readonly Candidate[] = readFileSync(inRoot('test', 'gold', 'two.jsonl'), 'utf8')
  .split('\n')
  .filter(Boolean)
  .slice(0, 250)
  .map((line) => JSON.parse(line) as Labelled)
  .map((item) => ({
    id: item.id,
    story: item.story ?? item.id,
    outlet: item.outlet,
    isCopy: item.copyOf !== null,
    tags: item,
    features: storyFeatures({ ...item, tags: item }),
  }));
const article = fc.constantFrom(...pool);

test('a list never holds the article, its story, a story twice, or anything below the floor, best first', () => {
  fc.assert(
    fc.property(article, fc.integer({ min: 1, max: 24 }), (anchor, limit) => {
      const list = makeList(anchor, pool, limit);
      const stories = list.map((e) => e.candidate.story);
      expect(list.length).toBeLessThanOrEqual(limit);
      expect(stories).not.toContain(anchor.story);
      expect(new Set(stories).size).toBe(stories.length);
      for (const entry of list) {
        expect(entry.score).toBeGreaterThanOrEqual(FLOOR);
        expect(entry.reasons.length).toBeGreaterThan(0);
      }
    }),
    { numRuns: 40 },
  );
});

test('the order of the pool does not change the list', () => {
  fc.assert(
    fc.property(article, fc.shuffledSubarray([...pool], { minLength: pool.length }), (anchor, shuffled) => {
      const ids = (candidates: readonly Candidate[]) => makeList(anchor, candidates, 8).map((e) => e.candidate.id);
      expect(ids(shuffled)).toEqual(ids(pool));
    }),
    { numRuns: 10 },
  );
});

const at = (day: number, hour = 10) => new Date(Date.UTC(2025, 2, day, hour)).toISOString();
const seed: ReadNextItem = {
  id: 'plan',
  lang: 'en',
  title: 'Vučić sees Serbia and Hungary on the way to a military alliance',
  summary:
    'The president of Serbia spoke after the defence ministers, Gašić and Szalay-Bobrovniczky, had put their names to a paper on strategic defence cooperation with 79 activities for this year.',
  publishedAt: at(32),
};
const protest: ReadNextItem = {
  id: 'protest',
  lang: 'en',
  title: 'Belgrade objects to defence declaration of Croatia, Albania and Kosovo',
  summary:
    'The Serbian foreign ministry calls the military cooperation agreed in Tirana a provocation and fears an alliance against Serbia.',
  publishedAt: at(18),
};
const minister: ReadNextItem = {
  id: 'minister',
  lang: 'en',
  title: 'British foreign secretary off to Serbia and Kosovo',
  summary: 'Lammy wants closer work of the police against smugglers of people and organised crime.',
  publishedAt: at(31),
};
const resignation: ReadNextItem = {
  id: 'resignation',
  lang: 'en',
  title: "Serbia's parliament takes note of the prime minister's resignation",
  summary: 'Within 30 days Serbia needs a new government, or the president calls an early election.',
  publishedAt: at(19),
};
const otherReport: ReadNextItem = {
  id: 'report',
  lang: 'sr-Latn',
  title: 'Gašić i Salai-Bobrovnicki potpisali dokument o strateškoj saradnji Srbije i Mađarske',
  summary: 'Ministri odbrane dve zemlje dogovorili su 79 zajedničkih aktivnosti, a Vučić govori o vojnom savezu.',
  publishedAt: at(32, 9),
};
const everyday: readonly ReadNextItem[] = [
  ['cake', 'Grandmother bakes a cake of forty layers', 'Neighbours in Kragujevac queued for a slice.'],
  ['match', 'Partizan wins the derby in the last minute', 'The striker scored twice and the defence held.'],
  ['snow', 'Snow closes the road over the pass', 'Drivers are asked to carry chains until Sunday.'],
  ['film', 'Festival opens with a film about bees', 'The director thanked the village.'],
  ['prices', 'Bread grows dearer by four dinars', 'Bakers blame the price of flour.'],
].map(([id, title, summary]) => ({ id: id!, lang: 'en', title: title!, summary: summary!, publishedAt: at(31) }));

test('after the Serbian–Hungarian paper come the protest against the Tirana declaration, then the context, and never the paper itself', () => {
  const list = rankReadNext(seed, [seed, otherReport, ...everyday, resignation, minister, protest], 4);
  expect(list[0]).toBe('protest');
  expect(list).toContain('minister');
  expect(list).toContain('resignation');
  expect(list).not.toContain('plan');
  expect(list).not.toContain('report');
});

test('rather no entry than a bad one', () => {
  expect(rankReadNext(seed, everyday, 4)).toEqual([]);
});

test('what is current comes before the same kind of thing of last year', () => {
  const drill = (id: string, publishedAt: string): ReadNextItem => ({
    id,
    lang: 'en',
    title: `Exercise of ${id === 'new' ? 'Serbian and Hungarian' : 'Hungarian and Serbian'} engineers on the Tisza`,
    summary: 'Soldiers of Serbia and Hungary build a bridge together.',
    publishedAt,
    tags: { topic: 'defence-cooperation', countries: ['RS', 'HU'], cooperation: ['exercise'], orgs: [] },
  });
  expect(rankReadNext(seed, [drill('old', '2023-05-01T10:00:00Z'), drill('new', at(10))], 2)[0]).toBe('new');
});
