/** Fits the models that weigh an item: topic, cooperation and parties, with thresholds and calibration on held-out folds. */
import type { Bag } from '../src/tag/bag.ts';
import type { Reading } from '../src/tag/concepts.ts';
import { COOPERATION_BUCKETS, cooperationFeatures } from '../src/tag/cooperation.ts';
import { TOPIC_BUCKETS, topicFeatures } from '../src/tag/features.ts';
import { candidatesIn, PARTY_BUCKETS, partyFeatures, sceneOf } from '../src/tag/parties.ts';
import { groupOf } from '../src/tag/region.ts';
import type { Models } from '../src/tag/tagger.ts';
import { COOPERATION, TOPICS } from '../src/tag/tags.ts';
import { type LinearModel, linearBag } from '../src/tag/weights.ts';
import { foldOf, type ReadGold, withoutPersons } from './gold.ts';
import { type Example, quantise, train } from './logistic.ts';

/** How items with their persons blanked count beside the full ones: results must not hang on names. */
const BLANKED = 0.4;
/** How an everyday headline counts: they are many and dull. */
const EVERYDAY = 1;

const example = (bag: Bag, target: readonly number[], weight: number): Example => ({
  buckets: bag.ids,
  values: bag.values,
  target,
  weight,
});

type Part = 'topic' | 'cooperation' | 'parties';
export const SETTINGS: Record<Part, { buckets: number; epochs: number; rate: number; decay: number }> = {
  topic: { buckets: TOPIC_BUCKETS, epochs: 14, rate: 0.08, decay: 2e-3 },
  cooperation: { buckets: COOPERATION_BUCKETS, epochs: 14, rate: 0.08, decay: 1.5e-3 },
  parties: { buckets: PARTY_BUCKETS, epochs: 12, rate: 0.06, decay: 2e-3 },
};

function fitted(part: Part, examples: readonly Example[], classes: readonly string[]): LinearModel {
  const { buckets, ...rest } = SETTINGS[part];
  const { weights, bias } = train(examples, { ...rest, buckets, classes: classes.length, softmax: part === 'topic' });
  const { weights: bytes, scale } = quantise(weights, 3);
  return { classes, buckets, scale, bias: [...bias], weights: bytes, extra: {} };
}

export const oneHot = (at: number, size: number): number[] =>
  Array.from({ length: size }, (_, i) => (i === at ? 1 : 0));

/** How the same event among states far away counts. */
const ELSEWHERE = 0.5;
const OTHER = TOPICS.indexOf('other');

/** Forces in the region keep an item of the beat whoever else takes part. */
const standsOnMission = (item: ReadGold['item']): boolean => item.orgs.some((org) => org === 'kfor' || org === 'eufor');

/**
 * The same report with every state of the region made one far away: such an item is of topic `other`, and the more of them the
 * model sees, the better it knows that the beat is a matter of who and not only of what.
 */
const elsewhere = (readings: readonly Reading[]): Reading[] =>
  readings.map((reading) => ({
    ...reading,
    hits: reading.hits.map((hit) =>
      hit.country === '' || groupOf(hit.country) === 'partner' ? hit : { ...hit, country: 'PL' },
    ),
  }));

/** Whether words, and not only the outlet, say that states of the core take part; else the copy would be the item itself. */
function namesCoreParties(item: ReadGold['item'], readings: readonly Reading[]): boolean {
  const core = item.countries.filter((country) => groupOf(country) === 'core');
  const named = (country: string): boolean =>
    readings.some(({ hits }) => hits.some((hit) => hit.country === country && hit.sense !== 'weapon'));
  return core.length > 0 && core.every(named);
}

/** Where the title names no state, a minister or an army may be the outlet's own, so the outlet must be far away too. */
const namesStateInTitle = (readings: readonly Reading[]): boolean =>
  readings.some(
    ({ field, hits }) => field === 'title' && hits.some((hit) => hit.country !== '' && hit.sense !== 'weapon'),
  );

/** Fits all three on the given items; `everyday` ones teach the topic alone. */
export function fitPlain(gold: readonly ReadGold[], everyday: readonly ReadGold[]): Models {
  const topic: Example[] = [];
  const cooperation: Example[] = [];
  const parties: Example[] = [];
  for (const { item, readings } of gold) {
    for (const [reading, weight] of [
      [readings, 1],
      [withoutPersons(readings), BLANKED],
    ] as const) {
      const bag = topicFeatures(reading, item.outletCountry);
      topic.push(example(bag, oneHot(TOPICS.indexOf(item.topic), TOPICS.length), weight));
      if (item.relevant) {
        cooperation.push(
          example(
            cooperationFeatures(reading),
            COOPERATION.map((type) => (item.cooperation.includes(type) ? 1 : 0)),
            weight,
          ),
        );
      }
      if (item.relevant && weight === 1 && !standsOnMission(item) && namesCoreParties(item, readings)) {
        topic.push(
          example(
            topicFeatures(elsewhere(readings), namesStateInTitle(readings) ? item.outletCountry : 'US'),
            oneHot(OTHER, TOPICS.length),
            ELSEWHERE,
          ),
        );
      }
      const candidates = candidatesIn(reading, item.outletCountry);
      const scene = sceneOf(reading, candidates, item.outletCountry);
      candidates.forEach((candidate, order) => {
        const right = item.countries.includes(candidate.country) ? 1 : 0;
        parties.push(example(partyFeatures(scene, candidate, order), [right], weight * (item.relevant ? 1 : 0.3)));
      });
    }
  }
  // Everyday headlines carry no topic, only that they are not of the beat: a first model says which of the others they are.
  if (everyday.length > 0) {
    const first = fitted('topic', topic, TOPICS);
    for (const { item, readings } of everyday) {
      const bag = topicFeatures(readings, item.outletCountry);
      topic.push(example(bag, withoutFirst(linearBag(first, bag)), EVERYDAY));
    }
  }
  return {
    topic: fitted('topic', topic, TOPICS),
    cooperation: { ...fitted('cooperation', cooperation, COOPERATION), extra: { sure: sureCues(gold) } },
    parties: fitted('parties', parties, ['party']),
  };
}

/** A concept is sure of a kind when so many relevant items had it, and so many of them the kind. */
const SURE = { items: 8, share: 0.88 };

/** The concepts that bring a kind of cooperation nearly always, as pairs of the concept's feature and the kind's number. */
function sureCues(gold: readonly ReadGold[]): [number, number][] {
  const seen = new Map<number, number[]>();
  for (const { item, readings } of gold) {
    if (!item.relevant) continue;
    for (const feature of new Set(readings.flatMap(({ hits }) => hits.map((hit) => hit.feature)))) {
      const counts = seen.get(feature) ?? new Array<number>(COOPERATION.length + 1).fill(0);
      counts[COOPERATION.length]!++;
      for (const type of item.cooperation) counts[COOPERATION.indexOf(type)]!++;
      seen.set(feature, counts);
    }
  }
  return [...seen].flatMap(([feature, counts]) => {
    const all = counts[COOPERATION.length]!;
    return COOPERATION.flatMap((_, kind): [number, number][] =>
      all >= SURE.items && counts[kind]! / (all + 0.5) >= SURE.share ? [[feature, kind]] : [],
    );
  });
}

/** Logits as probabilities with nothing for the first class. */
function withoutFirst(logits: Float64Array): number[] {
  const raised = Array.from(logits, (x, i) => (i === 0 ? 0 : Math.exp(x)));
  const sum = raised.reduce((a, b) => a + b, 0);
  return raised.map((x) => x / sum);
}

/**
 * Fits on all items, then fits again with each fold held out to see raw scores on items not trained on, and sets from them the
 * threshold of parties and the calibration of relevance.
 */
export function fitModels(gold: readonly ReadGold[], everyday: readonly ReadGold[], folds = 4): Models {
  const whole = fitPlain(gold, everyday);
  const partyScores: { logit: number; right: boolean }[] = [];
  const relevance: { logit: number; right: boolean }[] = [];
  for (let fold = 0; fold < folds; fold++) {
    // Another division than that of the measuring, so that both never fall together.
    const out = (x: ReadGold): boolean => foldOf(x.item, folds + 7) % folds === fold;
    const part = fitPlain(
      gold.filter((x) => !out(x)),
      everyday.filter((x) => !out(x)),
    );
    for (const { item, readings } of gold.filter(out)) {
      const bag = topicFeatures(readings, item.outletCountry);
      relevance.push({ logit: relevanceLogit(linearBag(part.topic, bag)), right: item.relevant });
      if (!item.relevant) continue;
      const candidates = candidatesIn(readings, item.outletCountry);
      const scene = sceneOf(readings, candidates, item.outletCountry);
      candidates.forEach((candidate, order) => {
        const logit = linearBag(part.parties, partyFeatures(scene, candidate, order))[0]!;
        partyScores.push({ logit, right: item.countries.includes(candidate.country) });
      });
    }
  }
  return {
    topic: { ...whole.topic, extra: { calibration: platt(relevance) } },
    cooperation: whole.cooperation,
    parties: { ...whole.parties, extra: { threshold: 1 / (1 + Math.exp(-bestThreshold(partyScores))) } },
  };
}

/** The log odds of the first class. */
export function relevanceLogit(logits: Float64Array): number {
  const rest = [...logits.slice(1)];
  const top = Math.max(...rest);
  return logits[0]! - top - Math.log(rest.reduce((sum, x) => sum + Math.exp(x - top), 0));
}

/** Thresholds are drawn towards 0, as small samples exaggerate. */
const DRAWN = 0.9;

/** The logit above which F1 is best. */
function bestThreshold(scored: readonly { logit: number; right: boolean }[]): number {
  const sorted = [...scored].sort((a, b) => b.logit - a.logit);
  const total = sorted.filter((s) => s.right).length;
  let [hits, best, at] = [0, -1, 0];
  sorted.forEach((s, i) => {
    if (s.right) hits++;
    const score = (2 * hits) / (i + 1 + total);
    if (score > best) [best, at] = [score, (s.logit + (sorted[i + 1]?.logit ?? s.logit)) / 2];
  });
  return at * DRAWN;
}

/** Platt's scaling: slope and shift on the log odds, by gradient descent on the log loss. */
function platt(scored: readonly { logit: number; right: boolean }[]): [number, number] {
  let [slope, shift] = [1, 0];
  for (let turn = 0; turn < 3000; turn++) {
    let [ds, db] = [0, 0];
    for (const { logit, right } of scored) {
      const error = 1 / (1 + Math.exp(-(slope * logit + shift))) - (right ? 1 : 0);
      ds += error * logit;
      db += error;
    }
    slope -= (0.05 * ds) / scored.length;
    shift -= (0.05 * db) / scored.length;
  }
  return [slope, shift];
}
