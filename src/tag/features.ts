/**
 * What the topic and cooperation models see of an item: concepts of the lexicon, how many parties of which group there are, how
 * military the text is, pairs of these, and the remaining words by their first letters. Names are never among them: a state is
 * its group, a person the office, and unknown words with a capital inside a sentence are only that.
 */
import { type Bag, bagMaker, nameHash, pairHash } from './bag.ts';
import type { Hit, Reading } from './concepts.ts';
import { BREAK, type Words } from './fold.ts';
import { groupOf } from './region.ts';

export const TOPIC_BUCKETS = 1 << 15;

const makeBag = bagMaker(TOPIC_BUCKETS);

const TITLE = nameHash('in the title');
const SENSE = new Map<string, number>();
const PARTIES = nameHash('parties');
const MILITARY = nameHash('military');
const WORD = nameHash('word');
const PAIR = nameHash('pair');
const CAPITALISED = nameHash('a name');
const NUMBER = nameHash('a number');
const HOME = nameHash('home');
const BIAS_TITLE_ONLY = nameHash('title only');

/** The value of each kind of feature; relative sizes act as strengths of the penalty. Chosen by cross-validation. */
const WEIGHT = { concept: 1, title: 0.8, sense: 0.6, structure: 1, pair: 0.4, word: 0.35, wordPair: 0.3 };

const senseHash = (sense: string): number => {
  let h = SENSE.get(sense);
  if (h === undefined) {
    h = nameHash(`sense ${sense}`);
    SENSE.set(sense, h);
  }
  return h;
};

/** Senses and values that are military by themselves. */
export function isMilitary(hit: Hit): boolean {
  switch (hit.sense) {
    case 'force':
    case 'weapon':
    case 'exercise':
    case 'unit':
      return true;
    case 'office':
      return ['defmin', 'chief', 'ministry-defence', 'general', 'attache', 'commander'].includes(hit.value);
    case 'person':
      return hit.value === 'defmin' || hit.value === 'chief';
    case 'org':
      return ['nato', 'kfor', 'eufor', 'eda', 'a5', 'sedm', 'csto', 'b9'].includes(hit.value);
    case 'mission':
      return true;
    case 'thing':
      return ['defence', 'military', 'base', 'conscription', 'air-policing', 'arms-race', 'alliance'].includes(
        hit.value,
      );
    default:
      return false;
  }
}

/** The states that hits name, in any way. */
export const countriesIn = (readings: readonly Reading[]): Set<string> => {
  const out = new Set<string>();
  for (const { hits } of readings)
    for (const hit of hits) if (hit.country !== '' && hit.country !== 'EU') out.add(hit.country);
  return out;
};

/** The features of an item for the topic and cooperation models. */
export function topicFeatures(readings: readonly Reading[], outletCountry: string | null): Bag {
  const { bag, add } = makeBag();
  let military = 0;
  let militaryTitle = 0;
  let org = 0;
  const distinct: number[] = [];
  for (const { field, hits } of readings) {
    const title = field === 'title';
    for (const hit of hits) {
      if (!distinct.includes(hit.feature)) distinct.push(hit.feature);
      add(hit.feature, WEIGHT.concept);
      add(senseHash(hit.sense), WEIGHT.sense);
      if (title) add(pairHash(TITLE, hit.feature), WEIGHT.title);
      if (isMilitary(hit)) {
        military++;
        if (title) militaryTitle++;
      }
      if (hit.sense === 'org' || hit.sense === 'mission') org = 1;
    }
  }
  const parties = partiesHash(readings, outletCountry, org);
  const strength = Math.min(military, 4) * 3 + Math.min(militaryTitle, 2);
  add(parties, WEIGHT.structure);
  add(pairHash(MILITARY, strength), WEIGHT.structure);
  add(pairHash(parties, strength), WEIGHT.structure);
  add(pairHash(HOME, outletCountry === null ? 0 : nameHash(groupOf(outletCountry))), 0.5);
  if (readings.length < 2) add(BIAS_TITLE_ONLY, 0.5);
  for (const feature of distinct) {
    add(pairHash(parties, feature), WEIGHT.pair);
    add(pairHash(pairHash(MILITARY, Math.min(military, 3)), feature), WEIGHT.pair);
  }
  for (let i = 0; i < distinct.length && i < 24; i++) {
    for (let j = i + 1; j < distinct.length && j < 24; j++) {
      const [a, b] = distinct[i]! < distinct[j]! ? [distinct[i]!, distinct[j]!] : [distinct[j]!, distinct[i]!];
      add(pairHash(PAIR, pairHash(a, b)), WEIGHT.pair * 0.5);
    }
  }
  for (const reading of readings) wordFeatures(reading, add);
  return bag;
}

/** How many states of which group are there, whether the outlet's own is among them, and whether an organisation is. */
function partiesHash(readings: readonly Reading[], outletCountry: string | null, org: number): number {
  let core = 0;
  let neighbour = 0;
  let partner = 0;
  const named = countriesIn(readings);
  for (const country of named) {
    const group = groupOf(country);
    if (group === 'core') core++;
    else if (group === 'neighbour') neighbour++;
    else partner++;
  }
  const own = outletCountry !== null && named.has(outletCountry) ? 1 : 0;
  const code = Math.min(core, 2) + 3 * Math.min(neighbour, 1) + 6 * Math.min(partner, 2) + 18 * own + 36 * org;
  return pairHash(PARTIES, code + 1);
}

function wordFeatures(reading: Reading, add: (hash: number, value: number) => void): void {
  const tokens = tokensOf(reading);
  for (let i = 0; i < tokens.length; i++) {
    add(pairHash(WORD, tokens[i]!), WEIGHT.word);
    if (reading.field === 'title') add(pairHash(pairHash(TITLE, WORD), tokens[i]!), WEIGHT.word * 0.7);
    if (i > 0) add(pairHash(tokens[i - 1]!, tokens[i]!), WEIGHT.wordPair);
  }
}

/** One number a word: the concept that covers it, or a name, a number, or the word's first letters. */
export function tokensOf({ words, hits }: Reading): number[] {
  const tokens = new Array<number>(words.count).fill(0);
  for (const hit of hits) {
    if (!hit.solid) continue;
    for (let w = hit.first; w <= hit.last; w++) if (tokens[w] === 0) tokens[w] = hit.feature;
  }
  for (let w = 0; w < words.count; w++) if (tokens[w] === 0) tokens[w] = wordToken(words, w);
  return tokens;
}

/** A word's first five letters are its stem, as near as it needs to be. */
const STEM = 5;

export function wordToken(words: Words, w: number): number {
  const from = words.from[w]!;
  const stop = words.from[w + 1]!;
  const first = words.letters[from]!;
  if (first >= 48 && first <= 57) return NUMBER;
  if (words.capital[w] !== 0 && (words.before[w]! & BREAK.sentence) === 0) return CAPITALISED;
  let h = WORD;
  for (let k = from; k < stop && k < from + STEM; k++) h = Math.imul(h ^ words.letters[k]!, 0x01000193);
  return h;
}
