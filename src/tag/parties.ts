/**
 * Which states an item says take part. Every state that the text names in any way is a candidate, and so is the outlet's own
 * where a minister, an army or a parliament goes without a state; a model weighs how each is mentioned.
 */
import { type Bag, bagMaker, nameHash, pairHash } from './bag.ts';
import type { Hit, Reading } from './concepts.ts';
import { isMilitary, tokensOf, wordToken } from './features.ts';
import { BREAK } from './fold.ts';
import { groupOf } from './region.ts';
import { type LinearModel, linearBag } from './weights.ts';

export const PARTY_BUCKETS = 1 << 14;
const makeBag = bagMaker(PARTY_BUCKETS);

/** A mention of a candidate: which reading and which hit. */
type Mention = { readonly at: number; readonly hit: Hit };

export type Candidate = { readonly country: string; readonly mentions: readonly Mention[] };

/** Institutions that stand for their state, so that the outlet's own may be meant where no state is named. */
const OWN = new Set(['office', 'force', 'politics']);

const H = {
  ...{ group: nameHash('group'), own: nameHash('own'), implied: nameHash('implied'), sense: nameHash('how') },
  ...{ title: nameHash('in title'), order: nameHash('order'), before: nameHash('before'), after: nameHash('after') },
  ...{ ending: nameHash('ending'), count: nameHash('count'), others: nameHash('others'), topic: nameHash('topic') },
  ...{ mark: nameHash('mark'), last: nameHash('only in summary'), iso: nameHash('iso'), war: nameHash('foreign war') },
  ...{ first: nameHash('first word'), pair: nameHash('pair'), best: nameHash('strongest'), near: nameHash('near') },
};

/** The states an item may be about, in order of first mention; the outlet's own last where it is only implied. */
export function candidatesIn(readings: readonly Reading[], outletCountry: string | null): Candidate[] {
  const found = new Map<string, Mention[]>();
  let ownInstitution = false;
  readings.forEach((reading, at) => {
    for (const hit of reading.hits) {
      if (OWN.has(hit.sense)) ownInstitution = true;
      if (hit.country === '' || hit.country === 'EU') continue;
      let mentions = found.get(hit.country);
      if (mentions === undefined) {
        mentions = [];
        found.set(hit.country, mentions);
      }
      mentions.push({ at, hit });
    }
  });
  if (outletCountry !== null && outletCountry !== '' && !found.has(outletCountry) && ownInstitution) {
    found.set(outletCountry, []);
  }
  return [...found].map(([country, mentions]) => ({ country, mentions }));
}

/** What is the same for all candidates of an item, read once. */
type Scene = {
  readonly readings: readonly Reading[];
  readonly tokens: readonly (readonly number[])[];
  readonly outletCountry: string | null;
  readonly candidates: readonly Candidate[];
  /** Bits: relevant at all, foreign war, an organisation, a core state among the candidates. */
  readonly kind: number;
  readonly concepts: readonly number[];
};

export function sceneOf(
  readings: readonly Reading[],
  candidates: readonly Candidate[],
  outletCountry: string | null,
): Scene {
  const concepts: number[] = [];
  let war = 0;
  let org = 0;
  for (const { hits } of readings) {
    for (const hit of hits) {
      if (!concepts.includes(hit.feature)) concepts.push(hit.feature);
      if (hit.sense === 'foreign-war') war = 1;
      if (hit.sense === 'org') org = 1;
    }
  }
  return { readings, tokens: readings.map(tokensOf), outletCountry, candidates, kind: war + 2 * org, concepts };
}

/** The features of one candidate. */
export function partyFeatures(scene: Scene, candidate: Candidate, order: number): Bag {
  const { bag, add } = makeBag();
  const { country, mentions } = candidate;
  const own = country === scene.outletCountry ? 1 : 0;
  const group = pairHash(H.group, nameHash(groupOf(country)) + own);
  const others = Math.min(scene.candidates.filter((c) => c.mentions.length > 0).length, 5);
  add(group, 1);
  add(pairHash(H.others, others), 0.7);
  add(pairHash(group, others), 0.7);
  add(pairHash(H.iso, nameHash(country)), 0.5);
  add(pairHash(pairHash(H.war, scene.kind), group), 0.7);
  if (scene.kind & 1) add(pairHash(H.war, nameHash(country)), 1);
  if (mentions.length === 0) return impliedFeatures(scene, add, bag);
  const inTitle = mentions.some(({ at }) => scene.readings[at]!.field === 'title') ? 1 : 0;
  const place = inTitle * 2 + (scene.readings.length > 1 ? 1 : 0);
  let senses = 0;
  for (const { hit } of mentions) senses |= 1 << SENSE_BIT.indexOf(hit.sense);
  add(pairHash(H.title, place), 1);
  add(pairHash(H.count, Math.min(mentions.length, 4)), 0.7);
  add(pairHash(H.order, Math.min(order, 5) + 8 * place), 0.8);
  add(pairHash(pairHash(H.best, senses), place), 1);
  add(pairHash(pairHash(H.best, senses), group), 0.7);
  for (const mention of mentions) mentionFeatures(scene, mention, inTitle, add);
  return bag;
}

const SENSE_BIT = [
  'country',
  'demonym',
  'capital',
  'person',
  'unit',
  'weapon',
  'office',
  'force',
] as const as readonly string[];

/** How one mention stands in its sentence. */
function mentionFeatures(
  scene: Scene,
  { at, hit }: Mention,
  inTitle: number,
  add: (h: number, v: number) => void,
): void {
  const { words, hits, field } = scene.readings[at]!;
  const tokens = scene.tokens[at]!;
  const how = pairHash(H.sense, hit.feature) + (hit.sense === 'weapon' ? 1 : 0);
  const where = field === 'title' ? 1 : 0;
  add(how, 1);
  add(pairHash(how, where), 0.8);
  if (field === 'summary' && inTitle === 0) add(pairHash(how, H.last), 0.8);
  const startsSentence = (words.before[hit.first]! & BREAK.sentence) !== 0 ? 1 : 0;
  const next = hit.last + 1 < words.count ? tokens[hit.last + 1]! : 0;
  const marks = hit.last + 1 < words.count ? words.before[hit.last + 1]! : BREAK.sentence;
  const before = hit.first > 0 && !startsSentence ? tokens[hit.first - 1]! : H.first;
  const before2 = hit.first > 1 && !startsSentence ? tokens[hit.first - 2]! : H.first;
  add(pairHash(H.mark, pairHash(how, startsSentence + 2 * marks)), 0.6);
  add(pairHash(H.before, before), 0.7);
  add(pairHash(H.before, pairHash(how, before)), 0.7);
  add(pairHash(H.before, pairHash(before2, before)), 0.5);
  add(pairHash(H.after, pairHash(next, how)), 0.6);
  add(pairHash(H.after, next), 0.5);
  // The ending of a name is its case, which tells a party from a place: "sa Srbijom", "u Srbiji".
  const stop = words.from[hit.last + 1]!;
  const ending = words.letters[stop - 1]! + 256 * words.letters[Math.max(words.from[hit.last]!, stop - 2)]!;
  add(pairHash(H.ending, pairHash(how, ending)), 0.5);
  add(pairHash(H.ending, pairHash(before, ending)), 0.5);
  // What the lexicon knows within three words on either side.
  for (const other of hits) {
    if (other === hit || other.last < hit.first - 4 || other.first > hit.last + 4) continue;
    const side = other.first > hit.last ? 1 : other.last < hit.first ? 0 : 2;
    add(pairHash(H.near + side, pairHash(how, other.feature)), 0.5);
    if (isMilitary(other)) add(pairHash(H.near + side, how), 0.5);
  }
}

function impliedFeatures(scene: Scene, add: (h: number, v: number) => void, bag: Bag): Bag {
  const foreign = scene.candidates.filter((c) => c.mentions.length > 0);
  const core = foreign.filter((c) => groupOf(c.country) === 'core').length;
  const rest = foreign.length - core;
  const shape = pairHash(H.implied, Math.min(core, 3) + 4 * Math.min(rest, 3));
  add(H.implied, 1);
  add(shape, 1);
  add(pairHash(shape, scene.kind), 0.7);
  for (const feature of scene.concepts) {
    add(pairHash(H.implied, feature), 0.7);
    add(pairHash(shape, feature), 0.4);
  }
  scene.readings.forEach(({ words, hits, field }, at) => {
    for (const hit of hits) {
      if (!OWN.has(hit.sense)) continue;
      const attached = hits.some((o) => o.country !== '' && o.first <= hit.last + 2 && o.last >= hit.first - 2) ? 1 : 0;
      const institution = pairHash(H.implied, pairHash(hit.feature, attached + (field === 'title' ? 2 : 0)));
      add(institution, 1);
      const next = hit.last + 1 < words.count ? scene.tokens[at]![hit.last + 1]! : 0;
      add(pairHash(institution, next), 0.4);
    }
    for (let w = 0; w < words.count; w++) add(pairHash(H.implied, wordToken(words, w)), 0.25);
  });
  return bag;
}

/** A candidate with the probability that it is a party. */
export type Party = { readonly country: string; readonly score: number; readonly mentions: readonly Mention[] };

/** All candidates with their scores, in order of first mention. */
export function weighParties(model: LinearModel, readings: readonly Reading[], outletCountry: string | null): Party[] {
  const candidates = candidatesIn(readings, outletCountry);
  const scene = sceneOf(readings, candidates, outletCountry);
  return candidates.map((candidate, order) => {
    const logit = linearBag(model, partyFeatures(scene, candidate, order))[0]!;
    return { country: candidate.country, score: 1 / (1 + Math.exp(-logit)), mentions: candidate.mentions };
  });
}
