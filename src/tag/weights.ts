/**
 * The trained weights as they lie in the repository: `model/<name>.bin`, a line of JSON (what the numbers mean), a newline, then
 * one signed byte a weight. `scripts/train-tagger.ts` writes them; nothing else does.
 */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { inRoot } from '../root.ts';

/** A linear model over hashed features: `weights[bucket * classes.length + class] * scale`. */
export type LinearModel = {
  readonly classes: readonly string[];
  /** Number of buckets, a power of two. */
  readonly buckets: number;
  readonly scale: number;
  readonly bias: readonly number[];
  readonly weights: Int8Array;
  /** Further numbers that the model's room needs (calibration, thresholds). */
  readonly extra: Readonly<Record<string, unknown>>;
};

const fileOf = (name: string): string => inRoot('src', 'tag', 'model', `${name}.bin`);

const read = new Map<string, Buffer>();

/** The bytes of a model's file, read once for its hash and its numbers; null where there is none. */
export function bytesOfModel(name: string): Buffer | null {
  let bytes = read.get(name);
  if (bytes === undefined) {
    if (!existsSync(fileOf(name))) return null;
    bytes = readFileSync(fileOf(name));
    read.set(name, bytes);
  }
  return bytes;
}

/** Reads a model's file; null where there is none (before the first training). Throws on a file that is not whole. */
export function readModel(name: string): LinearModel | null {
  const bytes = bytesOfModel(name);
  if (bytes === null) return null;
  const cut = bytes.indexOf(10);
  const head = JSON.parse(bytes.subarray(0, cut).toString('utf8')) as Omit<LinearModel, 'weights'>;
  const weights = new Int8Array(bytes.buffer, bytes.byteOffset + cut + 1, bytes.length - cut - 1);
  if (weights.length !== head.buckets * head.classes.length)
    throw new Error(`model ${name} is not whole: train it again`);
  return { ...head, weights };
}

/** A model as the bytes of its file. */
export function modelBytes(model: LinearModel): Buffer {
  const { weights, ...head } = model;
  return Buffer.concat([
    Buffer.from(`${JSON.stringify(head)}\n`),
    Buffer.from(weights.buffer, weights.byteOffset, weights.length),
  ]);
}

/** A hash over the named models' files. */
export function modelHash(names: readonly string[]): string {
  const hash = createHash('sha256');
  for (const name of names) {
    const bytes = bytesOfModel(name);
    if (bytes !== null) hash.update(name).update(bytes);
  }
  return hash.digest('hex');
}

/** Adds up a linear model over buckets, each with the same value: logits a class. */
export function linearScores(
  model: LinearModel,
  buckets: ArrayLike<number>,
  count: number,
  value: number,
): Float64Array {
  const size = model.classes.length;
  const sums = new Float64Array(size);
  const { weights } = model;
  for (let i = 0; i < count; i++) {
    const row = buckets[i]! * size;
    for (let c = 0; c < size; c++) sums[c]! += weights[row + c]!;
  }
  for (let c = 0; c < size; c++) sums[c] = sums[c]! * model.scale * value + model.bias[c]!;
  return sums;
}

/** Adds up a linear model over a bag of valued features: logits a class. A model with fewer buckets than the bag's folds them over. */
export function linearBag(
  model: LinearModel,
  bag: { readonly ids: readonly number[]; readonly values: readonly number[] },
): Float64Array {
  const size = model.classes.length;
  const sums = new Float64Array(size);
  const { weights } = model;
  for (let i = 0; i < bag.ids.length; i++) {
    const row = (bag.ids[i]! & (model.buckets - 1)) * size;
    const value = bag.values[i]!;
    for (let c = 0; c < size; c++) sums[c]! += weights[row + c]! * value;
  }
  for (let c = 0; c < size; c++) sums[c] = sums[c]! * model.scale + model.bias[c]!;
  return sums;
}
