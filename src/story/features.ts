import { type Concept, conceptsOf } from '../tag/concepts.ts';
import type { Tags } from '../tag/tags.ts';
import { figuresOf } from './figures.ts';
import { generalConcepts, languageGroup } from './glossary.ts';
import { skeletonOf, soundOf } from './skeleton.ts';
import { hashTerm, MEASURED, type Term, weightOf } from './terms.ts';
import { type Word, wordsOf } from './words.ts';

/** What relating needs to know of an item; `publishedAt` is `sort_at` in the product. */
export type StoryInput = {
  /** BCP 47, as the tag room found it. */
  readonly lang: string;
  readonly title: string | null;
  readonly summary: string | null;
  readonly publishedAt: Date | string | null;
  /** What the tag room said of the item, where it was asked. */
  readonly tags?: Pick<Tags, 'topic' | 'countries' | 'cooperation' | 'orgs'> | null;
  /** The beat's concepts in title and summary where the caller has them; read here otherwise. */
  readonly concepts?: readonly Concept[];
};

/** An item as relating sees it: small, plain JSON, computed once when the item arrives. */
export type Features = {
  readonly v: 1;
  /** Language group; words (`t`) are compared only within one. */
  readonly group: string;
  /** Milliseconds since 1970, or null. */
  readonly at: number | null;
  readonly topic: string | null;
  /** Term → weight within the item (about 1; more in the title, less where the class is a guess). */
  readonly terms: Readonly<Record<Term, number>>;
  /** At most `MAX_KEYS` 32-bit keys under which the item is found: its rarest terms, and pairs of its broader ones. */
  readonly keys: readonly number[];
  /** The text's meaningful words in order, hashed to 32 bits, at most `MAX_SEQUENCE`: what copies share. */
  readonly sequence: readonly number[];
  /** How many of `sequence` are the title's. */
  readonly titleLength: number;
};

export const MAX_KEYS = 32;
const BROAD_STATES = 3;
const BROAD_CONCEPTS = 4;
const MAX_SEQUENCE = 80;
const TITLE_WEIGHT = 1.4;
/** A lead is at most this long (characters); where whole articles come, their beginning stands for them. */
const LEAD_LENGTH = 600;

/**
 * The features of one item. Pure; the same input gives the same features at any time. Some tenths of a millisecond for a headline and a lead.
 */
export function storyFeatures(input: StoryInput): Features {
  const terms = new Map<Term, number>();
  const put = (term: Term, weight: number) => terms.set(term, Math.max(terms.get(term) ?? 0, weight));
  const sequence: number[] = [];
  let titleLength = 0;
  const { title, summary, lang } = input;
  const concepts = input.concepts ?? conceptsOf({ title, summary, lang });
  for (const field of ['title', 'summary'] as const) {
    const text = (input[field] ?? '').slice(0, LEAD_LENGTH);
    const weight = field === 'title' ? TITLE_WEIGHT : 1;
    const words = wordsOf(text);
    const general = generalConcepts(words, lang);
    const here = concepts.filter((c) => c.field === field);
    for (const { concept } of here) put(conceptTerm(concept), weight);
    const places = here.filter((c) => c.concept.startsWith('country:'));
    const isPlace = (word: Word) => places.some((p) => word.start >= p.start && word.start < p.end);
    putText(words, text, general, isPlace, weight, put);
    const empty = new Set(general.filter((f) => f.concept === '-').map((f) => f.at));
    words.forEach((word, i) => {
      if (!empty.has(i) && !word.ending && sequence.length < MAX_SEQUENCE) sequence.push(hashTerm(stemOf(word.fold)));
    });
    if (field === 'title') titleLength = sequence.length;
  }
  for (const country of input.tags?.countries ?? []) put(`p${country}`, 1);
  for (const kind of input.tags?.cooperation ?? []) put(`k${kind}`, 1);
  for (const org of input.tags?.orgs ?? []) put(`o${org}`, 1);
  const at = input.publishedAt === null ? Number.NaN : new Date(input.publishedAt).getTime();
  return {
    v: 1,
    group: languageGroup(input.lang),
    at: Number.isNaN(at) ? null : at,
    topic: input.tags?.topic ?? null,
    terms: Object.fromEntries(terms),
    keys: keysOf(terms),
    sequence,
    titleLength,
  };
}

/** A word without its ending, roughly and alike in every language: two thirds of it, four to seven letters. */
export function stemOf(fold: string): string {
  return fold.slice(0, Math.min(7, Math.max(4, Math.ceil(fold.length * 0.67))));
}

/** `country:RS` is the mention of a state, all else of the beat's lexicon a concept of its own. */
const conceptTerm = (concept: string): Term =>
  concept.startsWith('country:') ? `x${concept.slice('country:'.length)}` : `b${concept}`;

type Put = (term: Term, weight: number) => void;

function putText(
  words: readonly Word[],
  text: string,
  general: ReturnType<typeof generalConcepts>,
  isPlace: (word: Word) => boolean,
  weight: number,
  put: Put,
): void {
  const taken = new Map<number, string>();
  for (const { concept, at, length } of general) {
    for (let k = at; k < at + length; k++) taken.set(k, concept);
    if (concept.startsWith('=')) put(`n${concept.slice(1)}`, 0.7 * weight);
    else if (concept !== '-') put(`c${concept}`, weight);
  }
  const figures = new Set<number>();
  for (const figure of figuresOf(words, text)) {
    for (let k = figure.at; k < figure.at + figure.length; k++) figures.add(k);
    if (figure.kind === 'model') put(`m${figure.name}`, weight);
    else if (figure.kind === 'day') put(`d${figure.month}-${figure.day}`, weight);
    else put(`n${figure.value}`, weight);
  }
  words.forEach((word, i) => {
    if (figures.has(i) || word.ending || isPlace(word) || /^\d/.test(word.fold)) return;
    const concept = taken.get(i);
    if (concept === '-') return;
    if (word.fold.length >= 3 && concept === undefined) put(`t${stemOf(word.fold)}`, weight);
    putName(word, concept !== undefined, weight, put);
  });
}

/** A capital inside a sentence makes a name; at its beginning only a word that the glossary does not know may be one. */
function putName(word: Word, known: boolean, weight: number, put: Put): void {
  const { fold } = word;
  const isName = word.capital && (!word.first || !known);
  if (isName && fold.length >= 3) put(`v${soundOf(fold).slice(0, 5)}`, word.first ? 0.7 * weight : weight);
  if (fold.length < 5) return;
  const skeleton = skeletonOf(fold, 5);
  if (skeleton.length >= 4) put(`${isName ? 's' : 'g'}${skeleton}`, known ? 0.5 * weight : weight);
}

/** Terms that may be a key alone: those of every language, and words of one. */
const NAMING = new Set(['v', 's', 'm', 'n', 'd']);
const WORDY = new Set(['g', 't']);
/** Terms that are too common alone and selective in pairs. */
const CONCEPTS = new Set(['b', 'c']);
const STATES = new Set(['p', 'x']);

/**
 * Half of the keys are rare terms, half are pairs of broad ones: reports of one event in two languages may share no name, but hardly
 * fail to share two states, or a state and the rarer of their concepts.
 */
function keysOf(terms: ReadonlyMap<Term, number>): readonly number[] {
  const ranked = (classes: ReadonlySet<string>) =>
    [...terms]
      .filter(([term]) => classes.has(term[0]!))
      .map(([term, weight]) => [term, weight * weightOf(MEASURED, term)] as const)
      .sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))
      .map(([term]) => term);
  const states = [...new Set(ranked(STATES).map((term) => `x${term.slice(1)}`))].slice(0, BROAD_STATES);
  const broad = [...states, ...ranked(CONCEPTS).slice(0, BROAD_CONCEPTS)].sort();
  const pairs = broad.flatMap((a, i) => broad.slice(i + 1).map((b) => `${a}+${b}`));
  const single = [...ranked(NAMING).slice(0, 10), ...ranked(WORDY).slice(0, 6)].slice(0, MAX_KEYS - pairs.length);
  return [...new Set([...single, ...pairs].map(hashTerm))];
}
