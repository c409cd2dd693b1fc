import { readFileSync } from 'node:fs';
import { inRoot } from '../root.ts';
import { foldText } from '../tag/fold.ts';
import type { Word } from './words.ts';

/** The languages of glossary.tsv's columns; the seven of the South Slavic group share one. */
const COLUMNS = ['en', 'slav', 'sq', 'el', 'ro', 'tr', 'hu'] as const;
type Column = (typeof COLUMNS)[number];

/** One concept found in a text: the words `at … at + length`, the concept's name (`-` for a word without meaning, `=40` for a figure). */
export type Found = { readonly concept: string; readonly at: number; readonly length: number };

type Pattern = { readonly rest: readonly string[]; readonly concept: string };
type Lexicon = {
  /** Whole first words. */
  readonly exact: Map<string, Pattern[]>;
  /** First words that are stems. */
  readonly stems: Map<string, Pattern[]>;
};

/** The group of languages in which words are comparable letter by letter: one for South Slavic, the language itself elsewhere. */
export function languageGroup(lang: string): string {
  const base = lang.split('-')[0]!;
  return /^(?:sr|hr|bs|cnr|sl|mk|bg|sh|me)$/.test(base) ? 'slav' : base;
}

/** An ending is at most this long, so that a short stem does not swallow other words. */
const LONGEST_ENDING = 6;

let lexicons: ReadonlyMap<Column, Lexicon> | null = null;

function load(): ReadonlyMap<Column, Lexicon> {
  const loaded = new Map<Column, Lexicon>(COLUMNS.map((c) => [c, { exact: new Map(), stems: new Map() }]));
  for (const line of readFileSync(inRoot('src', 'story', 'glossary.tsv'), 'utf8').split('\n')) {
    if (line.startsWith('#') || line.trim() === '') continue;
    const [concept, ...cells] = line.split('\t');
    cells.forEach((cell, column) => {
      const lexicon = loaded.get(COLUMNS[column]!)!;
      for (const entry of cell.split(' ')) add(lexicon, entry, concept!);
    });
  }
  return loaded;
}

function add(lexicon: Lexicon, entry: string, concept: string): void {
  if (entry === '') return;
  const words = entry
    .split('_')
    .flatMap((w) => (w.endsWith('*') ? [`${foldText(w.slice(0, -1))}*`] : foldText(w).split(' ')));
  const head = words[0]!;
  const isStem = head.endsWith('*');
  const key = isStem ? head.slice(0, -1) : head;
  const map = isStem ? lexicon.stems : lexicon.exact;
  const patterns = map.get(key) ?? [];
  patterns.push({ rest: words.slice(1), concept });
  map.set(key, patterns);
}

const fits = (pattern: string, fold: string | undefined): boolean =>
  fold !== undefined && (pattern.endsWith('*') ? fold.startsWith(pattern.slice(0, -1)) : fold === pattern);

function match(patterns: readonly Pattern[] | undefined, words: readonly Word[], i: number): Found[] {
  const found: Found[] = [];
  for (const { rest, concept } of patterns ?? []) {
    if (rest.every((p, k) => fits(p, words[i + 1 + k]?.fold)) && !found.some((f) => f.concept === concept))
      found.push({ concept, at: i, length: 1 + rest.length });
  }
  return found;
}

/**
 * The general concepts that a text names, by the words of its language (`glossary.tsv`); nothing for a language that has no column.
 * A whole word wins over a stem, a longer stem over a shorter one, a phrase over its first word.
 */
export function generalConcepts(words: readonly Word[], lang: string): readonly Found[] {
  lexicons ??= load();
  const lexicon = lexicons.get(languageGroup(lang) as Column);
  if (lexicon === undefined) return [];
  const found: Found[] = [];
  for (let i = 0; i < words.length; i++) {
    const { fold } = words[i]!;
    let here = match(lexicon.exact.get(fold), words, i);
    for (let cut = fold.length; here.length === 0 && cut >= Math.max(2, fold.length - LONGEST_ENDING); cut--)
      here = match(lexicon.stems.get(fold.slice(0, cut)), words, i);
    const longest = Math.max(0, ...here.map((f) => f.length));
    found.push(...here.filter((f) => f.length === longest));
    if (longest > 1) i += longest - 1;
  }
  return found;
}
