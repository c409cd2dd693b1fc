/** Sparse features as the linear models take them: bucket numbers with values, each bucket once. */
export type Bag = { readonly ids: number[]; readonly values: number[] };

export type BagMaker = {
  /** Adds a feature once; a second time it is passed over. */
  readonly add: (hash: number, value: number) => void;
  readonly bag: Bag;
};

/** Makes bags for a model of `buckets` buckets (a power of two). */
export function bagMaker(buckets: number): () => BagMaker {
  const seen = new Uint32Array(buckets);
  let turn = 0;
  return () => {
    turn++;
    const mine = turn;
    const bag: Bag = { ids: [], values: [] };
    return {
      bag,
      add: (hash, value) => {
        const id = finish(hash) & (buckets - 1);
        if (seen[id] === mine) return;
        seen[id] = mine;
        bag.ids.push(id);
        bag.values.push(value);
      },
    };
  };
}

/** A 32-bit hash of a feature's name; used when a lexicon is compiled and for constants, never while a text is read. */
export function nameHash(name: string): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < name.length; i++) h = Math.imul(h ^ name.charCodeAt(i), 0x01000193);
  return finish(h);
}

/** Two hashes in one; the order matters. */
export const pairHash = (a: number, b: number): number =>
  (Math.imul(a, 0x9e3779b1) ^ ((b << 7) | (b >>> 25))) + 0x7f4a7c15;

function finish(h: number): number {
  let x = h ^ (h >>> 16);
  x = Math.imul(x, 0x85ebca6b);
  x ^= x >>> 13;
  x = Math.imul(x, 0xc2b2ae35);
  return (x ^ (x >>> 16)) >>> 0;
}
