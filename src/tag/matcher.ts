/**
 * All terms of some lexicon files in one machine that reads a text once.
 *
 * Two layers. The lower one knows words: every word of every pattern is a *piece*, exact or a stem, found by hashing the
 * growing prefix of a text word into one open-addressing table, a probe a letter. The upper one is a trie over pieces for
 * patterns of several words. Cost follows the text, not the number of terms: 40,000 terms cost what 400 do but for cache misses.
 * Prefixes are compared by two independent 32-bit hashes and never by letters: the chance that some two of 100,000 pieces agree
 * in 64 bits is below 1 in 3,000,000,000, and the strings need not be kept.
 */
import type { Words } from './fold.ts';
import { foldText } from './fold.ts';
import { readPattern, type Term } from './lexicon.ts';

/** A stem is met by words up to this many folded letters longer. */
const ENDING = 6;
/** A gap spans up to this many words. */
const GAP = 3;

/** A match of term `term` on the words `first … last`; `solid` where no gap lies within. */
export type Match = { readonly term: number; readonly first: number; readonly last: number; readonly solid: boolean };

type Node = { terms: number[] | null; next: Map<number, Node> | null; gap: Node | null };

export type Matcher = {
  readonly terms: readonly Term[];
  readonly mask: number;
  readonly keyA: Int32Array;
  readonly keyB: Int32Array;
  /** Piece numbers of a slot, 0 for none. */
  readonly exact: Int32Array;
  readonly stem: Int32Array;
  /** The head of a slot's list of pieces that ask for upper and lower case, 0 for none. */
  readonly cased: Int32Array;
  readonly casePieces: readonly { readonly exact: string; readonly piece: number; readonly next: number }[];
  /** The trie's first level, by piece number. */
  readonly roots: readonly (Node | undefined)[];
};

const SEED_A = 0x811c9dc5 | 0;
const SEED_B = 0x2545f491;

const stepA = (h: number, c: number): number => Math.imul(h ^ c, 0x01000193);
const stepB = (h: number, c: number): number => Math.imul((h << 5) ^ (h >>> 27) ^ c, 0x9e3779b1 | 0);
const slotOf = (a: number, b: number): number => Math.imul(a ^ (b >>> 15), 0x85ebca6b) >>> 7;

/**
 * Compiles terms. Patterns that cannot be read are passed over (the lexicon's test names them). Terms keep their index:
 * `Match.term` points into `terms`.
 */
export function compileMatcher(terms: readonly Term[]): Matcher {
  const pieces = new Map<string, number>();
  const roots: (Node | undefined)[] = [];
  const number = (key: string): number => {
    let n = pieces.get(key);
    if (n === undefined) {
      n = pieces.size + 1;
      pieces.set(key, n);
    }
    return n;
  };
  terms.forEach((term, index) => {
    let readings: ReturnType<typeof readPattern>;
    try {
      readings = readPattern(term.pattern, foldText);
    } catch {
      return;
    }
    for (const reading of readings) {
      let node: Node | undefined;
      for (const word of reading) {
        if (word.kind === 'gap') {
          if (node !== undefined) {
            node.gap ??= { terms: null, next: null, gap: null };
            node = node.gap;
          }
          continue;
        }
        const sign = word.kind === 'stem' ? '*' : word.kind === 'case' ? `=${word.exact}=` : ' ';
        const piece = number(sign + word.folded);
        let next: Node | undefined = node === undefined ? roots[piece] : node.next?.get(piece);
        if (next === undefined) {
          next = { terms: null, next: null, gap: null };
          if (node === undefined) roots[piece] = next;
          else {
            node.next ??= new Map();
            node.next.set(piece, next);
          }
        }
        node = next;
      }
      if (node === undefined) continue;
      node.terms ??= [];
      if (!node.terms.includes(index)) node.terms.push(index);
    }
  });
  return { terms, roots, ...tableOf(pieces) };
}

function tableOf(pieces: ReadonlyMap<string, number>): Omit<Matcher, 'terms' | 'roots'> {
  let size = 1024;
  while (size < pieces.size * 3) size *= 2;
  const mask = size - 1;
  const keyA = new Int32Array(size);
  const keyB = new Int32Array(size);
  const exact = new Int32Array(size);
  const stem = new Int32Array(size);
  const cased = new Int32Array(size);
  const casePieces: { exact: string; piece: number; next: number }[] = [{ exact: '', piece: 0, next: 0 }];
  for (const [key, piece] of pieces) {
    const sign = key.charAt(0);
    const cut = sign === '=' ? key.indexOf('=', 1) : 0;
    let a = SEED_A;
    let b = SEED_B;
    for (let i = cut + 1; i < key.length; i++) {
      a = stepA(a, key.charCodeAt(i));
      b = stepB(b, key.charCodeAt(i));
    }
    let slot = slotOf(a, b) & mask;
    while (keyB[slot] !== 0 && (keyA[slot] !== a || keyB[slot] !== b)) slot = (slot + 1) & mask;
    keyA[slot] = a;
    keyB[slot] = b;
    if (sign === '*') stem[slot] = piece;
    else if (sign === ' ') exact[slot] = piece;
    else {
      casePieces.push({ exact: key.slice(1, cut), piece, next: cased[slot]! });
      cased[slot] = casePieces.length - 1;
    }
  }
  return { mask, keyA, keyB, exact, stem, cased, casePieces };
}

/** The pieces that each word of a text meets: those of word i are `list[at[i] … at[i + 1])`. */
function piecesOf(m: Matcher, words: Words): { at: Int32Array; list: number[] } {
  const at = new Int32Array(words.count + 1);
  const list: number[] = [];
  const { letters, from } = words;
  const { mask, keyA, keyB, exact, stem, cased, casePieces } = m;
  for (let w = 0; w < words.count; w++) {
    at[w] = list.length;
    const stop = from[w + 1]!;
    let a = SEED_A;
    let b = SEED_B;
    for (let k = from[w]!; k < stop; k++) {
      a = stepA(a, letters[k]!);
      b = stepB(b, letters[k]!);
      const rest = stop - k - 1;
      if (rest > ENDING) continue;
      let slot = slotOf(a, b) & mask;
      while (keyB[slot] !== 0) {
        if (keyA[slot] === a && keyB[slot] === b) {
          if (stem[slot] !== 0) list.push(stem[slot]!);
          if (rest === 0) {
            if (exact[slot] !== 0) list.push(exact[slot]!);
            for (let c = cased[slot]!; c !== 0; c = casePieces[c]!.next) {
              if (words.text.slice(words.start[w]!, words.end[w]!) === casePieces[c]!.exact)
                list.push(casePieces[c]!.piece);
            }
          }
          break;
        }
        slot = (slot + 1) & mask;
      }
    }
  }
  at[words.count] = list.length;
  return { at, list };
}

/** All matches in a text, in order of their first word, the longer before the shorter. Nothing is suppressed here. */
export function matchWords(m: Matcher, words: Words): Match[] {
  const { at, list } = piecesOf(m, words);
  const out: Match[] = [];
  let first = 0;

  const visit = (node: Node, last: number, solid: boolean): void => {
    if (node.next !== null) step(node.next, last + 1, solid);
    if (node.gap !== null) {
      const far = Math.min(words.count - 1, last + 1 + GAP);
      for (let w = last + 1; w <= far; w++) if (node.gap.next !== null) step(node.gap.next, w, solid && w === last + 1);
    }
    if (node.terms !== null) for (const term of node.terms) out.push({ term, first, last, solid });
  };
  const step = (next: Map<number, Node>, w: number, solid: boolean): void => {
    if (w >= words.count) return;
    // A sentence ends a phrase, as a new field does.
    if ((words.before[w]! & 1) !== 0) return;
    for (let k = at[w]!; k < at[w + 1]!; k++) {
      const node = next.get(list[k]!);
      if (node !== undefined) visit(node, w, solid);
    }
  };

  for (; first < words.count; first++) {
    for (let k = at[first]!; k < at[first + 1]!; k++) {
      const node = m.roots[list[k]!];
      if (node !== undefined) visit(node, first, true);
    }
  }
  return out;
}
