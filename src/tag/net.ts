/**
 * Small networks of one hidden layer that weigh an item beside the linear models: a sum of vectors, one a feature, cut at zero,
 * and a linear layer. They see concepts and beginnings of words and find what goes together; the linear models know strengths
 * of single signs better. Both err differently, so their mean is better than either (docs/tagging.md has the figures).
 *
 * A file is a line of JSON, then the features' hashes (int32), their vectors (one signed byte a number) and the outer layer
 * (float32), little-endian.
 */
import { nameHash, pairHash } from './bag.ts';
import type { Reading } from './concepts.ts';
import { BREAK, type Words } from './fold.ts';
import { bytesOfModel } from './weights.ts';

export type Net = {
  readonly classes: readonly string[];
  readonly hidden: number;
  /** What a byte of `vectors` stands for. */
  readonly scale: number;
  readonly hiddenBias: readonly number[];
  readonly bias: readonly number[];
  /** Hashes of the features, one a row of `vectors`. */
  readonly keys: Int32Array;
  readonly vectors: Int8Array;
  /** `outer[hidden unit * classes + class]`. */
  readonly outer: Float32Array;
};

const TITLE = nameHash('net title');

/** Beginnings of words that are features, in letters: the shorter meets most forms of a word, the longer tells words apart. */
const STEMS = [4, 7] as const;

/** The features of an item, hashed; some may stand in the list twice. Names in the middle of a sentence are left out. */
export function netInputs(readings: readonly Reading[]): number[] {
  const out = conceptInputs(readings);
  for (const { words } of readings) stems(words, out);
  return out;
}

/** Those of them that are concepts, the same in all languages. */
export function conceptInputs(readings: readonly Reading[]): number[] {
  const out: number[] = [];
  for (const { field, hits } of readings) {
    for (const { feature } of hits) {
      out.push(feature);
      if (field === 'title') out.push(pairHash(TITLE, feature));
    }
  }
  return out;
}

function stems({ count, from, letters, capital, before }: Words, out: number[]): void {
  for (let w = 0; w < count; w++) {
    if (capital[w] !== 0 && (before[w]! & BREAK.sentence) === 0) continue;
    const start = from[w]!;
    const length = from[w + 1]! - start;
    for (const stem of STEMS) {
      if (length < stem) break;
      let h = stem * 7919;
      for (let k = start; k < start + stem; k++) h = Math.imul(h ^ letters[k]!, 0x01000193);
      out.push(h);
    }
  }
}

/** A net made ready: where a hash's vector is, and room to work in. */
type Ready = {
  readonly slots: Int32Array;
  readonly seen: Uint32Array;
  readonly sums: Int32Array;
  turn: number;
};

const ready = new WeakMap<Net, Ready>();

function readyOf(net: Net): Ready {
  const known = ready.get(net);
  if (known !== undefined) return known;
  let size = 16;
  while (size < net.keys.length * 2) size *= 2;
  const slots = new Int32Array(size);
  net.keys.forEach((key, row) => {
    let slot = mixed(key) & (size - 1);
    while (slots[slot] !== 0) slot = (slot + 1) & (size - 1);
    slots[slot] = row + 1;
  });
  const made = { slots, seen: new Uint32Array(net.keys.length), sums: new Int32Array(net.hidden), turn: 0 };
  ready.set(net, made);
  return made;
}

const mixed = (h: number): number => {
  const x = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  return (x ^ (x >>> 13)) >>> 0;
};

/** The logits of an item's features, a class each. */
export function netLogits(net: Net, inputs: readonly number[]): Float64Array {
  const work = readyOf(net);
  const { slots, seen, sums } = work;
  const { keys, vectors, hidden } = net;
  const turn = ++work.turn;
  const last = slots.length - 1;
  sums.fill(0);
  for (const input of inputs) {
    const hash = input | 0;
    let slot = mixed(hash) & last;
    while (slots[slot] !== 0 && keys[slots[slot]! - 1] !== hash) slot = (slot + 1) & last;
    const row = slots[slot]! - 1;
    if (row < 0 || seen[row] === turn) continue;
    seen[row] = turn;
    // Four at a time: the loop is where the time of a network goes, and its length is a multiple of four.
    for (let k = 0, at = row * hidden; k < hidden; k += 4, at += 4) {
      sums[k]! += vectors[at]!;
      sums[k + 1]! += vectors[at + 1]!;
      sums[k + 2]! += vectors[at + 2]!;
      sums[k + 3]! += vectors[at + 3]!;
    }
  }
  const size = net.classes.length;
  const logits = Float64Array.from(net.bias);
  for (let k = 0; k < hidden; k++) {
    const lit = sums[k]! * net.scale + net.hiddenBias[k]!;
    if (lit <= 0) continue;
    for (let c = 0, at = k * size; c < size; c++, at++) logits[c]! += lit * net.outer[at]!;
  }
  return logits;
}

/** Reads a net's file; null where there is none. Throws on a file that is not whole. */
export function readNet(name: string): Net | null {
  const bytes = bytesOfModel(name);
  if (bytes === null) return null;
  const cut = bytes.indexOf(10) + 1;
  const head = JSON.parse(bytes.subarray(0, cut).toString('utf8')) as Omit<Net, 'keys' | 'vectors' | 'outer'> & {
    readonly rows: number;
  };
  const { rows, ...rest } = head;
  const sizes = [rows * 4, rows * rest.hidden, rest.hidden * rest.classes.length * 4];
  if (bytes.length !== cut + sizes[0]! + sizes[1]! + sizes[2]!)
    throw new Error(`net ${name} is not whole: train it again`);
  // Typed arrays of several bytes a number must start at their multiple, so each part is copied out.
  const part = (from: number, size: number): ArrayBuffer => Uint8Array.from(bytes.subarray(from, from + size)).buffer;
  return {
    ...rest,
    keys: new Int32Array(part(cut, sizes[0]!)),
    vectors: new Int8Array(part(cut + sizes[0]!, sizes[1]!)),
    outer: new Float32Array(part(cut + sizes[0]! + sizes[1]!, sizes[2]!)),
  };
}

/** A net as the bytes of its file. */
export function netBytes({ keys, vectors, outer, ...head }: Net): Buffer {
  const raw = (array: Int32Array | Int8Array | Float32Array): Buffer =>
    Buffer.from(array.buffer, array.byteOffset, array.byteLength);
  const first = Buffer.from(`${JSON.stringify({ ...head, rows: keys.length })}\n`);
  return Buffer.concat([first, raw(keys), raw(vectors), raw(outer)]);
}
