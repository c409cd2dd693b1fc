/**
 * The lexicon files: `lexicon/<lang>.tsv`, one term a line, as docs/lexicon.md explains them to people. This module reads them;
 * `matcher.ts` makes them fast.
 */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { inRoot } from '../root.ts';

/** Every sense a term may have; any other in a file is an error. */
export const SENSES = [
  'country',
  'demonym',
  'capital',
  'person',
  'unit',
  'office',
  'force',
  'weapon',
  'exercise',
  'act',
  'thing',
  'org',
  'mission',
  'notorg',
  'trap',
  'politics',
  'foreign-war',
  'economy',
] as const;
export type Sense = (typeof SENSES)[number];

/** One line of a lexicon file. */
export type Term = {
  readonly pattern: string;
  readonly sense: Sense;
  readonly value: string;
  /** File and line, for messages. */
  readonly file: string;
  readonly line: number;
};

/** What is wrong with a line of a lexicon file. */
export type LexiconFault = { readonly file: string; readonly line: number; readonly what: string };

const FOLDER = inRoot('src', 'tag', 'lexicon');

/** The lexicon files that are there, by language code, in alphabetic order. */
export function lexiconLanguages(): string[] {
  if (!existsSync(FOLDER)) return [];
  return readdirSync(FOLDER)
    .filter((name) => name.endsWith('.tsv'))
    .map((name) => name.slice(0, -4))
    .sort();
}

/** The text of one lexicon file; empty where there is none. */
export function lexiconText(lang: string): string {
  return lexiconLanguages().includes(lang) ? readFileSync(`${FOLDER}/${lang}.tsv`, 'utf8') : '';
}

/** A hash over all lexicon files, which changes with any change of a term. */
export function lexiconHash(): string {
  const hash = createHash('sha256');
  for (const lang of lexiconLanguages()) hash.update(lang).update(lexiconText(lang));
  return hash.digest('hex');
}

/**
 * Reads one lexicon file. Lines that cannot be read are left out and told in `faults`, so that a slip of the pen in one line
 * never stops the tagger; test/tag/lexicon.test.ts fails on any.
 */
export function parseLexicon(file: string, text: string): { terms: Term[]; faults: LexiconFault[] } {
  const terms: Term[] = [];
  const faults: LexiconFault[] = [];
  let line = 0;
  for (const raw of text.split('\n')) {
    line++;
    if (raw === '' || raw.startsWith('#') || raw.trim() === '') continue;
    const [pattern = '', sense = '', value = ''] = raw.split('\t');
    if (!(SENSES as readonly string[]).includes(sense)) {
      faults.push({ file, line, what: `"${sense}" is no sense` });
      continue;
    }
    terms.push({ pattern: pattern.trim(), sense: sense as Sense, value: value.trim(), file, line });
  }
  return { terms, faults };
}

/** One word of an expanded pattern: `word` exactly, `stem*`, `=EXACT` case and all, or `..`, a gap of up to three words. */
export type PatternWord =
  | { readonly kind: 'word' | 'stem'; readonly folded: string }
  | { readonly kind: 'case'; readonly folded: string; readonly exact: string }
  | { readonly kind: 'gap' };

/** A pattern with more readings than this is split over several lines by its author. */
export const MAX_READINGS = 256;

/**
 * All readings of a pattern: brackets and optional words multiplied out, each a sequence of words, folded by `fold`. A written
 * word that folds to several ("F-16") becomes several. Throws a SyntaxError that says what is wrong with the pattern.
 */
export function readPattern(pattern: string, fold: (word: string) => string): PatternWord[][] {
  let readings: PatternWord[][] = [[]];
  for (const slot of slotsOf(pattern)) {
    const next: PatternWord[][] = [];
    for (const reading of readings) {
      for (const option of slot) next.push(option === '' ? reading : [...reading, ...wordsOf(option, fold)]);
      if (next.length > MAX_READINGS) throw new SyntaxError(`more than ${MAX_READINGS} readings`);
    }
    readings = next;
  }
  const whole = readings.filter((r) => r.length > 0);
  if (whole.length === 0) throw new SyntaxError('empty pattern');
  for (const r of whole) {
    if (r[0]!.kind === 'gap' || r.at(-1)!.kind === 'gap') throw new SyntaxError('a gap stands between words');
  }
  return whole;
}

/** The slots of a pattern, each a list of options; an option may be several words, and '' means that the slot may be left out. */
function slotsOf(pattern: string): string[][] {
  const slots: string[][] = [];
  const parts = pattern.match(/\([^()]*\)[^\s()]*|[^\s()]+/g);
  if (parts === null || parts.join('').length !== pattern.replace(/\s+(?![^(]*\))/g, '').length) {
    throw new SyntaxError('brackets do not pair');
  }
  for (const part of parts) {
    if (!part.startsWith('(')) {
      slots.push(part.length > 1 && part.endsWith('?') ? [part.slice(0, -1), ''] : [part]);
      continue;
    }
    const close = part.lastIndexOf(')');
    let tail = part.slice(close + 1);
    const options = part.slice(1, close).split('|');
    const optional = tail.endsWith('?');
    if (optional) tail = tail.slice(0, -1);
    // What hangs on the bracket hangs on each option: "(a|b)*".
    const whole = options.map((o) => (o.trim() === '' ? '' : o.trim() + tail));
    slots.push(optional ? [...whole, ''] : whole);
  }
  return slots;
}

function wordsOf(option: string, fold: (word: string) => string): PatternWord[] {
  const out: PatternWord[] = [];
  for (const written of option.split(/\s+/)) {
    if (written === '..') {
      out.push({ kind: 'gap' });
      continue;
    }
    const stem = written.endsWith('*');
    const exact = written.startsWith('=');
    const bare = written.slice(exact ? 1 : 0, stem ? -1 : undefined);
    if (bare.includes('*') || bare.includes('?') || bare.includes('='))
      throw new SyntaxError(`"${written}" cannot be read`);
    const folded = fold(bare).split(' ').filter(Boolean);
    if (folded.length === 0) throw new SyntaxError(`"${written}" holds no letters`);
    folded.forEach((word, i) => {
      if (stem && i === folded.length - 1) out.push({ kind: 'stem', folded: word });
      else if (exact && folded.length === 1) out.push({ kind: 'case', folded: word, exact: bare });
      else out.push({ kind: 'word', folded: word });
    });
  }
  return out;
}
