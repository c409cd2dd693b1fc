/**
 * The lexicon files: `lexicon/<lang>.tsv`, one term a line, as docs/lexicon.md explains them to people. This module reads their
 * lines; `matcher.ts` reads their patterns and makes them fast.
 */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { inRoot } from '../root.ts';

/** Every sense a term may have; any other in a file is an error. */
export const SENSES = [
  ...(['country', 'demonym', 'capital', 'person', 'unit', 'office', 'force', 'weapon', 'exercise', 'act'] as const),
  ...(['thing', 'org', 'mission', 'notorg', 'trap', 'politics', 'foreign-war', 'economy'] as const),
] as const;
export type Sense = (typeof SENSES)[number];

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

const read = new Map<string, string>();

/** The text of one lexicon file, read once; empty where there is none. */
export function lexiconText(lang: string): string {
  let text = read.get(lang);
  if (text === undefined) {
    const file = `${FOLDER}/${lang}.tsv`;
    text = existsSync(file) ? readFileSync(file, 'utf8') : '';
    read.set(lang, text);
  }
  return text;
}

/** A hash over all lexicon files, which changes with any change of a term. */
export function lexiconHash(): string {
  const hash = createHash('sha256');
  for (const lang of lexiconLanguages()) hash.update(lang).update(lexiconText(lang));
  return hash.digest('hex');
}

/**
 * Walks the lines of a lexicon file that hold terms. `each` gets the offsets of the pattern, so that no string need be made
 * for it, the sense and value as one string (`sense TAB value`, few of them differ), and the line's number.
 */
export function eachLine(text: string, each: (from: number, to: number, meaning: string, line: number) => void): void {
  let line = 0;
  for (let at = 0; at < text.length; ) {
    let end = text.indexOf('\n', at);
    if (end < 0) end = text.length;
    line++;
    const tab = text.indexOf('\t', at);
    const first = text.charCodeAt(at);
    if (first !== 35 && tab > at && tab < end) {
      const second = text.indexOf('\t', tab + 1);
      const third = second < 0 || second >= end ? end : text.indexOf('\t', second + 1);
      each(at, tab, text.slice(tab + 1, third < 0 || third > end ? end : third), line);
    } else if (first !== 35 && text.slice(at, end).trim() !== '') each(at, at, '', line);
    at = end + 1;
  }
}
