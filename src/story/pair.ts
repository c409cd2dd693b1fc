import type { Features } from './features.ts';
import { type Frequencies, type Term, type TermClass, weightOf } from './terms.ts';

/** A term that two items share, with what it says (nats, times the weights within the two items). */
export type Shared = { readonly term: Term; readonly weight: number };

/** Two items side by side: the numbers that the models read, and the shared terms that explain them. */
export type PairView = {
  /** Both are of one language group, so that words are comparable. */
  readonly sameGroup: boolean;
  /** Neither is of the beat or near it: tags say nothing, the text alone does. */
  readonly plain: boolean;
  readonly hours: number;
  /** Numbers by name of feature (`FEATURE_NAMES`), in order. */
  readonly x: readonly number[];
  readonly shared: readonly Shared[];
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
const at = (group: Group): number => GROUPS.indexOf(group);
const GROUP_OF: Readonly<Record<TermClass, number>> = {
  ...{ v: at('names'), s: at('names'), n: at('figures'), d: at('figures'), m: at('models'), g: at('cognates') },
  ...{
    c: at('concepts'),
    b: at('beat'),
    t: at('words'),
    x: at('states'),
    p: at('parties'),
    k: at('kinds'),
    o: at('orgs'),
  },
};
const WORDS = at('words');
const COGNATES = at('cognates');

/** An item made ready for comparing: each term's group and weight, and the sums of weights and squares of each group. */
type Prepared = {
  readonly terms: ReadonlyMap<Term, { readonly group: number; readonly own: number; readonly idf: number }>;
  readonly sum: Float64Array;
  readonly squares: Float64Array;
};
const prepared = new WeakMap<Features, { readonly by: Frequencies; readonly item: Prepared }>();

function prepare(features: Features, frequencies: Frequencies): Prepared {
  const known = prepared.get(features);
  if (known?.by === frequencies) return known.item;
  const terms = new Map<Term, { group: number; own: number; idf: number }>();
  const sum = new Float64Array(GROUPS.length);
  const squares = new Float64Array(GROUPS.length);
  for (const term in features.terms) {
    const group = GROUP_OF[term[0] as TermClass];
    const own = features.terms[term]!;
    const idf = weightOf(frequencies, term);
    terms.set(term, { group, own, idf });
    sum[group]! += own * idf;
    squares[group]! += (own * idf) ** 2;
  }
  const item = { terms, sum, squares };
  prepared.set(features, { by: frequencies, item });
  return item;
}

/**
 * Compares two items. Symmetric; items without a date count as of one hour. Costs a few microseconds.
 */
export function viewPair(a: Features, b: Features, frequencies: Frequencies, context: PairContext): PairView {
  const sameGroup = a.group === b.group;
  const [p, q] = [prepare(a, frequencies), prepare(b, frequencies)];
  const common = new Float64Array(GROUPS.length);
  const products = new Float64Array(GROUPS.length);
  const counts = new Uint8Array(GROUPS.length);
  const shared: Shared[] = [];
  const [few, many] = p.terms.size <= q.terms.size ? [p, q] : [q, p];
  for (const [term, { group, own, idf }] of few.terms) {
    const other = many.terms.get(term);
    if (other === undefined || (group === WORDS && !sameGroup)) continue;
    const weight = Math.sqrt(own * other.own) * idf;
    common[group]! += weight;
    products[group]! += own * other.own * idf * idf;
    counts[group]!++;
    shared.push({ term, weight });
  }
  const hours = context.hours ?? (a.at === null || b.at === null ? 0 : Math.abs(a.at - b.at) / 3_600_000);
  shared.sort((s, t) => t.weight - s.weight || (s.term < t.term ? -1 : 1));
  const plain = isPlain(a) && isPlain(b);
  return {
    sameGroup,
    plain,
    hours,
    x: numbers(a, b, { p, q, common, products, counts, sameGroup, plain }, hours, context),
    shared,
  };
}

/** Shared weight in units of about one strong name, damped: the second name says less than the first. */
const damped = (nats: number): number => Math.log1p(nats / 6);

type Compared = {
  readonly p: Prepared;
  readonly q: Prepared;
  readonly common: Float64Array;
  readonly products: Float64Array;
  readonly counts: Uint8Array;
  readonly sameGroup: boolean;
  readonly plain: boolean;
};

function numbers(a: Features, b: Features, c: Compared, hours: number, context: PairContext): number[] {
  const { p, q, common, products, counts } = c;
  const shared = (group: Group): number => damped(common[at(group)]!);
  const ratio = (group: Group): number => {
    const g = at(group);
    return common[g] === 0 ? 0 : Math.min(1, common[g]! / Math.min(p.sum[g]!, q.sum[g]!));
  };
  const cosine = (group: Group): number => {
    const g = at(group);
    return products[g] === 0 ? 0 : products[g]! / Math.sqrt(p.squares[g]! * q.squares[g]!);
  };
  const sets = (group: Group) => {
    const [m, n] = [sizeOf(p, at(group)), sizeOf(q, at(group))];
    const both = counts[at(group)]!;
    return { jaccard: both === 0 ? 0 : both / (m + n - both), disjoint: m > 0 && n > 0 && both === 0 ? 1 : 0 };
  };
  // All groups together; cognates are guesses and stay out, words count where they are comparable.
  const all = { common: 0, products: 0, p: 0, q: 0, pp: 0, qq: 0 };
  for (let g = 0; g < GROUPS.length; g++) {
    if (g === COGNATES || (g === WORDS && !c.sameGroup)) continue;
    all.common += common[g]!;
    all.products += products[g]!;
    all.p += p.sum[g]!;
    all.q += q.sum[g]!;
    all.pp += p.squares[g]!;
    all.qq += q.squares[g]!;
  }
  const parties = sets('parties');
  const kinds = sets('kinds');
  const days = Math.min(hours / 24, 4);
  const density = c.plain ? Math.max(PLAIN_DENSITY, context.density) : context.density;
  return [
    1,
    shared('names'),
    ratio('names'),
    shared('figures'),
    ratio('figures'),
    shared('models'),
    shared('cognates'),
    shared('concepts'),
    ratio('concepts'),
    cosine('concepts'),
    shared('beat'),
    ratio('beat'),
    shared('words'),
    cosine('words'),
    shared('states'),
    ratio('states'),
    shared('parties'),
    parties.jaccard,
    parties.disjoint,
    kinds.jaccard,
    kinds.disjoint,
    disputeDiffers(p, q),
    Math.min(2, counts[at('orgs')]!),
    a.topic !== null && a.topic === b.topic && a.topic !== 'other' ? 1 : 0,
    a.topic !== null && b.topic !== null && a.topic !== b.topic ? 1 : 0,
    damped(all.common),
    all.products === 0 ? 0 : all.products / Math.sqrt(all.pp * all.qq),
    EVIDENCE.filter((group) => common[at(group)]! > 3).length / 3,
    all.common === 0 ? 0 : all.common / (all.p + all.q - all.common),
    Math.abs(Math.log((1 + a.sequence.length) / (1 + b.sequence.length))),
    Math.log1p(Math.min(p.terms.size, q.terms.size) / 10),
    days,
    days * days,
    hours <= 8 ? 1 : 0,
    Math.log1p(hours / 24) / 3,
    Math.log1p(density),
  ];
}

/** An objection is another event than what it objects to, however much the two reports share. */
const disputeDiffers = (p: Prepared, q: Prepared): number => {
  const kinds = at('kinds');
  if (sizeOf(p, kinds) === 0 || sizeOf(q, kinds) === 0) return 0;
  return p.terms.has('kdispute') === q.terms.has('kdispute') ? 0 : 1;
};

/** The groups that are evidence of different kinds. */
const EVIDENCE: readonly Group[] = ['names', 'figures', 'models', 'concepts', 'beat', 'states'];

function sizeOf(item: Prepared, group: number): number {
  let size = 0;
  for (const term of item.terms.values()) if (term.group === group) size++;
  return size;
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
