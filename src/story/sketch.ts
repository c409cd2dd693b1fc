import type { Features } from './features.ts';
import { CLASSES, hashTerm, knownWeight, MEASURED, type Term, type TermClass, weightOf } from './terms.ts';

/**
 * An item as it is compared: its features with the terms as sorted 32-bit numbers. Two terms that are one number by accident are one
 * pair in a million, and weigh little. Some 2 KB in memory; half of that as bytes, which is how items are stored.
 */
export type Sketch = Omit<Features, 'v' | 'terms' | 'keys' | 'sequence'> & {
  readonly keys: Int32Array;
  readonly sequence: Int32Array;
  readonly terms: Int32Array;
  /** Of each term its class, by its place in `CLASSES`. */
  readonly classes: Uint8Array;
  /** Of each term its weight within the item. */
  readonly own: Float64Array;
  /** Of each term how much it says (nats). */
  readonly nats: Float64Array;
};

const sketches = new WeakMap<Features, Sketch>();

/** The sketch of an item; of features it is made once. */
export function sketchOf(item: Features | Sketch): Sketch {
  if (!('v' in item)) return item;
  const known = sketches.get(item);
  if (known) return known;
  const sketch = makeSketch(item, (term) => weightOf(MEASURED, term));
  sketches.set(item, sketch);
  return sketch;
}

/** A sketch in which terms say as much as `weigh` has them say (nats). */
export function makeSketch({ v: _, ...features }: Features, weigh: (term: Term) => number): Sketch {
  const all = Object.entries(features.terms).map(([name, own]) => ({ name, own, hash: hashTerm(name) }));
  all.sort((a, b) => a.hash - b.hash);
  const to = emptyTerms(all.length);
  all.forEach(({ name, own, hash }, i) => {
    to.terms[i] = hash;
    to.classes[i] = CLASSES.indexOf(name[0] as TermClass);
    to.own[i] = own;
    to.nats[i] = weigh(name);
  });
  return { ...features, ...to, keys: Int32Array.from(features.keys), sequence: Int32Array.from(features.sequence) };
}

const emptyTerms = (count: number) => ({
  terms: new Int32Array(count),
  classes: new Uint8Array(count),
  own: new Float64Array(count),
  nats: new Float64Array(count),
});

/** Where a term stands in a sketch; −1 where it does not. */
export function placeOf(term: Term, { terms }: Sketch): number {
  const hash = hashTerm(term);
  let [low, high] = [0, terms.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (terms[middle]! < hash) low = middle + 1;
    else high = middle;
  }
  return terms[low] === hash ? low : -1;
}

/** Of the layout below; bytes of another one cannot be read. */
const LAYOUT = 1;
const HEAD = 16;
/** Where the moment begins, a double. */
export const MOMENT_AT = 8;
/** Weights within an item have two decimals. */
const OWN_STEPS = 100;

/**
 * The bytes of an item's sketch, little-endian: layout, lengths of group and topic, title length, counts of terms, keys and sequence,
 * the moment, the two texts, then terms, keys, sequence (32 bits each), classes and weights (8 bits each). What terms say is not in
 * it, so that it may be measured anew.
 */
export function packSketch(sketch: Sketch): Buffer {
  const { group, topic, titleLength, at, terms, keys, sequence, classes, own } = sketch;
  const texts = Buffer.from(group + (topic ?? ''), 'latin1');
  const words = [...terms, ...keys, ...sequence];
  const bytes = Buffer.alloc(HEAD + texts.length + 4 * words.length + 2 * terms.length);
  bytes.set([LAYOUT, group.length, topic?.length ?? 0, titleLength, keys.length, sequence.length]);
  bytes.writeUInt16LE(terms.length, 6);
  bytes.writeDoubleLE(at ?? Number.NaN, MOMENT_AT);
  bytes.set(texts, HEAD);
  let to = HEAD + texts.length;
  for (const word of words) to = bytes.writeInt32LE(word, to);
  bytes.set(classes, to);
  bytes.set(
    own.map((weight) => Math.round(weight * OWN_STEPS)),
    to + terms.length,
  );
  return bytes;
}

/** @throws Error for bytes of another layout */
export function unpackSketch(bytes: Buffer): Sketch {
  const [layout, groupLength, topicLength, titleLength, keyCount, sequenceLength] = bytes;
  if (layout !== LAYOUT) throw new Error(`a sketch of layout ${layout} cannot be read: relate the item again`);
  const termCount = bytes.readUInt16LE(6);
  const at = bytes.readDoubleLE(MOMENT_AT);
  let from = HEAD + groupLength! + topicLength!;
  const group = bytes.toString('latin1', HEAD, HEAD + groupLength!);
  const topic = topicLength ? bytes.toString('latin1', HEAD + groupLength!, from) : null;
  const numbers = (count: number): Int32Array => {
    const read = new Int32Array(count);
    for (let i = 0; i < count; i++, from += 4) read[i] = bytes.readInt32LE(from);
    return read;
  };
  const to = { ...emptyTerms(termCount), terms: numbers(termCount) };
  const [keys, sequence] = [numbers(keyCount!), numbers(sequenceLength!)];
  for (let i = 0; i < termCount; i++) {
    to.classes[i] = bytes[from + i]!;
    to.own[i] = bytes[from + termCount + i]! / OWN_STEPS;
    to.nats[i] = knownWeight(to.classes[i]!, to.terms[i]!);
  }
  return { group, topic, titleLength: titleLength!, at: Number.isNaN(at) ? null : at, keys, sequence, ...to };
}
