/** Which kinds of cooperation a relevant item tells of: a model a kind over the concepts, their neighbours and the words. */
import { type Bag, bagMaker, nameHash, pairHash } from './bag.ts';
import type { Hit, Reading } from './concepts.ts';
import { tokensOf } from './features.ts';
import { type Net, netLogits } from './net.ts';
import { COOPERATION, type Cooperation } from './tags.ts';
import { type LinearModel, linearBag } from './weights.ts';

export const COOPERATION_BUCKETS = 1 << 14;
const makeBag = bagMaker(COOPERATION_BUCKETS);

const H = {
  ...{
    title: nameHash('coop title'),
    near: nameHash('coop near'),
    word: nameHash('coop word'),
    both: nameHash('coop both'),
  },
  ...{
    persons: nameHash('coop persons'),
    states: nameHash('coop states'),
    weapon: nameHash('weapon'),
    any: nameHash('coop any'),
  },
  ...{
    pair: nameHash('coop pair'),
    sense: nameHash('coop sense'),
    cue: nameHash('coop cue'),
    cues: nameHash('coop cues'),
  },
};

/** Strengths of the features, chosen by cross-validation. */
const WEIGHT = {
  cue: 2.5,
  cues: 0.4,
  concept: 1.5,
  title: 0.8,
  near: 0.3,
  pair: 0.1,
  shape: 0.6,
  word: 0.25,
  wordPair: 0.12,
};

/** Concepts that speak for a kind of cooperation by themselves, as `sense:value` or a sense. */
export const CUES: Readonly<Record<Cooperation, readonly string[]>> = {
  agreement: ['thing:agreement', 'act:sign', 'thing:plan', 'thing:declaration', 'act:agree', 'act:ratify'],
  alliance: ['thing:alliance', 'thing:membership', 'thing:guarantee', 'act:join', 'act:ratify'],
  exercise: ['exercise'],
  training: ['act:train', 'thing:academy', 'thing:school', 'thing:course', 'trap:education'],
  procurement: ['act:buy', 'act:sell', 'act:deliver', 'thing:contract'],
  aid: ['act:donate', 'act:fund', 'thing:grant', 'thing:loan'],
  industry: ['act:produce', 'thing:joint-production', 'thing:factory', 'thing:offset'],
  mission: [
    'mission',
    'thing:mission',
    'thing:rotation',
    'thing:air-policing',
    'act:deploy',
    'act:command',
    'org:kfor',
    'org:eufor',
  ],
  visit: ['act:meet', 'act:visit', 'act:receive', 'act:talk', 'thing:summit', 'thing:conference', 'thing:delegation'],
  basing: ['thing:base', 'thing:corridor', 'act:host', 'act:build', 'act:open'],
  cyber: ['thing:cyber', 'thing:intelligence', 'thing:hybrid', 'thing:network'],
  dispute: [
    ...['act:protest', 'act:accuse', 'act:deny', 'act:threaten', 'act:reject', 'act:violate'],
    ...['thing:arms-race', 'thing:provocation', 'politics:protest', 'politics:dispute'],
  ],
};

const cueMasks = new Map<number, number>();

/** The kinds that a hit speaks for, as bits in the order of `COOPERATION`. */
export function cueMask(hit: Hit): number {
  let mask = cueMasks.get(hit.feature);
  if (mask === undefined) {
    const name = `${hit.sense}:${hit.value}`;
    mask = 0;
    COOPERATION.forEach((type, i) => {
      if (CUES[type].includes(hit.sense) || CUES[type].includes(name)) mask! |= 1 << i;
    });
    cueMasks.set(hit.feature, mask);
  }
  return mask;
}

/** The names of places and people say nothing of the kind; only that and how many there are. */
const NAMES: ReadonlySet<string> = new Set(['country', 'demonym', 'capital', 'unit']);

/** The features of an item for the cooperation model. */
export function cooperationFeatures(readings: readonly Reading[], words = true): Bag {
  const { bag, add } = makeBag();
  const states = new Set<string>();
  const speakers = new Set<string>();
  const distinct: number[] = [];
  let [cues, titleCues, weapons, atWar] = [0, 0, 0, 0];
  for (const reading of readings) {
    const title = reading.field === 'title' ? 1 : 0;
    let before: Hit | null = null;
    for (const hit of reading.hits) {
      if (hit.country !== '') states.add(hit.country);
      if (hit.sense === 'person') speakers.add(hit.country);
      const mask = cueMask(hit);
      cues |= mask;
      if (title) titleCues |= mask;
      add(hit.feature, WEIGHT.concept);
      if (title) add(pairHash(H.title, hit.feature), WEIGHT.title);
      if (hit.sense === 'foreign-war' || hit.country === 'UA') atWar = 1;
      if (hit.sense === 'weapon') weapons |= 1 + title;
      if (hit.sense === 'weapon') add(pairHash(H.weapon, title), WEIGHT.concept);
      if (!NAMES.has(hit.sense) && !distinct.includes(hit.feature)) distinct.push(hit.feature);
      if (before !== null && hit.first > before.last && hit.first - before.last <= 4) {
        add(pairHash(H.near, pairHash(before.feature, hit.feature)), WEIGHT.near);
      }
      if (before === null || hit.last > before.last) before = hit;
    }
  }
  add(pairHash(H.states, Math.min(states.size, 4)), WEIGHT.shape);
  add(pairHash(H.persons, Math.min(speakers.size, 3)), WEIGHT.shape);
  // Arms and a state at war are mostly a gift, arms and none mostly a purchase.
  add(pairHash(pairHash(H.weapon, weapons + 4 * atWar), Math.min(states.size, 3)), WEIGHT.concept);
  add(pairHash(pairHash(H.weapon, weapons + 4 * atWar), titleCues), WEIGHT.cues);
  add(pairHash(H.cues, cues), WEIGHT.cues);
  add(pairHash(pairHash(H.cues, H.title), titleCues), WEIGHT.cues);
  for (let t = 0; t < COOPERATION.length; t++) {
    if ((cues >> t) & 1) add(pairHash(H.cue, t), WEIGHT.cue);
    if ((titleCues >> t) & 1) add(pairHash(pairHash(H.cue, H.title), t), WEIGHT.cue);
  }
  for (let i = 0; i < distinct.length && i < 20; i++) {
    for (let j = i + 1; j < distinct.length && j < 20; j++) {
      const [a, b] = distinct[i]! < distinct[j]! ? [distinct[i]!, distinct[j]!] : [distinct[j]!, distinct[i]!];
      add(pairHash(H.pair, pairHash(a, b)), WEIGHT.pair);
    }
  }
  for (const reading of words ? readings : []) {
    const tokens = tokensOf(reading);
    for (let i = 0; i < tokens.length; i++) {
      add(pairHash(H.word, tokens[i]!), WEIGHT.word);
      if (i > 0) add(pairHash(pairHash(H.word, tokens[i - 1]!), tokens[i]!), WEIGHT.wordPair);
    }
  }
  return bag;
}

export type CooperationModel = { readonly linear: LinearModel; readonly net: Net };

export type ScoredCooperation = { readonly type: Cooperation; readonly score: number };

/** The log odds of every kind, given that the item is relevant: the mean of both models. `inputs` are those of `netInputs`. */
export function cooperationLogits(
  { linear, net }: CooperationModel,
  readings: readonly Reading[],
  inputs: readonly number[],
): number[] {
  const one = linearBag(linear, cooperationFeatures(readings));
  const two = netLogits(net, inputs);
  return COOPERATION.map((_, i) => (one[i]! + two[i]!) / 2);
}

/** The log odds above which a kind is told, fitted on items held out of training. */
const enoughOf = ({ linear }: CooperationModel): number => Number(linear.extra.threshold ?? 0);

/** The kinds that the models find likely enough; none: the likeliest, for a relevant item nearly always has one. */
export function weighCooperation(
  model: CooperationModel,
  readings: readonly Reading[],
  inputs: readonly number[],
): ScoredCooperation[] {
  const logits = cooperationLogits(model, readings, inputs);
  const enough = Math.min(enoughOf(model), Math.max(...logits));
  const chosen = COOPERATION.map((type, i) => ({ type, logit: logits[i]! })).filter(({ logit }) => logit >= enough);
  return chosen.map(({ type, logit }) => ({ type, score: sigmoid(logit) }));
}

/** The probability of every kind, given that the item is relevant. */
export const likelyCooperation = (
  model: CooperationModel,
  readings: readonly Reading[],
  inputs: readonly number[],
): number[] => cooperationLogits(model, readings, inputs).map(sigmoid);

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));
