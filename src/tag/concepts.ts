/**
 * What a text speaks of, in ids that are the same in every language: `country:RS` whether the text says Србија, Sırbistan or
 * "Belgrade". The tagger weighs these; the story room compares them.
 */

import { nameHash } from './bag.ts';
import { nameSkeleton, readWords, type Words } from './fold.ts';
import { itemLanguage } from './language.ts';
import { lexiconText, parseLexicon, type Sense, type Term } from './lexicon.ts';
import { compileMatcher, type Match, type Matcher, matchWords } from './matcher.ts';
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
  readonly concept: string;
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

type Meaning = Pick<Hit, 'sense' | 'value' | 'country' | 'concept' | 'feature'>;
type Lexicon = { readonly matcher: Matcher; readonly meanings: readonly Meaning[] };

/** Compiled on first use: a feed of one country needs one language. */
const compiled = new Map<string, Lexicon>();

function lexiconFor(lang: string): Lexicon {
  const files = filesFor(lang);
  const key = files.join();
  let lexicon = compiled.get(key);
  if (lexicon === undefined) {
    const terms = files.flatMap((file) => parseLexicon(file, lexiconText(file)).terms);
    lexicon = { matcher: compileMatcher(terms), meanings: terms.map(meaningOf) };
    compiled.set(key, lexicon);
  }
  return lexicon;
}

const ISO = /^[A-Z]{2}$/;

function meaningOf(term: Term): Meaning {
  const parts = term.value.split(/\s+/);
  const country = parts.find((part) => ISO.test(part)) ?? '';
  const value = parts.find((part) => !ISO.test(part)) ?? '';
  const feature = nameHash(featureName(term.sense, value));
  return { sense: term.sense, value, country, concept: conceptId(term, value, country), feature };
}

function featureName(sense: Sense, value: string): string {
  switch (sense) {
    case 'country':
    case 'demonym':
    case 'capital':
    case 'unit':
    case 'mission':
    case 'exercise':
    case 'notorg':
      return sense;
    default:
      return `${sense}:${value}`;
  }
}

/**
 * The id of a concept: a state's name, demonym and capital are all `country:ISO`; persons and units are their state and the
 * skeleton of their name, so that they meet across scripts and spellings; all others are `sense:value`.
 */
function conceptId(term: Term, value: string, country: string): string {
  switch (term.sense) {
    case 'country':
    case 'demonym':
    case 'capital':
      return country === '' ? `org:${term.value.toLowerCase()}` : `country:${country}`;
    case 'person':
    case 'unit':
      return `${term.sense}:${country}/${nameSkeleton(nameOf(term.pattern))}`;
    default:
      return value === '' ? term.sense : `${term.sense}:${value}`;
  }
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
  const { matcher, meanings } = lexiconFor(lang);
  const found = matchWords(matcher, words);
  const hits: Hit[] = [];
  for (const match of found) {
    const meaning = meanings[match.term]!;
    if (isWithinLonger(match, meaning, found, meanings)) continue;
    hits.push({ field, ...meaning, first: match.first, last: match.last, solid: match.solid });
  }
  return { field, words, hits };
}

function isWithinLonger(match: Match, meaning: Meaning, all: readonly Match[], meanings: readonly Meaning[]): boolean {
  for (const other of all) {
    if (other.first > match.last) break;
    if (!other.solid || other.last < match.last || other.last - other.first <= match.last - match.first) continue;
    if (other.first > match.first) continue;
    const longer = meanings[other.term]!;
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
      out.push({ concept: hit.concept, field, start, end, text: words.text.slice(start, end) });
    }
  }
  return out;
}

export { foldText, nameSkeleton } from './fold.ts';
