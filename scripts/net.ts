/** Trains the small networks of src/tag/net.ts by AdaGrad with dropout; deterministic for a given seed. */
import type { Net } from '../src/tag/net.ts';
import { seeded } from './logistic.ts';

/** One example. `target` is a probability a class. */
export type NetExample = {
  readonly inputs: readonly number[];
  readonly target: readonly number[];
  readonly weight: number;
};

export type NetOptions = {
  readonly classes: readonly string[];
  /** One class of several, or each for itself. */
  readonly softmax: boolean;
  /** Hidden units of each of `nets` networks, whose mean is given as one. */
  readonly hidden: number;
  readonly nets: number;
  readonly epochs: number;
  readonly rate: number;
  readonly decay: number;
  /** The share of inputs and of hidden units left out at each step. */
  readonly drop: number;
  readonly dropHidden: number;
  /** A feature counts when so many examples have it. */
  readonly least: number;
};

type Rows = { readonly rows: Int32Array; readonly target: readonly number[]; readonly weight: number };

/** Fits `nets` networks and gives their mean as one network, with vectors in bytes. */
export function trainNet(examples: readonly NetExample[], options: NetOptions): Net {
  const { ids, data } = numbered(examples, options.least);
  const one = Array.from({ length: options.nets }, (_, n) => trainOne(data, ids.size, options, 3 + 31 * n));
  const { hidden, classes, nets, drop } = options;
  const all = hidden * nets;
  const [vectors, outer] = [new Float32Array(ids.size * all), new Float32Array(all * classes.length)];
  one.forEach((net, n) => {
    for (let row = 0; row < ids.size; row++)
      for (let k = 0; k < hidden; k++) vectors[row * all + n * hidden + k] = net.inner[row * hidden + k]! * (1 - drop);
    for (let at = 0; at < net.outer.length; at++) outer[n * hidden * classes.length + at] = net.outer[at]! / nets;
  });
  const { bytes, scale } = inBytes(vectors);
  return {
    classes,
    hidden: all,
    scale,
    hiddenBias: one.flatMap((net) => [...net.innerBias]),
    bias: classes.map((_, c) => one.reduce((sum, net) => sum + net.outerBias[c]!, 0) / nets),
    keys: Int32Array.from(ids.keys()),
    vectors: bytes,
    outer,
  };
}

/** Features as row numbers, those that are rare left out. */
function numbered(examples: readonly NetExample[], least: number): { ids: Map<number, number>; data: Rows[] } {
  const distinct = examples.map(({ inputs }) => [...new Set(inputs.map((x) => x | 0))]);
  const counts = new Map<number, number>();
  for (const inputs of distinct) for (const x of inputs) counts.set(x, (counts.get(x) ?? 0) + 1);
  const ids = new Map<number, number>();
  for (const [x, n] of counts) if (n >= least) ids.set(x, ids.size);
  const data = examples.map(({ target, weight }, i) => ({
    rows: Int32Array.from(distinct[i]!.flatMap((x) => ids.get(x) ?? [])),
    target,
    weight,
  }));
  return { ids, data };
}

/** Beyond this a weight is cut: single ones so large are of features seen a few times. */
const LARGEST = 1.5;

function inBytes(weights: Float32Array): { bytes: Int8Array; scale: number } {
  const top = weights.reduce((most, w) => Math.max(most, Math.min(LARGEST, Math.abs(w))), 0);
  const scale = top / 127 || 1;
  return { bytes: Int8Array.from(weights, (w) => Math.max(-127, Math.min(127, Math.round(w / scale)))), scale };
}

type One = { inner: Float32Array; innerBias: Float32Array; outer: Float32Array; outerBias: Float64Array };

function trainOne(data: readonly Rows[], rows: number, options: NetOptions, seed: number): One {
  const { hidden, epochs, rate, decay, drop, dropHidden, softmax } = options;
  const size = options.classes.length;
  const random = seeded(seed);
  const bell = (): number => (random() + random() + random() + random() - 2) * 1.2;
  const inner = new Float32Array(rows * hidden).map(() => bell() * 0.03);
  const outer = new Float32Array(hidden * size).map(() => bell() * 0.2);
  const innerBias = new Float32Array(hidden);
  const outerBias = new Float64Array(size).fill(softmax ? 0 : -2);
  const past = (length: number): Float32Array => new Float32Array(length).fill(0.1);
  const [pastInner, pastOuter, pastInnerBias] = [past(inner.length), past(outer.length), past(hidden)];
  const pastOuterBias = past(size);
  const [lit, slope, mask] = [new Float32Array(hidden), new Float32Array(hidden), new Float32Array(hidden)];
  const scores = new Float64Array(size);
  const order = data.map((_, i) => i);
  for (let epoch = 0; epoch < epochs; epoch++) {
    for (let i = order.length - 1; i > 0; i--) {
      const j = Math.floor(random() * (i + 1));
      [order[i], order[j]] = [order[j]!, order[i]!];
    }
    const step = rate * (1.05 - epoch / epochs);
    for (const at of order) {
      const { target, weight } = data[at]!;
      const kept = data[at]!.rows.filter(() => random() > drop);
      lit.set(innerBias);
      for (const row of kept) for (let k = 0, w = row * hidden; k < hidden; k++, w++) lit[k]! += inner[w]!;
      for (let k = 0; k < hidden; k++) {
        mask[k] = random() < dropHidden ? 0 : 1 / (1 - dropHidden);
        lit[k] = lit[k]! > 0 ? lit[k]! * mask[k]! : 0;
      }
      scores.set(outerBias);
      for (let k = 0; k < hidden; k++) {
        if (lit[k] === 0) continue;
        for (let c = 0; c < size; c++) scores[c]! += lit[k]! * outer[k * size + c]!;
      }
      errors(scores, target, weight, softmax);
      slope.fill(0);
      for (let c = 0; c < size; c++) {
        const error = scores[c]!;
        if (Math.abs(error) < 1e-4) continue;
        for (let k = 0; k < hidden; k++) {
          if (lit[k] === 0) continue;
          const w = k * size + c;
          slope[k]! += error * outer[w]! * mask[k]!;
          const gradient = error * lit[k]! + decay * outer[w]!;
          pastOuter[w]! += gradient * gradient;
          outer[w]! -= (step * gradient) / Math.sqrt(pastOuter[w]!);
        }
        pastOuterBias[c]! += error * error;
        outerBias[c]! -= (step * error) / Math.sqrt(pastOuterBias[c]!);
      }
      for (let k = 0; k < hidden; k++) {
        const error = slope[k]!;
        if (error === 0) continue;
        pastInnerBias[k]! += error * error;
        innerBias[k]! -= (step * error) / Math.sqrt(pastInnerBias[k]!);
        for (const row of kept) {
          const w = row * hidden + k;
          const gradient = error + decay * inner[w]!;
          pastInner[w]! += gradient * gradient;
          inner[w]! -= (step * gradient) / Math.sqrt(pastInner[w]!);
        }
      }
    }
  }
  return { inner, innerBias, outer, outerBias };
}

/** Turns logits into what the loss says against them, in place. */
function errors(scores: Float64Array, target: readonly number[], weight: number, softmax: boolean): void {
  if (!softmax) {
    for (let c = 0; c < scores.length; c++) scores[c] = (1 / (1 + Math.exp(-scores[c]!)) - target[c]!) * weight;
    return;
  }
  const top = Math.max(...scores);
  let sum = 0;
  for (let c = 0; c < scores.length; c++) sum += scores[c] = Math.exp(scores[c]! - top);
  for (let c = 0; c < scores.length; c++) scores[c]! /= sum;
  for (let c = 0; c < scores.length; c++) scores[c] = (scores[c]! - target[c]!) * weight;
}
