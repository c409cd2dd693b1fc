/**
 * All patterns of the lexicon in one machine that reads a text once.
 *
 * Two layers. The lower one knows words: every word of every pattern is a *piece*, exact or a stem, found by hashing the
 * growing prefix of a text word into one open-addressing table, a probe a letter. The upper one is a trie over pieces for
 * patterns of several words. Cost follows the text, not the number of terms. Everything is numbers in typed arrays that grow:
 * reading a line of the lexicon takes about two microseconds and leaves no objects behind.
 *
 * Prefixes are compared by two independent 32-bit hashes and never by letters: the chance that some two of 100,000 pieces agree
 * in 64 bits is below 1 in 3,000,000,000, and the strings need not be kept.
 */
import { folded, foldWord, isLetter, type Words } from './fold.ts';
import { pairTable } from './pairs.ts';

/** A stem is met by words up to this many folded letters longer. */
const ENDING = 6;
/** A gap spans up to this many words. */
const GAP = 3;
/** A pattern with more readings than this is split over several lines by its author. */
const MAX_READINGS = 256;

/** A match of term `term` on the words `first … last`; `solid` where no gap lies within. */
export type Match = { readonly term: number; readonly first: number; readonly last: number; readonly solid: boolean };

export type Matcher = {
  /**
   * Adds the pattern that stands in `text` from `from` to `to`, as docs/lexicon.md writes them, for term number `term`. Throws a
   * SyntaxError that says what is wrong with it; what was added before that stays without effect on other terms.
   */
  readonly add: (text: string, from: number, to: number, term: number) => void;
  /** All matches of terms that `wanted` lets through, by first word; nothing is suppressed here. */
  readonly match: (words: Words, wanted: (term: number) => boolean) => Match[];
};

const SEED_A = 0x811c9dc5 | 0;
const SEED_B = 0x2545f491;
const stepA = (h: number, c: number): number => Math.imul(h ^ c, 0x01000193);
const stepB = (h: number, c: number): number => Math.imul((h << 5) ^ (h >>> 27) ^ c, 0x9e3779b1 | 0);
/** An array of numbers that doubles when it is full. */
function grown(array: Int32Array, need: number): Int32Array<ArrayBuffer> {
  let size = array.length;
  while (size <= need) size *= 2;
  const next = new Int32Array(size);
  next.set(array);
  return next;
}

const [EXACT, STEM, CASED] = [0, 1, 2];
const [SPACE, OPEN, CLOSE, STAR, EQUALS, ASKED, BAR] = [32, 40, 41, 42, 61, 63, 124];

/** The offset of `code` in `text` between `at` and `end`, or `end`. */
function until(text: string, at: number, end: number, code: number): number {
  let i = at;
  while (i < end && text.charCodeAt(i) !== code) i++;
  return i;
}

const CYRILLIC = 0x400;

/**
 * Whether a word stands as its pattern asks, capitals and all. The files of the languages that are written in two scripts are in
 * Latin letters, so of a word in Cyrillic ones only the capitals are compared: that the letters agree is known.
 */
function isWritten(text: Words, w: number, { exact, capital }: { exact: string; capital: number }): boolean {
  const start = text.start[w]!;
  if (text.text.charCodeAt(start) >= CYRILLIC && exact.charCodeAt(0) < CYRILLIC) return text.capital[w] === capital;
  return text.end[w]! - start === exact.length && text.text.startsWith(exact, start);
}

/** An empty matcher. */
export function createMatcher(): Matcher {
  const words = pairTable(3);
  /** Pieces that ask for upper and lower case: the exact word, the piece, the next of the same folded word. */
  const cased: { readonly exact: string; readonly capital: number; readonly piece: number; readonly next: number }[] =
    [];
  const steps = pairTable(1);
  let pieces = 0;
  let nodes = 1;
  let inner: Int32Array<ArrayBuffer> = new Int32Array(65536); // 1: has steps onwards
  let gaps: Int32Array<ArrayBuffer> = new Int32Array(65536); // node after a gap, or 0
  let heads: Int32Array<ArrayBuffer> = new Int32Array(65536); // first of the node's terms in `links`, or 0
  let links: Int32Array<ArrayBuffer> = new Int32Array(131072); // pairs: term, next
  let linked = 1;
  const scratch = new Uint8Array(256);

  const newNode = (): number => {
    const node = nodes++;
    if (node >= inner.length) {
      inner = grown(inner, node);
      gaps = grown(gaps, node);
      heads = grown(heads, node);
    }
    return node;
  };
  const step = (node: number, piece: number): number => {
    const slot = steps.claim(node, piece);
    const column = steps.columns[0]!;
    if (column[slot] === 0) {
      column[slot] = newNode();
      inner[node] = 1;
    }
    return steps.columns[0]![slot]!;
  };
  const piece = (used: number, kind: number, exact: string): number => {
    let a = SEED_A;
    let b = SEED_B;
    for (let k = 0; k < used; k++) {
      a = stepA(a, scratch[k]!);
      b = stepB(b, scratch[k]!);
    }
    const slot = words.claim(a, b);
    const column = words.columns[kind]!;
    if (kind !== CASED) {
      if (column[slot] === 0) column[slot] = ++pieces;
      return column[slot]!;
    }
    for (let c = column[slot]!; c !== 0; c = cased[c - 1]!.next)
      if (cased[c - 1]!.exact === exact) return cased[c - 1]!.piece;
    cased.push({ exact, capital: folded.capital, piece: ++pieces, next: column[slot]! });
    column[slot] = cased.length;
    return pieces;
  };

  /** From a node over the written word to the next; a word that folds to several is several steps. */
  const overWord = (from: number, text: string, at: number, end: number, stem: boolean): number => {
    if (end - at === 2 && text.startsWith('..', at)) return gapAfter(from);
    const exact = text.charCodeAt(at) === EQUALS;
    let node = from;
    let parts = 0;
    for (let i = exact ? at + 1 : at; i < end; ) {
      const code = text.charCodeAt(i);
      if (!isLetter(code)) {
        if (code === STAR || code === ASKED || code === EQUALS)
          throw new SyntaxError(`"${text.slice(at, end)}" cannot be read`);
        i++;
        continue;
      }
      const begin = i;
      i = foldWord(text, i, end, scratch, 0);
      const last = i >= end;
      const kind = stem && last ? STEM : exact && last && parts === 0 ? CASED : EXACT;
      node = step(node, piece(folded.used, kind, kind === CASED ? text.slice(begin, end) : ''));
      parts++;
    }
    if (parts === 0) throw new SyntaxError(`"${text.slice(at, end)}" holds no letters`);
    return node;
  };
  const gapAfter = (node: number): number => {
    if (node === 0) throw new SyntaxError('a gap stands between words');
    if (gaps[node] === 0) gaps[node] = newNode();
    return gaps[node]!;
  };
  /** Over words parted by spaces, the last of them a stem where `stem` says so. */
  const overWords = (from: number, text: string, at: number, end: number, stem: boolean): number => {
    let node = from;
    for (let i = at; i < end; ) {
      if (text.charCodeAt(i) === SPACE) {
        i++;
        continue;
      }
      const stop = until(text, i, end, SPACE);
      const star = text.charCodeAt(stop - 1) === STAR;
      node = overWord(node, text, i, star ? stop - 1 : stop, star || (stem && stop === end));
      i = stop;
    }
    return node;
  };
  /** Over a bracket's alternatives, `at` after its opening, `close` at its closing. */
  const overBracket = (from: readonly number[], text: string, at: number, close: number, stem: boolean): number[] => {
    const next: number[] = [];
    for (let i = at; i <= close; ) {
      const bar = until(text, i, close, BAR);
      if (until(text, i, bar, OPEN) < bar) throw new SyntaxError('a bracket within a bracket');
      for (const node of from) next.push(overWords(node, text, i, bar, stem));
      i = bar + 1;
    }
    return next;
  };

  const add = (text: string, from: number, to: number, term: number): void => {
    // Most patterns have one reading.
    if (until(text, from, to, OPEN) === to && until(text, from, to, ASKED) === to) {
      link(overWords(0, text, from, to, false), term);
      return;
    }
    let ends: number[] = [0];
    for (let i = from; i < to; ) {
      if (text.charCodeAt(i) === SPACE) {
        i++;
        continue;
      }
      const bracket = text.charCodeAt(i) === OPEN;
      const close = bracket ? until(text, i, to, CLOSE) : i;
      if (close === to) throw new SyntaxError('brackets do not pair');
      const stop = until(text, close, to, SPACE);
      const optional = stop - i > 1 && text.charCodeAt(stop - 1) === ASKED;
      const tail = optional ? stop - 1 : stop;
      const stem = bracket && close + 1 < tail && text.charCodeAt(close + 1) === STAR;
      if (bracket && close + 1 + (stem ? 1 : 0) !== tail) throw new SyntaxError('only * and ? follow a bracket');
      const next = bracket
        ? overBracket(ends, text, i + 1, close, stem)
        : ends.map((node) => overWords(node, text, i, tail, false));
      ends = [...new Set(optional ? [...next, ...ends] : next)];
      if (ends.length > MAX_READINGS) throw new SyntaxError(`more than ${MAX_READINGS} readings`);
      i = stop;
    }
    const whole = ends.filter((node) => node !== 0);
    if (whole.length === 0) throw new SyntaxError('empty pattern');
    for (const node of whole) link(node, term);
  };
  const link = (node: number, term: number): void => {
    if (node === 0) throw new SyntaxError('empty pattern');
    if (linked * 2 + 1 >= links.length) links = grown(links, linked * 2 + 1);
    links[linked * 2] = term;
    links[linked * 2 + 1] = heads[node]!;
    heads[node] = linked++;
  };

  /** The pieces that each word of a text meets: those of word i are `list[at[i] … at[i + 1])`. */
  const piecesOf = (text: Words): { at: Int32Array; list: number[] } => {
    const at = new Int32Array(text.count + 1);
    const list: number[] = [];
    const { letters, from } = text;
    const [exact, stem, cases] = words.columns as [Int32Array, Int32Array, Int32Array];
    for (let w = 0; w < text.count; w++) {
      at[w] = list.length;
      const stop = from[w + 1]!;
      let a = SEED_A;
      let b = SEED_B;
      for (let k = from[w]!; k < stop; k++) {
        a = stepA(a, letters[k]!);
        b = stepB(b, letters[k]!);
        const rest = stop - k - 1;
        if (rest > ENDING) continue;
        const slot = words.find(a, b);
        if (slot < 0) continue;
        if (stem[slot] !== 0) list.push(stem[slot]!);
        if (rest > 0) continue;
        if (exact[slot] !== 0) list.push(exact[slot]!);
        for (let c = cases[slot]!; c !== 0; c = cased[c - 1]!.next) {
          if (isWritten(text, w, cased[c - 1]!)) list.push(cased[c - 1]!.piece);
        }
      }
    }
    at[text.count] = list.length;
    return { at, list };
  };

  const match = (text: Words, wanted: (term: number) => boolean): Match[] => {
    const { at, list } = piecesOf(text);
    const out: Match[] = [];
    const onwards = (node: number, first: number, w: number, solid: boolean): void => {
      // A sentence ends a phrase.
      if (w >= text.count || (w > first && (text.before[w]! & 1) !== 0)) return;
      const column = steps.columns[0]!;
      for (let k = at[w]!; k < at[w + 1]!; k++) {
        const slot = steps.find(node, list[k]!);
        if (slot < 0) continue;
        const next = column[slot]!;
        if (inner[next] !== 0) onwards(next, first, w + 1, solid);
        const gap = gaps[next]!;
        if (gap !== 0) {
          for (let g = w + 1; g <= w + 1 + GAP && g < text.count; g++) {
            if ((text.before[g]! & 1) !== 0) break;
            onwards(gap, first, g, solid && g === w + 1);
          }
        }
        for (let l = heads[next]!; l !== 0; l = links[l * 2 + 1]!) {
          const term = links[l * 2]!;
          if (wanted(term)) out.push({ term, first, last: w, solid });
        }
      }
    };
    for (let first = 0; first < text.count; first++) if (at[first] !== at[first + 1]) onwards(0, first, first, true);
    return out;
  };
  return { add, match };
}
