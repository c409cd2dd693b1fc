import { readFileSync } from 'node:fs';
import { inRoot } from '../root.ts';

/**
 * What an item is compared by. A term is a short string whose first sign is its class:
 *
 * | class | is | example |
 * |---|---|---|
 * | `p` | a party: a state that takes part | `pRS` |
 * | `x` | a state that is mentioned | `xHU` |
 * | `k` `o` | kind of cooperation, organisation | `kexercise` `onato` |
 * | `b` | a concept of the beat's lexicon | `bweapon:tank` |
 * | `c` | a concept of general news | `cearthquake` |
 * | `v` `s` | a name by its sound and by its consonants | `vdodik` `sprfnsk` |
 * | `g` | any other longer word by its consonants: a cognate where it meets one | `gprtkl` |
 * | `m` `n` `d` | model number, figure, day of a month | `mf16` `n79` `d6-27` |
 * | `t` | a word of the language group, by stem | `tpotpis` |
 */
export type Term = string;

/** How often terms occur. `share(term)` is the share of items that have it, 0–1; never 0. */
export type Frequencies = { readonly share: (term: Term) => number };

/** The classes; stored items name them by their place here, so that new ones may only be added at the end. */
export const CLASSES = ['p', 'x', 'k', 'o', 'b', 'c', 'v', 's', 'g', 'm', 'n', 'd', 't'] as const;
export type TermClass = (typeof CLASSES)[number];

/** Share of items that have a given unseen term of the class; measured over the labelled sets of test/gold (scripts/train-story.ts). */
const CLASS_SHARE: Readonly<Record<string, number>> = {
  ...{
    p: 0.03,
    x: 0.03,
    k: 0.08,
    o: 0.03,
    b: 0.01,
    c: 0.01,
    v: 0.002,
    s: 0.002,
    m: 0.002,
    n: 0.003,
    d: 0.006,
    t: 0.002,
  },
};

let shares: ReadonlyMap<Term, number> | null = null;

function load(): ReadonlyMap<Term, number> {
  const loaded = new Map<Term, number>();
  for (const line of readFileSync(inRoot('src', 'story', 'shares.tsv'), 'utf8').split('\n')) {
    const [term, share] = line.split('\t');
    if (term !== undefined && share !== undefined && !line.startsWith('#')) loaded.set(term, Number(share));
  }
  return loaded;
}

/** How common a term is in news of the region, from shares.tsv (measured once; the same for every installation and at any time). */
export const MEASURED: Frequencies = {
  share(term) {
    shares ??= load();
    return shares.get(term) ?? CLASS_SHARE[term[0]!] ?? 0.002;
  },
};

/** How much a term says, in nats: −ln of its share. */
export const weightOf = (frequencies: Frequencies, term: Term): number => -Math.log(frequencies.share(term));

let known: { readonly ofTerm: ReadonlyMap<number, number>; readonly ofClass: readonly number[] } | null = null;

/** How much a term says by `MEASURED`, for one of which only its class (place in `CLASSES`) and its hash are known. */
export function knownWeight(termClass: number, hash: number): number {
  shares ??= load();
  known ??= {
    ofTerm: new Map([...shares].map(([term, share]) => [hashTerm(term), -Math.log(share)])),
    ofClass: CLASSES.map((name) => -Math.log(CLASS_SHARE[name] ?? 0.002)),
  };
  return known.ofTerm.get(hash) ?? known.ofClass[termClass]!;
}

/** A term or key as a signed 32-bit integer, for an `int` column (FNV-1a over UTF-16 units). */
export function hashTerm(term: string): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < term.length; i++) h = Math.imul(h ^ term.charCodeAt(i), 0x01000193);
  return h | 0;
}
