import { readFileSync } from 'node:fs';
import { inRoot } from '../root.ts';
import { FEATURE_NAMES, type PairView, sigmoid } from '../story/pair.ts';
import type { Grades, Likely } from './expect.ts';

/**
 * How likely two reports of different events are of one developing affair. A model of its own, fitted to tags held out and to pairs as
 * Read next meets them (scripts/train-readnext.ts): among all that was ever published, not within a window of days.
 */
export type AffairModel = {
  readonly features: readonly string[];
  readonly same: readonly number[];
  readonly cross: readonly number[];
};

/** Of what the story room reads of a pair, all but the distance in time, which matters otherwise here. */
const KEPT = FEATURE_NAMES.flatMap((name, i) =>
  ['days', 'daysSquared', 'sameDay', 'logDays', 'density'].includes(name) ? [] : [i],
);

export const AFFAIR_FEATURES: readonly string[] = [
  ...KEPT.map((i) => FEATURE_NAMES[i]!),
  'twoByTags',
  'oneByTags',
  'hard',
  'politics',
  'weeks',
  'months',
  'stale',
  'totalLater',
  'namesLater',
];

const DAY = 86_400_000;
const TOTAL = FEATURE_NAMES.indexOf('totalCosine');
const NAMES = FEATURE_NAMES.indexOf('names');

/** The numbers that the model reads of a pair, in the order of `AFFAIR_FEATURES`. */
export function affairNumbers(view: PairView, grades: Grades, candidate: Likely, days: number): number[] {
  const later = Math.log1p(Math.max(0, days - 7) / 14);
  return [
    ...KEPT.map((i) => view.x[i]!),
    grades.two,
    grades.one,
    candidate.hard,
    candidate.politics,
    Math.log1p(days / 3),
    later,
    days > 120 ? 1 : 0,
    later * view.x[TOTAL]!,
    later * view.x[NAMES]!,
  ];
}

type Dated = { readonly at: number | null };
export const daysBetween = (a: Dated, b: Dated): number =>
  a.at === null || b.at === null ? 0 : Math.abs(a.at - b.at) / DAY;

let trained: AffairModel | null = null;

function affairModel(): AffairModel {
  if (trained === null) {
    trained = JSON.parse(readFileSync(inRoot('src', 'readnext', 'affair.json'), 'utf8')) as AffairModel;
    if (trained.features.join() !== AFFAIR_FEATURES.join())
      throw new Error('src/readnext/affair.json was trained for other features: run scripts/train-readnext.ts');
  }
  return trained;
}

/** Probability that the two are of one affair, 0–1. */
export function affairOf(view: PairView, numbers: readonly number[]): number {
  const weights = affairModel()[view.sameGroup ? 'same' : 'cross'];
  let sum = 0;
  for (let i = 0; i < weights.length; i++) sum += weights[i]! * numbers[i]!;
  return sigmoid(sum);
}
