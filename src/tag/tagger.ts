/** What the product says of one item: the rooms of this folder in their order. */
import { createHash } from 'node:crypto';
import { type Reading, readItem } from './concepts.ts';
import { type CooperationModel, likelyCooperation, weighCooperation } from './cooperation.ts';
import { evidenceOf } from './evidence.ts';
import { kickerOf } from './kicker.ts';
import { itemLanguage } from './language.ts';
import { lexiconHash } from './lexicon.ts';
import { netInputs, readNet } from './net.ts';
import { orgsIn } from './orgs.ts';
import { weighParties } from './parties.ts';
import { COOPERATION, type SoftTags, type TagInput, type Tags, TOPICS } from './tags.ts';
import { chosenTopic, likelyTopics, type TopicModel, weighTopic } from './topic.ts';
import { type LinearModel, modelHash, readModel } from './weights.ts';

/** The models that weigh an item. */
export type Models = {
  readonly topic: TopicModel;
  readonly cooperation: CooperationModel;
  readonly parties: LinearModel;
};

let loaded: Models | undefined;

function models(): Models {
  loaded ??= {
    topic: { linear: trained('topic', readModel), net: trained('topic-net', readNet) },
    cooperation: { linear: trained('cooperation', readModel), net: trained('cooperation-net', readNet) },
    parties: trained('parties', readModel),
  };
  return loaded;
}

function trained<Model>(name: string, read: (name: string) => Model | null): Model {
  const model = read(name);
  if (model === null) throw new Error(`the tagger has no weights "${name}": run scripts/train-tagger.ts`);
  return model;
}

/** Changes when a lexicon file or a model does; 12 hexadecimal digits. */
export const TAGGER_VERSION: string = createHash('sha256')
  .update(lexiconHash())
  .update(modelHash(['language', 'topic', 'topic-net', 'cooperation', 'cooperation-net', 'parties']))
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
  const inputs = netInputs(readings);
  const scores = weighTopic(with_.topic, readings, inputs, outletCountry);
  const topic = chosenTopic(scores, readings);
  const relevant = topic === TOPICS[0];
  const likely = likelyTopics(with_.topic, scores);
  const parties = weighParties(with_.parties, readings, outletCountry);
  const countries = parties.filter((party) => party.score >= partyThreshold(with_.parties));
  const coop = relevant ? weighCooperation(with_.cooperation, readings, inputs) : [];
  const orgs = orgsIn(readings, relevant);
  const tags = {
    lang,
    topic,
    relevant,
    relevance: likely[0]!,
    countries: countries.map((party) => party.country),
    cooperation: coop.map(({ type }) => type),
    orgs: orgs.map(({ org }) => org),
    kicker: kickerOf(countries, orgs, lang),
  };
  return {
    ...tags,
    evidence: evidenceOf(readings, tags, { topic: likely[TOPICS.indexOf(topic)]!, countries, coop, orgs }),
  };
}

const partyThreshold = (model: LinearModel): number => Number(model.extra.threshold ?? 0.5);

/**
 * How likely each tag of an item is: what `tagItem` decides from, for callers that reckon with expected values instead of
 * decisions: the lists of Read next. Pure, with the same input and the same cost as `tagItem`.
 */
export function weighSoftly(input: TagInput): SoftTags {
  return softly(models(), readItem(input, itemLanguage(input)), input.outletCountry ?? null);
}

/** The likelihoods of readings under given models: `weighSoftly` without reading. */
export function softly(
  { topic, cooperation, parties }: Models,
  readings: readonly Reading[],
  outletCountry: string | null,
): SoftTags {
  const inputs = netInputs(readings);
  const scores = weighTopic(topic, readings, inputs, outletCountry);
  const topics = likelyTopics(topic, scores);
  const kinds = likelyCooperation(cooperation, readings, inputs);
  const named = weighParties(parties, readings, outletCountry);
  return {
    topics: byName(TOPICS, topics),
    countries: Object.fromEntries(named.map(({ country, score }) => [country, score])),
    cooperation: byName(COOPERATION, kinds),
    orgs: orgsIn(readings, chosenTopic(scores, readings) === TOPICS[0]).map(({ org }) => org),
  };
}

const byName = <Name extends string>(names: readonly Name[], values: readonly number[]): Record<Name, number> =>
  Object.fromEntries(names.map((name, i) => [name, values[i]!])) as Record<Name, number>;
