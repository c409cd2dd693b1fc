/** Scores of tags against labels, as precision, recall and F1. */
import type { Tags } from '../src/tag/tags.ts';
import type { GoldItem } from './gold.ts';

export type Said = { readonly item: GoldItem; readonly tags: Tags };
export type Prf = { readonly tp: number; readonly fp: number; readonly fn: number };

export const f1 = ({ tp, fp, fn }: Prf): number => (tp + fp + fn === 0 ? 1 : (2 * tp) / (2 * tp + fp + fn));
export const round = (x: number): number => Math.round(x * 1000) / 1000;

export function relevantScore(said: readonly Said[]): Prf {
  const count = (want: boolean, got: boolean): number =>
    said.filter(({ item, tags }) => item.relevant === want && tags.relevant === got).length;
  return { tp: count(true, true), fp: count(false, true), fn: count(true, false) };
}

/** Over relevant items, as labels of parties, kinds and organisations count only there. */
export function setScore(said: readonly Said[], field: 'countries' | 'cooperation' | 'orgs'): Prf {
  let [tp, fp, fn] = [0, 0, 0];
  for (const { item, tags } of said) {
    if (!item.relevant) continue;
    const want = new Set<string>(item[field]);
    const hit = tags[field].filter((x) => want.has(x)).length;
    tp += hit;
    fp += tags[field].length - hit;
    fn += want.size - hit;
  }
  return { tp, fp, fn };
}

export type Figures = Record<
  'relevant' | 'worst' | 'topic' | 'countries' | 'cooperation' | 'orgs' | 'language',
  number
>;

/** The table of the tagger's quality. `worst` is the relevant F1 of the language with the lowest. */
export function figures(said: readonly Said[]): Figures {
  const languages = [...new Set(said.map(({ item }) => item.lang))];
  const part = (test: (s: Said) => boolean): number => round(said.filter(test).length / (said.length || 1));
  return {
    relevant: round(f1(relevantScore(said))),
    worst: round(Math.min(...languages.map((lang) => f1(relevantScore(said.filter((s) => s.item.lang === lang)))))),
    topic: part(({ item, tags }) => item.topic === tags.topic),
    countries: round(f1(setScore(said, 'countries'))),
    cooperation: round(f1(setScore(said, 'cooperation'))),
    orgs: round(f1(setScore(said, 'orgs'))),
    language: part(({ item, tags }) => item.lang === tags.lang),
  };
}
