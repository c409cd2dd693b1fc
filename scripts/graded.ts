/** Labelled items as Read next is trained and measured on them: their grades, and their tags by models that never saw them. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { softly, weigh } from '../src/tag/tagger.ts';
import type { SoftTags, Tags } from '../src/tag/tags.ts';
import { fitModels } from './fit.ts';
import { foldOf, type GoldItem, readByLexicon, readEveryday, readGold } from './gold.ts';

/** A labelled item with its date. */
export type Labelled = GoldItem & { readonly publishedAt: string; readonly outlet: string };
/** What the tagger says of an item. */
export type Seen = {
  readonly tags: Pick<Tags, 'lang' | 'topic' | 'relevant' | 'countries' | 'cooperation' | 'orgs'>;
  readonly soft: SoftTags | null;
};

const DAY = 86_400_000;
const HARD = new Set(['defence-cooperation', 'defence', 'security']);
const shared = (a: readonly string[], b: readonly string[]): number => a.filter((x) => b.includes(x)).length;

/** The grade of a candidate by the labels: 0–3, or null for the article's own event. */
export function gradeOf(article: Labelled, candidate: Labelled): number | null {
  if (article.story !== null && candidate.story === article.story) return null;
  if (article.affair !== null && candidate.affair === article.affair) return 3;
  const countries = shared(article.countries, candidate.countries);
  const kinds = shared(article.cooperation, candidate.cooperation);
  const near = (HARD.has(candidate.topic) && countries >= 2) || (kinds > 0 && countries > 0);
  const context = kinds > 0 || (countries > 0 && candidate.topic !== 'other');
  const days = Math.abs(Date.parse(article.publishedAt) - Date.parse(candidate.publishedAt)) / DAY;
  return Math.max(0, (near ? 2 : context ? 1 : 0) - (days > 120 ? 1 : 0));
}

/** A label of affairs that holds more stories than this is a drawer, not an affair. */
const MOST_STORIES = 12;

function withoutDrawers(items: readonly Labelled[]): Labelled[] {
  const stories = new Map<string, Set<string>>();
  for (const { affair, story, id } of items)
    if (affair !== null) stories.set(affair, (stories.get(affair) ?? new Set()).add(story ?? id));
  return items.map((item) =>
    item.affair !== null && stories.get(item.affair)!.size > MOST_STORIES ? { ...item, affair: null } : item,
  );
}

const FOLDS = 5;

/**
 * What models say of each item of test/gold that were trained without its story.
 * @param cache a file that keeps the answer from run to run
 */
export function heldOut(cache?: string): ReadonlyMap<string, Seen> {
  if (cache !== undefined && existsSync(cache)) return new Map(JSON.parse(readFileSync(cache, 'utf8')));
  const seen = tagHeldOut();
  if (cache !== undefined) writeFileSync(cache, JSON.stringify([...seen]));
  return seen;
}

function tagHeldOut(): ReadonlyMap<string, Seen> {
  const gold = readByLexicon(readGold());
  const everyday = readByLexicon(readEveryday());
  const seen = new Map<string, Seen>();
  for (let fold = 0; fold < FOLDS; fold++) {
    const out = ({ item }: { item: GoldItem }): boolean => foldOf(item, FOLDS) === fold;
    const models = fitModels(
      gold.filter((x) => !out(x)),
      everyday.filter((x) => !out(x)),
      2,
    );
    for (const { item, readings } of gold.filter(out))
      seen.set(item.id, {
        tags: weigh(models, readings, item.lang, item.outletCountry),
        soft: softly(models, readings, item.outletCountry),
      });
  }
  return seen;
}

/** A labelled file in order of time. */
export const readSet = (file: string): Labelled[] =>
  withoutDrawers(
    readFileSync(file, 'utf8')
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as Labelled),
  ).sort((a, b) => (a.publishedAt < b.publishedAt ? -1 : 1));
