/** Multinomial and one-vs-rest logistic regression over sparse features, by AdaGrad; deterministic for a given seed. */

/** One example: bucket numbers with values, the right class (or a 0/1 a class for one-vs-rest), and how much it counts. */
export type Example = {
  readonly buckets: ArrayLike<number>;
  readonly values: ArrayLike<number>;
  readonly target: readonly number[];
  readonly weight: number;
};

export type Trained = { readonly weights: Float32Array; readonly bias: Float64Array };

/** A small generator of pseudo-random numbers in [0, 1), so that training gives the same weights every time. */
export function seeded(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/**
 * Trains. `softmax` for one class of several, else each class for itself. `decay` is the L2 penalty an update. Weights are
 * `buckets × classes`.
 */
export function train(
  examples: readonly Example[],
  options: {
    readonly buckets: number;
    readonly classes: number;
    readonly softmax: boolean;
    readonly epochs: number;
    readonly rate: number;
    readonly decay: number;
    readonly seed?: number;
  },
): Trained {
  const { buckets, classes, softmax, epochs, rate, decay } = options;
  const weights = new Float32Array(buckets * classes);
  const squares = new Float32Array(buckets * classes).fill(1e-3);
  const bias = new Float64Array(classes);
  const biasSquares = new Float64Array(classes).fill(1e-3);
  const random = seeded(options.seed ?? 1);
  const order = examples.map((_, i) => i);
  const scores = new Float64Array(classes);
  for (let epoch = 0; epoch < epochs; epoch++) {
    for (let i = order.length - 1; i > 0; i--) {
      const j = Math.floor(random() * (i + 1));
      [order[i], order[j]] = [order[j]!, order[i]!];
    }
    const step = rate / (1 + epoch * 0.15);
    for (const at of order) {
      const { buckets: ids, values, target, weight } = examples[at]!;
      scores.set(bias);
      for (let k = 0; k < ids.length; k++) {
        const row = ids[k]! * classes;
        for (let c = 0; c < classes; c++) scores[c]! += weights[row + c]! * values[k]!;
      }
      probabilities(scores, softmax);
      for (let c = 0; c < classes; c++) {
        const error = (scores[c]! - target[c]!) * weight;
        if (Math.abs(error) < 1e-4) continue;
        biasSquares[c]! += error * error;
        bias[c]! -= (step * error) / Math.sqrt(biasSquares[c]!);
        for (let k = 0; k < ids.length; k++) {
          const w = ids[k]! * classes + c;
          const gradient = error * values[k]! + decay * weights[w]!;
          squares[w]! += gradient * gradient;
          weights[w]! -= (step * gradient) / Math.sqrt(squares[w]!);
        }
      }
    }
  }
  return { weights, bias };
}

function probabilities(scores: Float64Array, softmax: boolean): void {
  if (!softmax) {
    for (let c = 0; c < scores.length; c++) scores[c] = 1 / (1 + Math.exp(-scores[c]!));
    return;
  }
  const top = Math.max(...scores);
  let sum = 0;
  for (let c = 0; c < scores.length; c++) sum += scores[c] = Math.exp(scores[c]! - top);
  for (let c = 0; c < scores.length; c++) scores[c]! /= sum;
}

/** Weights as signed bytes with one scale; the largest becomes ±127 unless `cap` cuts it. */
export function quantise(weights: Float32Array, cap: number): { weights: Int8Array; scale: number } {
  let top = 0;
  for (const w of weights) top = Math.max(top, Math.min(cap, Math.abs(w)));
  const scale = top / 127 || 1;
  return { weights: Int8Array.from(weights, (w) => Math.max(-127, Math.min(127, Math.round(w / scale)))), scale };
}
