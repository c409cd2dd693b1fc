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
const AGAINST_ANY = nameHash('against');
const AGAINST_TITLE = nameHash('against in title');
const BIAS_TITLE_ONLY = nameHash('title only');

/** The value of each kind of feature; relative sizes act as strengths of the penalty. Chosen by cross-validation. */
const WEIGHT = {
  cast: 2,
  against: 1,
  concept: 1,
  title: 0.8,
  sense: 0.6,
  structure: 1,
  pair: 0.4,
  word: 0.35,
  wordPair: 0.3,
};

const senseHash = (sense: string): number => {
  let h = SENSE.get(sense);
  if (h === undefined) {
    h = nameHash(`sense ${sense}`);
    SENSE.set(sense, h);
  }
  return h;
};

/** What speaks against the beat, in three groups: other services, other matters, politics. */
const AGAINST: readonly ReadonlySet<string>[] = [
  new Set([
    ...['police', 'crime', 'migration', 'border', 'terrorism', 'rescue'],
    ...['drugs', 'smuggling', 'spy', 'hooligans', 'cyber-civil'],
  ]),
  new Set([
    'sport',
    'court',
    'war-crimes',
    'film',
    'games',
    'business',
    'showbiz',
    'culture',
    'weather',
    'fire',
    'accident',
  ]),
];

/** The group as a bit, 0 for none. */
function against({ sense, value }: Hit): number {
  if (sense === 'politics') return 4;
  if (sense === 'economy' || sense === 'foreign-war') return 8;
  if (sense !== 'trap') return 0;
  return AGAINST[0]!.has(value) ? 1 : AGAINST[1]!.has(value) ? 2 : 0;
}

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
      return ['defence', 'military', 'conscription', 'air-policing', 'arms-race', 'alliance'].includes(hit.value);
    default:
      return false;
  }
}

/** The features of an item for the topic and cooperation models. */
export function topicFeatures(readings: readonly Reading[], outletCountry: string | null): Bag {
  const { bag, add } = makeBag();
  let military = 0;
  let militaryTitle = 0;
  let [contrary, contraryTitle] = [0, 0];
  const distinct: number[] = [];
  for (const { field, hits } of readings) {
    const title = field === 'title';
    for (const hit of hits) {
      if (!distinct.includes(hit.feature)) distinct.push(hit.feature);
      add(hit.feature, WEIGHT.concept);
      add(senseHash(hit.sense), WEIGHT.sense);
      if (title) add(pairHash(TITLE, hit.feature), WEIGHT.title);
      const group = against(hit);
      contrary |= group;
      if (title) contraryTitle |= group;
      if (isMilitary(hit)) {
        military++;
        if (title) militaryTitle++;
      }
    }
  }
  const cast = castOf(readings, outletCountry);
  const strength = Math.min(military, 4) * 3 + Math.min(militaryTitle, 2);
  add(cast.all, WEIGHT.structure);
  add(cast.brief, WEIGHT.cast);
  add(pairHash(MILITARY, strength), WEIGHT.structure);
  add(pairHash(cast.all, strength), WEIGHT.structure);
  add(pairHash(cast.brief, Math.min(military, 3)), WEIGHT.cast);
  add(pairHash(AGAINST_ANY, pairHash(contrary, Math.min(military, 3))), WEIGHT.against);
  add(pairHash(AGAINST_TITLE, pairHash(contraryTitle, Math.min(militaryTitle, 2))), WEIGHT.against);
  add(pairHash(AGAINST_TITLE, pairHash(contraryTitle, cast.brief)), WEIGHT.against);
  add(pairHash(HOME, outletCountry === null ? 0 : nameHash(groupOf(outletCountry))), 0.5);
  if (readings.length < 2) add(BIAS_TITLE_ONLY, 0.5);
  for (const feature of distinct) {
    add(pairHash(cast.brief, feature), WEIGHT.pair);
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

/** Who is there: the question on which the beat turns, for without a core state and a second party nothing is of it. */
type Cast = {
  /** One number for the whole constellation. */
  readonly all: number;
  /** Whether a core state takes part (0 no, 1 the outlet's own may be meant, 2 named) and whether there are two parties. */
  readonly brief: number;
};

const MEANT: ReadonlySet<string> = new Set(['office', 'force']);

/** The product of a foreign maker brings no party ("F-16" is not the US), so weapons do not count. */
function castOf(readings: readonly Reading[], outletCountry: string | null): Cast {
  const named = new Set<string>();
  const titled = new Set<string>();
  let institution = false;
  let alliance = 0;
  for (const { field, hits } of readings) {
    for (const { sense, value, country } of hits) {
      if (MEANT.has(sense)) institution = true;
      if (sense === 'mission' || (sense === 'exercise' && value !== '')) alliance |= 4;
      if (sense === 'org')
        alliance |= value === 'nato' ? 1 : value === 'kfor' || value === 'eufor' ? 2 : value === 'eu' ? 8 : 4;
      if (country === '' || country === 'EU' || sense === 'weapon') continue;
      named.add(country);
      if (field === 'title') titled.add(country);
    }
  }
  const count = (group: string, of: ReadonlySet<string>): number => [...of].filter((c) => groupOf(c) === group).length;
  const core = count('core', named);
  const neighbour = count('neighbour', named);
  const partner = named.size - core - neighbour;
  const ownCore = outletCountry !== null && groupOf(outletCountry) === 'core';
  // A title that names states says whose minister it is; only where it names none is the outlet's own meant.
  const meant = core === 0 && ownCore && institution && titled.size === 0 ? (named.size === 0 ? 2 : 1) : 0;
  const own = outletCountry !== null && named.has(outletCountry) ? 1 : 0;
  const there = core > 0 ? 2 : meant > 0 || (alliance & 2) !== 0 ? 1 : 0;
  const two = named.size + (alliance & 7 ? 1 : 0) + (meant > 0 ? 1 : 0) >= 2 ? 1 : 0;
  const all = [Math.min(core, 2), Math.min(neighbour, 1), Math.min(partner, 2), own, meant, alliance & 7 ? 1 : 0];
  return {
    all: all.reduce((hash, n) => pairHash(hash, n), PARTIES),
    brief: pairHash(pairHash(PARTIES, there + 4 * two), count('core', titled) > 0 ? 1 : 0) + two,
  };
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
