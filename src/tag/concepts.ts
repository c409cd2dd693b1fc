/**
 * What a text speaks of, in ids that are the same in every language: `country:RS` whether the text says Србија, Sırbistan or
 * "Belgrade". The tagger weighs these; the story room compares them.
 */

import { nameHash } from './bag.ts';
import { readWords, type Words } from './fold.ts';
import { itemLanguage } from './language.ts';
import { eachLine, lexiconText, SENSES, type Sense } from './lexicon.ts';
import { createMatcher, type Match } from './matcher.ts';
import { nameSkeleton } from './skeleton.ts';
import type { TagInput } from './tags.ts';

/** A concept found in a text. Offsets are UTF-16 units into `field` as given. */
export type Concept = {
  /** `sense:value`, as `country:RS`, `act:sign`, `weapon:drone`, `person:RS/vcc`; see `conceptId`. */
  readonly concept: string;
  readonly field: 'title' | 'summary';
  readonly start: number;
  readonly end: number;
  readonly text: string;
};

export type Field = 'title' | 'summary';

/** One hit of the lexicon in a field, with what the line says. */
export type Hit = {
  readonly field: Field;
  readonly sense: Sense;
  /** The value of the line without ISO codes and, of several words, the first: the office of a person, the kind of a weapon. */
  readonly value: string;
  /** ISO code that the line carries besides the value: makers of weapons, states of persons. Empty if none. */
  readonly country: string;
  /** The line of the lexicon, by number. */
  readonly term: number;
  /** The concept without names, hashed: what the models weigh. Persons are their office, units and missions their sense. */
  readonly feature: number;
  /** Word numbers in the field. */
  readonly first: number;
  readonly last: number;
  readonly solid: boolean;
};

/** A text read by the lexicon of its language. */
export type Reading = { readonly field: Field; readonly words: Words; readonly hits: readonly Hit[] };

/**
 * Which files speak for a language. Croatian, Bosnian, Montenegrin and Serbian are read by all four files: outlets of one
 * country quote those of the next, and no word of one means another thing in the other three.
 */
function filesFor(lang: string): string[] {
  switch (lang) {
    case 'sr':
    case 'sr-Cyrl':
    case 'sr-Latn':
    case 'hr':
    case 'bs':
    case 'cnr':
      return ['sr', 'hr', 'bs', 'cnr', 'xx'];
    case 'und':
      return ['en', 'xx'];
    default:
      return [lang, 'xx'];
  }
}

/** What a line says, shared by all lines that say the same. */
type Meaning = Pick<Hit, 'sense' | 'value' | 'country' | 'feature'>;

/** Files are read on first use, into one matcher: a feed of one country needs one language. */
const matcher = createMatcher();
const texts: { readonly file: string; readonly text: string }[] = [];
const meanings: Meaning[] = [];
const byText = new Map<string, number>();
/** By term: its meaning, its file, and where its pattern stands there. */
const terms = { meaning: [] as number[], file: [] as number[], from: [] as number[], to: [] as number[] };
/** Bits of files, by language. */
const masks = new Map<string, number>();

function filesMask(lang: string): number {
  let mask = masks.get(lang);
  if (mask === undefined) {
    mask = 0;
    for (const file of filesFor(lang)) mask |= 1 << loadFile(file);
    masks.set(lang, mask);
  }
  return mask;
}

/** Reads a file into the matcher if it is not there yet; gives its number. Lines that cannot be read are passed over. */
function loadFile(file: string): number {
  const known = texts.findIndex((t) => t.file === file);
  if (known >= 0) return known;
  const number = texts.length;
  const text = lexiconText(file);
  texts.push({ file, text });
  eachLine(text, (from, to, said) => {
    const meaning = meaningOf(said);
    if (meaning < 0) return;
    try {
      matcher.add(text, from, to, terms.meaning.length);
    } catch {
      return;
    }
    terms.meaning.push(meaning);
    terms.file.push(number);
    terms.from.push(from);
    terms.to.push(to);
  });
  return number;
}

const ISO = /^[A-Z]{2}$/;

/** The number of the meaning of `sense TAB value`; -1 where there is no such sense. */
function meaningOf(said: string): number {
  const known = byText.get(said);
  if (known !== undefined) return known;
  const [sense = '', given = ''] = said.split('\t');
  let number = -1;
  if ((SENSES as readonly string[]).includes(sense)) {
    const parts = given.trim().split(/\s+/);
    const country = parts.find((part) => ISO.test(part)) ?? '';
    const value = parts.find((part) => !ISO.test(part)) ?? '';
    const feature = nameHash(featureName(sense as Sense, value));
    number = meanings.push({ sense: sense as Sense, value, country, feature }) - 1;
  }
  byText.set(said, number);
  return number;
}

function featureName(sense: Sense, value: string): string {
  switch (sense) {
    case 'country':
    case 'demonym':
    case 'capital':
    case 'unit':
    case 'mission':
    case 'notorg':
      return sense;
    // An exercise with a name of its own has guests; a drill may be anyone's.
    case 'exercise':
      return value === '' ? sense : 'exercise with a name';
    default:
      return `${sense}:${value}`;
  }
}

const ids: (string | undefined)[] = [];

/**
 * The id of a term's concept: a state's name, demonym and capital are all `country:ISO`; persons and units are their state and
 * the skeleton of their name, so that they meet across scripts and spellings; all others are `sense:value`.
 */
function conceptId(term: number): string {
  let id = ids[term];
  if (id !== undefined) return id;
  const { sense, value, country } = meanings[terms.meaning[term]!]!;
  if (sense === 'country' || sense === 'demonym' || sense === 'capital')
    id = country === 'EU' ? 'org:eu' : `country:${country}`;
  else if (sense === 'person' || sense === 'unit') {
    const pattern = texts[terms.file[term]!]!.text.slice(terms.from[term]!, terms.to[term]!);
    id = `${sense}:${country}/${nameSkeleton(nameOf(pattern))}`;
  } else id = value === '' ? sense : `${sense}:${value}`;
  ids[term] = id;
  return id;
}

/** The words of a pattern that name somebody: the last one, without signs and without what may be left out. */
function nameOf(pattern: string): string {
  const words = pattern.replace(/\(([^|()]*)[^()]*\)/g, '$1').split(' ');
  const kept = words.filter((word) => !word.endsWith('?') && word !== '..');
  return (kept.at(-1) ?? pattern).replace(/[*=?]/g, '');
}

/** Senses whose longer match says what the shorter within it really is ("Crvena zvezda Beograd" is a club and no capital). */
const NAMES: ReadonlySet<Sense> = new Set([
  'country',
  'demonym',
  'capital',
  'person',
  'unit',
  'org',
  'notorg',
  'mission',
  'trap',
]);

/** Reads one field with the lexicon of `lang`. */
export function readField(field: Field, text: string, lang: string): Reading {
  const words = readWords(text);
  const mask = filesMask(lang);
  const found = matcher.match(words, (term) => (mask & (1 << terms.file[term]!)) !== 0);
  const hits: Hit[] = [];
  for (const match of found) {
    const meaning = meanings[terms.meaning[match.term]!]!;
    if (isSaid(match, hits) || isWithinLonger(match, meaning, found) || isAnyAlliance(words, match, meaning)) continue;
    const { sense, value, country, feature } = meaning;
    const { term, first, last, solid } = match;
    hits.push({ field, term, sense, value, country, feature, first, last, solid });
  }
  return { field, words, hits };
}

/**
 * "The Alliance" is NATO, an alliance is anyone's (parties, banks, singers): where the one word that stands for the organisation
 * is a common noun, it must have its capital.
 */
const isAnyAlliance = (words: Words, { first, last }: Match, { sense, value }: Meaning): boolean =>
  sense === 'org' && value === 'nato' && first === last && words.capital[first] === 0;

/** Whether another line already said the same of the same words. */
function isSaid(match: Match, hits: readonly Hit[]): boolean {
  for (let i = hits.length - 1; i >= 0 && hits[i]!.first === match.first; i--) {
    const hit = hits[i]!;
    if (hit.last === match.last && terms.meaning[hit.term] === terms.meaning[match.term]) return true;
  }
  return false;
}

function isWithinLonger(match: Match, meaning: Meaning, all: readonly Match[]): boolean {
  for (const other of all) {
    if (other.first > match.first) break;
    if (!other.solid || other.last < match.last || other.last - other.first <= match.last - match.first) continue;
    const longer = meanings[terms.meaning[other.term]!]!;
    // "NATO force in Kosovo" names two organisations, the force and the one in its name.
    const twoOrgs = longer.sense === 'org' && meaning.sense === 'org' && longer.value !== meaning.value;
    if (twoOrgs) continue;
    if (longer.sense === meaning.sense) return true;
    if (longer.sense === 'notorg' || longer.sense === 'trap') return true;
    if (NAMES.has(longer.sense) && NAMES.has(meaning.sense)) return true;
  }
  return false;
}

/** Reads title and summary; `lang` is detected where it is not given. */
export function readItem(input: TagInput, lang: string): Reading[] {
  const readings: Reading[] = [];
  if (input.title) readings.push(readField('title', input.title, lang));
  if (input.summary) readings.push(readField('summary', input.summary, lang));
  return readings;
}

/**
 * The concepts of an item, in order of title and summary, each with the words that gave it. A concept that stands in several
 * places is given as often. Pure; the language is `input.lang`, or detected.
 */
export function conceptsOf(input: TagInput): readonly Concept[] {
  const lang = itemLanguage(input);
  const out: Concept[] = [];
  for (const { field, words, hits } of readItem(input, lang)) {
    for (const hit of hits) {
      const start = words.start[hit.first]!;
      const end = words.end[hit.last]!;
      out.push({ concept: conceptId(hit.term), field, start, end, text: words.text.slice(start, end) });
    }
  }
  return out;
}
