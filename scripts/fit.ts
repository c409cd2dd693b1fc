/** Fits the models that weigh an item: topic, cooperation and parties, with thresholds and calibration on held-out folds. */
import type { Bag } from '../src/tag/bag.ts';
import type { Reading } from '../src/tag/concepts.ts';
import {
  COOPERATION_BUCKETS,
  type CooperationModel,
  cooperationFeatures,
  cooperationLogits,
} from '../src/tag/cooperation.ts';
import { TOPIC_BUCKETS, topicFeatures } from '../src/tag/features.ts';
import { conceptInputs, netInputs } from '../src/tag/net.ts';
import { candidatesIn, PARTY_BUCKETS, partyFeatures, sceneOf } from '../src/tag/parties.ts';
import { groupOf } from '../src/tag/region.ts';
import type { Models } from '../src/tag/tagger.ts';
import { COOPERATION, TOPICS } from '../src/tag/tags.ts';
import { type TopicModel, weighTopic } from '../src/tag/topic.ts';
import { type LinearModel, linearBag } from '../src/tag/weights.ts';
import { foldOf, type ReadGold, withoutPersons } from './gold.ts';
import { type Example, quantise, train } from './logistic.ts';
import { type NetExample, trainNet } from './net.ts';

/** How items with their persons blanked count beside the full ones: results must not hang on names. */
const BLANKED = 0.4;
/**
 * How items of which only the concepts are shown count beside the full ones: what is learnt of concepts holds in all languages
 * and for words never seen. After the networks nothing helped more (topic of items by another hand: 0.854 → 0.863).
 */
const WORDLESS = { topic: 0.5, cooperation: 1, linear: 0.7 };
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
  cooperation: { buckets: COOPERATION_BUCKETS, epochs: 14, rate: 0.08, decay: 6e-3 },
  parties: { buckets: PARTY_BUCKETS, epochs: 12, rate: 0.06, decay: 2e-3 },
};

/** What both networks share; chosen by cross-validation, in which few of these matter much. */
const NET = { hidden: 24, epochs: 20, rate: 0.1, decay: 1e-4, drop: 0.4, dropHidden: 0.3, least: 3 };

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

/** An item as the models see it: as it is, and, lighter, with its persons blanked. */
type View = { readonly gold: ReadGold; readonly readings: readonly Reading[]; readonly weight: number };

const viewsOf = (gold: readonly ReadGold[]): View[] =>
  gold.flatMap((one) => [
    { gold: one, readings: one.readings, weight: 1 },
    { gold: one, readings: withoutPersons(one.readings), weight: BLANKED },
  ]);

/** Fits all on the given items; `everyday` ones teach the topic alone, `nets` is how many networks are averaged. */
export function fitPlain(gold: readonly ReadGold[], everyday: readonly ReadGold[], nets = 2): Models {
  const views = viewsOf(gold);
  return {
    topic: fitTopic(views, everyday, nets),
    cooperation: fitCooperation(views, nets),
    parties: fitParties(views),
  };
}

function fitTopic(views: readonly View[], everyday: readonly ReadGold[], nets: number): TopicModel {
  const linear: Example[] = [];
  const net: NetExample[] = [];
  const add = (readings: readonly Reading[], outlet: string | null, topic: number, weight: number): void => {
    const target = oneHot(topic, TOPICS.length);
    linear.push(example(topicFeatures(readings, outlet), target, weight));
    net.push({ inputs: netInputs(readings), target, weight });
    if (weight < 1) return;
    net.push({ inputs: conceptInputs(readings), target, weight: WORDLESS.topic });
  };
  for (const { gold, readings, weight } of views) {
    const { item } = gold;
    add(readings, item.outletCountry, TOPICS.indexOf(item.topic), weight);
    if (item.relevant && weight === 1 && !standsOnMission(item) && namesCoreParties(item, readings)) {
      add(elsewhere(readings), namesStateInTitle(readings) ? item.outletCountry : 'US', OTHER, ELSEWHERE);
    }
  }
  for (const { item, readings } of everyday) {
    const target = oneHot(TOPICS.indexOf(item.topic), TOPICS.length);
    linear.push(example(topicFeatures(readings, item.outletCountry), target, EVERYDAY));
    net.push({ inputs: netInputs(readings), target, weight: EVERYDAY });
  }
  return {
    linear: fitted('topic', linear, TOPICS),
    net: trainNet(net, { ...NET, classes: TOPICS, softmax: true, nets }),
  };
}

function fitCooperation(views: readonly View[], nets: number): CooperationModel {
  const relevant = views.filter(({ gold }) => gold.item.relevant);
  const targetOf = ({ gold }: View): number[] =>
    COOPERATION.map((type) => (gold.item.cooperation.includes(type) ? 1 : 0));
  const linear = relevant.map((view) => example(cooperationFeatures(view.readings), targetOf(view), view.weight));
  const net = relevant.map((view) => ({
    inputs: netInputs(view.readings),
    target: targetOf(view),
    weight: view.weight,
  }));
  for (const view of relevant) {
    if (view.weight < 1) continue;
    linear.push(example(cooperationFeatures(view.readings, false), targetOf(view), WORDLESS.linear));
    net.push({ inputs: conceptInputs(view.readings), target: targetOf(view), weight: WORDLESS.cooperation });
  }
  return {
    linear: fitted('cooperation', linear, COOPERATION),
    net: trainNet(net, { ...NET, classes: COOPERATION, softmax: false, nets }),
  };
}

function fitParties(views: readonly View[]): LinearModel {
  const parties: Example[] = [];
  for (const { gold, readings, weight } of views) {
    const { item } = gold;
    const candidates = candidatesIn(readings, item.outletCountry);
    const scene = sceneOf(readings, candidates, item.outletCountry);
    candidates.forEach((candidate, order) => {
      const right = item.countries.includes(candidate.country) ? 1 : 0;
      parties.push(example(partyFeatures(scene, candidate, order), [right], weight * (item.relevant ? 1 : 0.3)));
    });
  }
  return fitted('parties', parties, ['party']);
}

/**
 * Who wrote an item, as a number below `folds`: the digit of its id, which names the round it was written in. Thresholds are set
 * on items of hands that the models never saw, for so is the world; within one hand every model looks surer than it is.
 */
const handOf = (item: ReadGold['item'], folds: number): number =>
  item.id.startsWith('g') ? Number(item.id[1]) % folds : foldOf(item, folds);

type Scored = { readonly logit: number; readonly right: boolean };

/**
 * Fits on all items, then fits again with each fold held out to see raw scores on items not trained on, and sets from them the
 * thresholds and the calibration of relevance.
 */
export function fitModels(gold: readonly ReadGold[], everyday: readonly ReadGold[], folds = 4): Models {
  const { topic, cooperation, parties } = fitPlain(gold, everyday);
  const relevance: Scored[] = [];
  const others: { readonly scores: readonly number[]; readonly right: number }[] = [];
  const kinds: Scored[] = [];
  const party: Scored[] = [];
  for (let fold = 0; fold < folds; fold++) {
    const out = (x: ReadGold): boolean => handOf(x.item, folds) === fold;
    const part = fitPlain(
      gold.filter((x) => !out(x)),
      everyday.filter((x) => !out(x)),
      1,
    );
    for (const { item, readings } of gold.filter(out)) {
      const inputs = netInputs(readings);
      const scores = weighTopic(part.topic, readings, inputs, item.outletCountry);
      relevance.push({ logit: scores.relevance, right: item.relevant });
      if (!item.relevant) {
        others.push({ scores: scores.others, right: TOPICS.indexOf(item.topic) - 1 });
        continue;
      }
      cooperationLogits(part.cooperation, readings, inputs).forEach((logit, i) => {
        kinds.push({ logit, right: item.cooperation.includes(COOPERATION[i]!) });
      });
      const candidates = candidatesIn(readings, item.outletCountry);
      const scene = sceneOf(readings, candidates, item.outletCountry);
      candidates.forEach((candidate, order) => {
        const logit = linearBag(part.parties, partyFeatures(scene, candidate, order))[0]!;
        party.push({ logit, right: item.countries.includes(candidate.country) });
      });
    }
  }
  const tuned = (model: LinearModel, extra: LinearModel['extra']): LinearModel => ({ ...model, extra });
  return {
    topic: {
      ...topic,
      linear: tuned(topic.linear, { calibration: platt(relevance), otherLess: bestLess(others) }),
    },
    cooperation: { ...cooperation, linear: tuned(cooperation.linear, { threshold: bestThreshold(kinds) }) },
    parties: tuned(parties, { threshold: 1 / (1 + Math.exp(-bestThreshold(party))) }),
  };
}

/** What to take from the last topic's logit so that most are right. */
function bestLess(scored: readonly { readonly scores: readonly number[]; readonly right: number }[]): number {
  const rightAt = (less: number): number =>
    scored.filter(({ scores, right }) => {
      const lessened = scores.map((p, i) => (i === scores.length - 1 ? p * Math.exp(-less) : p));
      return lessened.indexOf(Math.max(...lessened)) === right;
    }).length;
  const steps = Array.from({ length: 16 }, (_, i) => i / 10);
  return steps.reduce((best, less) => (rightAt(less) > rightAt(best) ? less : best), 0);
}

/** Thresholds are drawn towards 0, as small samples exaggerate. */
const DRAWN = 0.9;

/** The logit above which F1 is best. */
function bestThreshold(scored: readonly Scored[]): number {
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
function platt(scored: readonly Scored[]): [number, number] {
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
