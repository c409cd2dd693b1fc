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

// One pair is weighed at a time, and relating weighs hundreds for an item: the numbers are kept between calls.
const numbers = new Float64Array(AFFAIR_FEATURES.length);

/** The numbers that the model reads of a pair, in the order of `AFFAIR_FEATURES`; overwritten by the next call. */
export function affairNumbers(view: PairView, grades: Grades, candidate: Likely, days: number): Float64Array {
  const later = Math.log1p(Math.max(0, days - 7) / 14);
  let to = 0;
  for (const i of KEPT) numbers[to++] = view.x[i]!;
  numbers[to++] = grades.two;
  numbers[to++] = grades.one;
  numbers[to++] = candidate.hard;
  numbers[to++] = candidate.politics;
  numbers[to++] = Math.log1p(days / 3);
  numbers[to++] = later;
  numbers[to++] = days > 120 ? 1 : 0;
  numbers[to++] = later * view.x[TOTAL]!;
  numbers[to++] = later * view.x[NAMES]!;
  return numbers;
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
export function affairOf(view: PairView, of: Float64Array): number {
  const weights = affairModel()[view.sameGroup ? 'same' : 'cross'];
  let sum = 0;
  for (let i = 0; i < weights.length; i++) sum += weights[i]! * of[i]!;
  return sigmoid(sum);
}
