/** The labelled items under test/gold, read for training and measuring. */
import { readdirSync, readFileSync } from 'node:fs';
import { inRoot } from '../src/root.ts';
import { type Reading, readItem } from '../src/tag/concepts.ts';
import type { Cooperation, Org, Topic } from '../src/tag/tags.ts';

export type GoldItem = {
  readonly id: string;
  readonly lang: string;
  readonly outletCountry: string | null;
  readonly title: string;
  readonly summary: string | null;
  readonly topic: Topic;
  readonly relevant: boolean;
  readonly countries: readonly string[];
  readonly cooperation: readonly Cooperation[];
  readonly orgs: readonly Org[];
  readonly story: string | null;
  readonly affair: string | null;
  readonly copyOf: string | null;
};

const folder = inRoot('test', 'gold');

const read = (file: string): GoldItem[] =>
  readFileSync(`${folder}/${file}`, 'utf8')
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => JSON.parse(line) as GoldItem);

/** All labelled items but the everyday ones. */
export function readGold(): GoldItem[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.jsonl') && name !== 'everyday.jsonl')
    .sort()
    .flatMap(read);
}

/** The everyday headlines: what 99 of 100 items in feeds are. Their label is the topic; none of them is of the beat. */
export function readEveryday(): GoldItem[] {
  if (!readdirSync(folder).includes('everyday.jsonl')) return [];
  const none = { relevant: false, countries: [], cooperation: [], orgs: [], story: null, affair: null } as const;
  return read('everyday.jsonl').map((item) => ({ ...item, ...none, copyOf: null }));
}

/** Which fifth an item is held out in: by story, copies with their original, so that no event is on both sides. */
export function foldOf(item: GoldItem, folds: number): number {
  const key = item.story ?? item.affair ?? item.copyOf ?? item.id;
  let h = 7;
  for (const char of key) h = (Math.imul(h, 31) + char.charCodeAt(0)) >>> 0;
  return (h ^ (h >>> 7)) % folds;
}

/** An item read once by the lexicon of its own language. */
export type ReadGold = { readonly item: GoldItem; readonly readings: readonly Reading[] };

export const readByLexicon = (items: readonly GoldItem[]): ReadGold[] =>
  items.map((item) => ({ item, readings: readItem(item, item.lang) }));

/** The same readings with every person that the lexicon knows taken out. */
export const withoutPersons = (readings: readonly Reading[]): Reading[] =>
  readings.map((reading) => ({ ...reading, hits: reading.hits.filter((hit) => hit.sense !== 'person') }));
