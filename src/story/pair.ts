import type { Features } from './features.ts';
import { type Frequencies, hashTerm, type Term, type TermClass, weightOf } from './terms.ts';

/** A term that two items share, with what it says (nats, times the weights within the two items). */
export type Shared = { readonly term: Term; readonly weight: number };

/** Two items side by side: the numbers that the models read. */
export type PairView = {
  /** Both are of one language group, so that words are comparable. */
  readonly sameGroup: boolean;
  /** Neither is of the beat or near it: tags say nothing, the text alone does. */
  readonly plain: boolean;
  readonly hours: number;
  /** Numbers by name of feature (`FEATURE_NAMES`), in order. */
  readonly x: readonly number[];
  /** How many terms they share. */
  readonly shared: number;
};

/**
 * Among how many items the pair was found: those within three days. Where two items a day are published, two on one day about one
 * pair of states are most likely one event; where two thousand are, they are not.
 */
export type PairContext = {
  readonly density: number;
  /** Instead of the distance of the two dates (training). */
  readonly hours?: number;
};

/** The numbers that the models read of a pair, in order. */
export const FEATURE_NAMES = [
  'bias',
  'names',
  'namesRatio',
  'figures',
  'figuresRatio',
  'models',
  'cognates',
  'concepts',
  'conceptsRatio',
  'conceptsCosine',
  'beat',
  'beatRatio',
  'words',
  'wordsCosine',
  'states',
  'statesRatio',
  'parties',
  'partiesJaccard',
  'partiesDisjoint',
  'kindsJaccard',
  'kindsDisjoint',
  'disputeDiffers',
  'orgsShared',
  'topicSame',
  'topicDiffers',
  'total',
  'totalCosine',
  'kindsOfEvidence',
  'jaccard',
  'lengthRatio',
  'richness',
  'days',
  'daysSquared',
  'sameDay',
  'logDays',
  'density',
] as const;

/** Groups of term classes that features are made of. */
const GROUPS = [
  'names',
  'figures',
  'models',
  'cognates',
  'concepts',
  'beat',
  'words',
  'states',
  'parties',
  'kinds',
  'orgs',
] as const;
type Group = (typeof GROUPS)[number];
const AT = Object.fromEntries(GROUPS.map((group, i) => [group, i])) as Readonly<Record<Group, number>>;
const GROUP_OF: Readonly<Record<TermClass, number>> = {
  ...{ v: AT.names, s: AT.names, n: AT.figures, d: AT.figures, m: AT.models, g: AT.cognates },
  ...{ c: AT.concepts, b: AT.beat, t: AT.words, x: AT.states, p: AT.parties, k: AT.kinds, o: AT.orgs },
};

/**
 * An item made ready for comparing: its terms as sorted 32-bit numbers with each term's group, weight in the item and rarity, and the
 * sums of each group. Two terms of two items that are one number by accident are one pair in a million, and weigh little.
 */
type Prepared = {
  readonly terms: Int32Array;
  readonly group: Uint8Array;
  readonly own: Float64Array;
  readonly idf: Float64Array;
  readonly sum: Float64Array;
  readonly squares: Float64Array;
  readonly sizes: Uint16Array;
  readonly isDispute: boolean;
};
const prepared = new WeakMap<Features, { readonly by: Frequencies; readonly item: Prepared }>();

function prepare(features: Features, frequencies: Frequencies): Prepared {
  const known = prepared.get(features);
  if (known?.by === frequencies) return known.item;
  const names = Object.keys(features.terms);
  const hashes = names.map(hashTerm);
  const order = names.map((_, i) => i).sort((a, b) => hashes[a]! - hashes[b]!);
  const item: Prepared = {
    terms: Int32Array.from(order, (i) => hashes[i]!),
    group: Uint8Array.from(order, (i) => GROUP_OF[names[i]![0] as TermClass]),
    own: Float64Array.from(order, (i) => features.terms[names[i]!]!),
    idf: Float64Array.from(order, (i) => weightOf(frequencies, names[i]!)),
    sum: new Float64Array(GROUPS.length),
    squares: new Float64Array(GROUPS.length),
    sizes: new Uint16Array(GROUPS.length),
    isDispute: 'kdispute' in features.terms,
  };
  for (let i = 0; i < item.terms.length; i++) {
    const nats = item.own[i]! * item.idf[i]!;
    item.sum[item.group[i]!]! += nats;
    item.squares[item.group[i]!]! += nats * nats;
    item.sizes[item.group[i]!]!++;
  }
  prepared.set(features, { by: frequencies, item });
  return item;
}

// One pair is compared at a time, and relating compares hundreds for an item: the sums by group are kept between calls.
const common = new Float64Array(GROUPS.length);
const products = new Float64Array(GROUPS.length);
const counts = new Uint16Array(GROUPS.length);

/**
 * Compares two items. Symmetric; items without a date count as of one hour. Costs a few microseconds.
 */
export function viewPair(a: Features, b: Features, frequencies: Frequencies, context: PairContext): PairView {
  const sameGroup = a.group === b.group;
  const [p, q] = [prepare(a, frequencies), prepare(b, frequencies)];
  common.fill(0);
  products.fill(0);
  counts.fill(0);
  let shared = 0;
  for (let i = 0, j = 0; i < p.terms.length && j < q.terms.length; ) {
    const [term, other] = [p.terms[i]!, q.terms[j]!];
    if (term < other) i++;
    else if (term > other) j++;
    else {
      const group = p.group[i]!;
      if (group !== AT.words || sameGroup) {
        const own = p.own[i]! * q.own[j]!;
        const idf = p.idf[i]!;
        common[group]! += Math.sqrt(own) * idf;
        products[group]! += own * idf * idf;
        counts[group]!++;
        shared++;
      }
      i++;
      j++;
    }
  }
  const hours = context.hours ?? (a.at === null || b.at === null ? 0 : Math.abs(a.at - b.at) / 3_600_000);
  const plain = isPlain(a) && isPlain(b);
  return { sameGroup, plain, hours, x: numbers(a, b, { p, q, sameGroup, plain }, hours, context), shared };
}

/** The terms that two items share, those that say most first. */
export function sharedTerms(a: Features, b: Features, frequencies: Frequencies): readonly Shared[] {
  const shared: Shared[] = [];
  for (const term in a.terms) {
    const other = b.terms[term];
    if (other === undefined || (GROUP_OF[term[0] as TermClass] === AT.words && a.group !== b.group)) continue;
    shared.push({ term, weight: Math.sqrt(a.terms[term]! * other) * weightOf(frequencies, term) });
  }
  return shared.sort((s, t) => t.weight - s.weight || (s.term < t.term ? -1 : 1));
}

/** Shared weight in units of about one strong name, damped: the second name says less than the first. */
const damped = (nats: number): number => Math.log1p(nats / 6);

type Compared = {
  readonly p: Prepared;
  readonly q: Prepared;
  readonly sameGroup: boolean;
  readonly plain: boolean;
};

const sharedOf = (group: number): number => damped(common[group]!);
const ratioOf = (group: number, { p, q }: Compared): number =>
  common[group] === 0 ? 0 : Math.min(1, common[group]! / Math.min(p.sum[group]!, q.sum[group]!));
const cosineOf = (group: number, { p, q }: Compared): number =>
  products[group] === 0 ? 0 : products[group]! / Math.sqrt(p.squares[group]! * q.squares[group]!);
const jaccardOf = (group: number, { p, q }: Compared): number =>
  counts[group] === 0 ? 0 : counts[group]! / (p.sizes[group]! + q.sizes[group]! - counts[group]!);
const areDisjoint = (group: number, { p, q }: Compared): number =>
  p.sizes[group]! > 0 && q.sizes[group]! > 0 && counts[group] === 0 ? 1 : 0;

function numbers(a: Features, b: Features, c: Compared, hours: number, context: PairContext): number[] {
  const { p, q } = c;
  // All groups together; cognates are guesses and stay out, words count where they are comparable.
  const all = { common: 0, products: 0, p: 0, q: 0, pp: 0, qq: 0 };
  for (let g = 0; g < GROUPS.length; g++) {
    if (g === AT.cognates || (g === AT.words && !c.sameGroup)) continue;
    all.common += common[g]!;
    all.products += products[g]!;
    all.p += p.sum[g]!;
    all.q += q.sum[g]!;
    all.pp += p.squares[g]!;
    all.qq += q.squares[g]!;
  }
  const days = Math.min(hours / 24, 4);
  const density = c.plain ? Math.max(PLAIN_DENSITY, context.density) : context.density;
  return [
    1,
    sharedOf(AT.names),
    ratioOf(AT.names, c),
    sharedOf(AT.figures),
    ratioOf(AT.figures, c),
    sharedOf(AT.models),
    sharedOf(AT.cognates),
    sharedOf(AT.concepts),
    ratioOf(AT.concepts, c),
    cosineOf(AT.concepts, c),
    sharedOf(AT.beat),
    ratioOf(AT.beat, c),
    sharedOf(AT.words),
    cosineOf(AT.words, c),
    sharedOf(AT.states),
    ratioOf(AT.states, c),
    sharedOf(AT.parties),
    jaccardOf(AT.parties, c),
    areDisjoint(AT.parties, c),
    jaccardOf(AT.kinds, c),
    areDisjoint(AT.kinds, c),
    disputeDiffers(p, q),
    Math.min(2, counts[AT.orgs]!),
    a.topic !== null && a.topic === b.topic && a.topic !== 'other' ? 1 : 0,
    a.topic !== null && b.topic !== null && a.topic !== b.topic ? 1 : 0,
    damped(all.common),
    all.products === 0 ? 0 : all.products / Math.sqrt(all.pp * all.qq),
    kindsOfEvidence() / 3,
    all.common === 0 ? 0 : all.common / (all.p + all.q - all.common),
    Math.abs(Math.log((1 + a.sequence.length) / (1 + b.sequence.length))),
    Math.log1p(Math.min(p.terms.length, q.terms.length) / 10),
    days,
    days * days,
    hours <= 8 ? 1 : 0,
    Math.log1p(hours / 24) / 3,
    Math.log1p(density),
  ];
}

/** An objection is another event than what it objects to, however much the two reports share. */
const disputeDiffers = (p: Prepared, q: Prepared): number =>
  p.sizes[AT.kinds]! > 0 && q.sizes[AT.kinds]! > 0 && p.isDispute !== q.isDispute ? 1 : 0;

/** The groups that are evidence of different kinds. */
const EVIDENCE = [AT.names, AT.figures, AT.models, AT.concepts, AT.beat, AT.states];

function kindsOfEvidence(): number {
  let kinds = 0;
  for (const group of EVIDENCE) if (common[group]! > 3) kinds++;
  return kinds;
}

/**
 * Everyday news is never sparse: where few such items are known, the rest was merely not brought, so that nearness in time says no more
 * than among this many.
 */
const PLAIN_DENSITY = 300;

const isPlain = (f: Features): boolean => f.topic === null || f.topic === 'other';

/** A logistic model over `FEATURE_NAMES`: weights for pairs of one language group and for all others, and the same for plain pairs. */
export type PairModel = Readonly<Record<Regime, readonly number[]>>;
export type Regime = 'same' | 'cross' | 'plainSame' | 'plainCross';

export function regimeOf({ sameGroup, plain }: PairView): Regime {
  if (plain) return sameGroup ? 'plainSame' : 'plainCross';
  return sameGroup ? 'same' : 'cross';
}

/** The model's log-odds for a pair. */
export function logitOf(model: PairModel, view: PairView): number {
  const weights = model[regimeOf(view)];
  let sum = 0;
  for (let i = 0; i < weights.length; i++) sum += weights[i]! * view.x[i]!;
  return sum;
}

export const sigmoid = (z: number): number => 1 / (1 + Math.exp(-z));
