/** What the product says of one item: the rooms of this folder in their order. */
import { createHash } from 'node:crypto';
import { type Reading, readItem } from './concepts.ts';
import { likelyCooperation, weighCooperation } from './cooperation.ts';
import { evidenceOf } from './evidence.ts';
import { isMilitary, topicFeatures } from './features.ts';
import { kickerOf } from './kicker.ts';
import { itemLanguage } from './language.ts';
import { lexiconHash } from './lexicon.ts';
import { orgsIn } from './orgs.ts';
import { weighParties } from './parties.ts';
import { type SoftTags, type TagInput, type Tags, TOPICS, type Topic } from './tags.ts';
import { type LinearModel, linearBag, modelHash, readModel } from './weights.ts';

/** The models that weigh an item; null before the first training. */
export type Models = { readonly topic: LinearModel; readonly cooperation: LinearModel; readonly parties: LinearModel };

let loaded: Models | undefined;

function models(): Models {
  if (loaded === undefined) {
    const [topic, cooperation, parties] = [readModel('topic'), readModel('cooperation'), readModel('parties')];
    if (topic === null || cooperation === null || parties === null) {
      throw new Error('the tagger has no weights: run scripts/train-tagger.ts');
    }
    loaded = { topic, cooperation, parties };
  }
  return loaded;
}

/** Changes when a lexicon file or a model does; 12 hexadecimal digits. */
export const TAGGER_VERSION: string = createHash('sha256')
  .update(lexiconHash())
  .update(modelHash(['language', 'topic', 'cooperation', 'parties']))
  .digest('hex')
  .slice(0, 12);

/**
 * Tags one item by title and lead alone. Pure: the same input gives the same tags. Texts are plain text, cut at 4,000 UTF-16
 * units; the first call in a language compiles its lexicon (some 20 ms).
 */
export function tagItem(input: TagInput): Tags {
  const lang = itemLanguage(input);
  const readings = readItem(input, lang);
  return weigh(models(), readings, lang, input.outletCountry ?? null);
}

/** Tags readings with given models: `tagItem` without reading, which is what cross-validation needs. */
export function weigh(with_: Models, readings: readonly Reading[], lang: string, outletCountry: string | null): Tags {
  const bag = topicFeatures(readings, outletCountry);
  const topicScores = softmax(linearBag(with_.topic, bag));
  const best = bestTopic(topicScores, readings);
  const topic = TOPICS[best] as Topic;
  const relevant = topic === 'defence-cooperation';
  const parties = weighParties(with_.parties, readings, outletCountry);
  const countries = parties.filter((party) => party.score >= partyThreshold(with_.parties));
  const coop = relevant ? weighCooperation(with_.cooperation, readings) : [];
  const orgs = orgsIn(readings);
  const tags = {
    lang,
    topic,
    relevant,
    relevance: calibrated(with_.topic, topicScores[0]!),
    countries: countries.map((party) => party.country),
    cooperation: coop.map(({ type }) => type),
    orgs: orgs.map(({ org }) => org),
    kicker: kickerOf(countries, orgs, lang),
  };
  return { ...tags, evidence: evidenceOf(readings, tags, { topic: topicScores[best]!, countries, coop, orgs }) };
}

/**
 * How likely each tag of an item is: what `tagItem` decides from, for callers that reckon with expected values instead of
 * decisions. Nothing of it is stored. Pure, with the same input and the same cost as `tagItem`.
 */
export function weighSoftly(input: TagInput): SoftTags {
  const { topic, cooperation, parties } = models();
  const readings = readItem(input, itemLanguage(input));
  const outletCountry = input.outletCountry ?? null;
  const scores = softmax(linearBag(topic, topicFeatures(readings, outletCountry)));
  const relevance = calibrated(topic, scores[0]!);
  const rest = (1 - relevance) / Math.max(1e-12, 1 - scores[0]!);
  const named = weighParties(parties, readings, outletCountry);
  return {
    topics: byName(TOPICS, (_, i) => (i === 0 ? relevance : scores[i]! * rest)),
    countries: Object.fromEntries(named.map(({ country, score }) => [country, score])),
    cooperation: likelyCooperation(cooperation, readings),
    orgs: orgsIn(readings).map(({ org }) => org),
  };
}

const byName = <Name extends string>(names: readonly Name[], value: (name: Name, i: number) => number) =>
  Object.fromEntries(names.map((name, i) => [name, value(name, i)])) as Record<Name, number>;

/** An item without one military word is of the beat only where the model is this sure; of everyday news 5 in 6 have none. */
const WITHOUT_A_WORD = 0.95;

/** The likeliest topic, by number. */
function bestTopic(scores: readonly number[], readings: readonly Reading[]): number {
  const best = scores.indexOf(Math.max(...scores));
  if (best !== 0 || scores[0]! >= WITHOUT_A_WORD || readings.some(({ hits }) => hits.some(isMilitary))) return best;
  return scores.indexOf(Math.max(...scores.slice(1)));
}

const partyThreshold = (model: LinearModel): number => Number(model.extra.threshold ?? 0.5);

/** Platt's scaling of the probability, fitted on items held out of training. */
function calibrated(model: LinearModel, p: number): number {
  const [slope = 1, shift = 0] = (model.extra.calibration ?? []) as readonly number[];
  const bounded = Math.min(1 - 1e-9, Math.max(1e-9, p));
  return Math.round(1e4 * sigmoid(slope * Math.log(bounded / (1 - bounded)) + shift)) / 1e4;
}

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

function softmax(logits: Float64Array): number[] {
  const top = Math.max(...logits);
  const raised = Array.from(logits, (x) => Math.exp(x - top));
  const sum = raised.reduce((a, b) => a + b, 0);
  return raised.map((x) => x / sum);
}
