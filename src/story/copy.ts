import type { Features } from './features.ts';
import { type Sketch, sketchOf } from './sketch.ts';

/** How much of one text is in another, 0–1 each; of the lead that is shorter, looked for in the whole of the other. */
export type Overlap = {
  /** Share of its words. */
  readonly words: number;
  /** Share of its pairs of neighbouring words; 0 where too few words are shared for a copy. */
  readonly pairs: number;
  /** Longest common subsequence of words over its length: order kept, gaps allowed; 0 likewise. */
  readonly order: number;
  /** Words of the shorter lead (of the shorter text where there is no lead). */
  readonly length: number;
};

/**
 * Wire copy comes with another headline and a cut lead, so headlines are left aside: what counts is how much of the shorter lead
 * stands in the other text, word for word and in order. Texts are folded, so that Cyrillic and Latin print of one text are alike.
 */
export function overlapOf(a: Sketch, b: Sketch): Overlap {
  const [leadA, leadB] = [leadOf(a), leadOf(b)];
  const [lead, whole] = leadA.length <= leadB.length ? [leadA, b] : [leadB, a];
  const other = whole.sequence;
  if (lead.length === 0 || other.length === 0) return { words: 0, pairs: 0, order: 0, length: 0 };
  const shared = countIn(lead, sortedWords(whole));
  if (shared < FEWEST * lead.length) return { words: shared / lead.length, pairs: 0, order: 0, length: lead.length };
  const neighbours = new Set<number>();
  for (let i = 1; i < other.length; i++) neighbours.add(Math.imul(other[i - 1]!, 31) ^ other[i]!);
  let pairs = 0;
  for (let i = 1; i < lead.length; i++) if (neighbours.has(Math.imul(lead[i - 1]!, 31) ^ lead[i]!)) pairs++;
  return {
    words: shared / lead.length,
    pairs: lead.length > 1 ? pairs / (lead.length - 1) : 0,
    order: shared < 3 ? 0 : commonSubsequence(lead, other) / lead.length,
    length: lead.length,
  };
}

/** Texts that share less are no copies, whatever the order of their words: it is not looked at. */
const FEWEST = 0.6;

const sorted = new WeakMap<Sketch, Int32Array>();

/** The words of a text in order of their numbers; made once, since most items are compared with many. */
function sortedWords(item: Sketch): Int32Array {
  const known = sorted.get(item);
  if (known) return known;
  const words = item.sequence.slice().sort();
  sorted.set(item, words);
  return words;
}

/** How many of `words` are among the sorted ones. */
function countIn(words: Int32Array, among: Int32Array): number {
  let count = 0;
  for (const word of words) {
    let [low, high] = [0, among.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (among[middle]! < word) low = middle + 1;
      else high = middle;
    }
    if (among[low] === word) count++;
  }
  return count;
}

const leadOf = ({ sequence, titleLength }: Sketch): Int32Array =>
  sequence.length > titleLength ? sequence.subarray(titleLength) : sequence;

function commonSubsequence(a: Int32Array, b: Int32Array): number {
  let above = new Uint8Array(b.length + 1);
  let row = new Uint8Array(b.length + 1);
  for (const sign of a) {
    for (let j = 0; j < b.length; j++) row[j + 1] = sign === b[j] ? above[j]! + 1 : Math.max(above[j + 1]!, row[j]!);
    [above, row] = [row, above];
  }
  return above[b.length]!;
}

/**
 * How sure it is that one of two texts republishes the other, 0–1; 0.5 is the line. Of 79 labelled copies 77 share at least 75 % of
 * the shorter lead's words with the other text, of the pairs that merely tell one event none above 71 %; a lead of fewer than four
 * words says nothing by itself.
 */
export function copyScore(a: Features | Sketch, b: Features | Sketch): number {
  const { words, pairs, order, length } = overlapOf(sketchOf(a), sketchOf(b));
  if (length < 4) return 0;
  // A short lead reaches a high share by chance: it must also keep neighbours or the order.
  const line = length < 8 ? 0.77 : 0.735;
  const kept = Math.max(pairs, order - 0.3);
  const penalty = length < 10 && kept < 0.25 ? 0.1 : 0;
  return 1 / (1 + Math.exp(-30 * (words - penalty - line)));
}
