import { readFileSync } from 'node:fs';
import { inRoot } from '../root.ts';
import { copyScore } from './copy.ts';
import type { Features } from './features.ts';
import { FEATURE_NAMES, logitOf, type PairContext, type PairModel, type PairView, sigmoid, viewPair } from './pair.ts';
import { type Sketch, sketchOf } from './sketch.ts';

/** The trained model of scripts/train-story.ts. */
export type Models = { readonly story: PairModel };

let trained: Models | null = null;

/** The models in the repository (src/story/model.json), read once. */
export function trainedModels(): Models {
  trained ??= readModels(readFileSync(inRoot('src', 'story', 'model.json'), 'utf8'));
  return trained;
}

/** Weights belong to features by their place; a file of another making must not be read as if it fitted. */
function readModels(json: string): Models {
  const { features, ...models } = JSON.parse(json) as Models & { readonly features: readonly string[] };
  if (features.join() !== FEATURE_NAMES.join())
    throw new Error('src/story/model.json was trained for other features: run scripts/train-story.ts');
  return models;
}

/** What is thought of two items. */
export type Judgment = {
  /** Log-odds that they report the same event. */
  readonly logit: number;
  /** The same as a probability, 0–1. */
  readonly same: number;
  /** Probability that one republishes the other, 0–1. */
  readonly copy: number;
  readonly hours: number;
  /** The numbers that were weighed. */
  readonly view: PairView;
};

/** A pair of copies is of one story whatever else is said of it. */
const COPY_LOGIT = 6;

/** Judges two items. Pure and symmetric; some microseconds. */
export function judgePair(a: Features | Sketch, b: Features | Sketch, context: PairContext): Judgment {
  const [one, other] = [sketchOf(a), sketchOf(b)];
  const view: PairView = viewPair(one, other, context);
  const copy = view.sameGroup ? copyScore(one, other) : 0;
  const logit = Math.max(logitOf(trainedModels().story, view), copy >= 0.5 ? COPY_LOGIT : Number.NEGATIVE_INFINITY);
  return {
    logit,
    same: sigmoid(logit),
    copy,
    hours: view.hours,
    view,
  };
}
