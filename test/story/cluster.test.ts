import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { inRoot } from '../../src/root.ts';
import { type Id, type RelateItem, relateBatch } from '../../src/story/cluster.ts';
import { type Features, storyFeatures } from '../../src/story/features.ts';
import type { TagInput, Tags } from '../../src/tag/tags.ts';

type Labelled = TagInput &
  Pick<Tags, 'lang' | 'topic' | 'countries' | 'cooperation' | 'orgs'> & { publishedAt: string; story: string | null };

const gold = readFileSync(inRoot('test', 'gold', 'one.jsonl'), 'utf8')
  .split('\n')
  .filter(Boolean)
  .map((line) => JSON.parse(line) as Labelled)
  .sort((a, b) => (a.publishedAt < b.publishedAt ? -1 : 1));
const company = (story: string | null): number => gold.filter((item) => story !== null && item.story === story).length;
const seen: readonly Features[] = gold
  .filter((item) => company(item.story) > 1)
  .slice(0, 120)
  .map((item) => storyFeatures({ ...item, title: item.title, summary: item.summary, tags: item }));
const item = (i: number, story: Id = i + 1): RelateItem => ({
  id: i,
  story,
  copyOf: null,
  features: seen[i]!,
  key: `k${i}`,
});
const densityAt = () => 5;

/** A partition as text: the ids of each story in order, stories in order. */
function partition(stories: ReadonlyMap<Id, Id>): string {
  const groups = new Map<Id, number[]>();
  for (const [id, story] of stories) groups.set(story, [...(groups.get(story) ?? []), id as number]);
  return [...groups.values()]
    .map((ids) => ids.sort((a, b) => a - b).join())
    .sort()
    .join(' ');
}

test('the order of arrival within a batch does not change the partition, nor the copies', () => {
  const order = fc.shuffledSubarray([...Array(60).keys()], { minLength: 60, maxLength: 60 });
  const plain = relateBatch({ batch: [...Array(60).keys()].map((i) => item(i)), stored: [], densityAt });
  expect(new Set(plain.stories.values()).size).toBeLessThan(45);
  fc.assert(
    fc.property(order, (ids) => {
      const arrived = relateBatch({ batch: ids.map((i, n) => item(i, n + 1)), stored: [], densityAt });
      expect(partition(arrived.stories)).toBe(partition(plain.stories));
      expect(new Map(arrived.copyOf)).toEqual(new Map(plain.copyOf));
    }),
    { numRuns: 25 },
  );
});

test('stories are joined and never taken apart, and the older id survives', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 60, maxLength: 60 }), (labels) => {
      const stored = labels.map((story, i) => item(i, story));
      const batch = [...Array(40).keys()].map((n) => item(60 + n, 1000 + n));
      const { stories, joins } = relateBatch({ batch, stored, densityAt });
      for (const { from, to } of joins) expect(to as number).toBeLessThan(from as number);
      expect(new Set(joins.map((j) => j.from)).size).toBe(joins.length);
      for (const { to } of joins) expect(joins.some((j) => j.from === to)).toBe(false);
      const gone = new Set(joins.map((j) => j.from));
      for (const story of stories.values()) expect(gone.has(story)).toBe(false);
    }),
    { numRuns: 15 },
  );
});

test('relating an item again changes nothing', () => {
  const first = relateBatch({ batch: [...Array(60).keys()].map((i) => item(i)), stored: [], densityAt });
  const placed = [...Array(60).keys()].map((i) => ({
    ...item(i, first.stories.get(i)!),
    copyOf: first.copyOf.get(i) ?? null,
  }));
  const again = relateBatch({ batch: placed.slice(40), stored: placed.slice(0, 40), densityAt });
  for (const { id, story } of placed.slice(40)) expect(again.stories.get(id)).toBe(story);
  expect(again.joins).toEqual([]);
  expect([...again.copyOf]).toEqual([]);
});

const wire = (id: number, minutes: number, lang: string, title: string, summary: string): RelateItem => ({
  id,
  story: id,
  copyOf: null,
  key: `w${id}`,
  features: storyFeatures({ lang, title, summary, publishedAt: new Date(Date.UTC(2025, 4, 5, 8, minutes)) }),
});
const latin = (id: number, minutes: number, title: string) =>
  wire(
    id,
    minutes,
    'sr-Latn',
    title,
    'Rečni minolovac „Una” krenuo je jutros sa 40 članova posade ka Rumuniji, gde će tražiti mine na Dunavu.',
  );

test('the original of copies is the earliest, even if it arrives last', () => {
  const stored = [
    latin(1, 30, 'Minolovac krenuo ka Rumuniji'),
    { ...latin(2, 40, 'Na putu u Rumuniju'), story: 1, copyOf: 1 },
  ];
  const { stories, copyOf } = relateBatch({ batch: [latin(3, 5, 'Isplovila „Una”')], stored, densityAt });
  expect(stories.get(3)).toBe(1);
  expect(Object.fromEntries(copyOf)).toEqual({ 1: 3, 2: 3 });
});

test('items that are more than the window apart are never one story', () => {
  const late = {
    ...latin(2, 0, 'Isplovila „Una”'),
    features: { ...latin(2, 0, 'Isplovila „Una”').features, at: Date.UTC(2025, 4, 9) },
  };
  const { stories } = relateBatch({ batch: [late], stored: [latin(1, 0, 'Isplovila „Una”')], densityAt });
  expect(stories.get(2)).toBe(2);
});

test('the evidence names the nearest report of the story, the nearest of another, and what they share', () => {
  const { evidence } = relateBatch({
    batch: [latin(2, 9, 'Na Dunavu traže mine')],
    stored: [
      latin(1, 0, 'Isplovila „Una”'),
      wire(3, 3, 'en', 'Danube cruise season opens in Novi Sad', 'The first ship carried 40 tourists to Romania.'),
    ],
    densityAt,
  });
  expect(evidence.get(2)?.nearest?.id).toBe(1);
  expect(evidence.get(2)?.nearest?.why.map((w) => w.term)).toContain('tdunav');
  expect(evidence.get(2)?.runnerUp?.id).toBe(3);
});
