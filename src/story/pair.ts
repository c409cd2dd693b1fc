import type { Features } from './features.ts';
import { placeOf, type Sketch } from './sketch.ts';
import { CLASSES, type Term, type TermClass } from './terms.ts';

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
const GROUP_OF_CLASS = Uint8Array.from(CLASSES, (name) => GROUP_OF[name]);

/** Sums over the terms of one item, by group. */
type Sums = { readonly sum: Float64Array; readonly squares: Float64Array; readonly sizes: Uint16Array };
const sums = new WeakMap<Sketch, Sums>();

function sumsOf(sketch: Sketch): Sums {
  const known = sums.get(sketch);
  if (known) return known;
  const size = GROUPS.length;
  const of = { sum: new Float64Array(size), squares: new Float64Array(size), sizes: new Uint16Array(size) };
  for (let i = 0; i < sketch.terms.length; i++) {
    const group = GROUP_OF_CLASS[sketch.classes[i]!]!;
    const weight = sketch.own[i]! * sketch.nats[i]!;
    of.sum[group]! += weight;
    of.squares[group]! += weight * weight;
    of.sizes[group]!++;
  }
  sums.set(sketch, of);
  return of;
}

// One pair is compared at a time, and relating compares hundreds for an item: the sums by group are kept between calls.
const common = new Float64Array(GROUPS.length);
const products = new Float64Array(GROUPS.length);
const counts = new Uint16Array(GROUPS.length);

/**
 * Compares two items. Symmetric; items without a date count as of one hour. Costs a few microseconds.
 */
export function viewPair(a: Sketch, b: Sketch, context: PairContext): PairView {
  const sameGroup = a.group === b.group;
  common.fill(0);
  products.fill(0);
  counts.fill(0);
  let shared = 0;
  for (let i = 0, j = 0; i < a.terms.length && j < b.terms.length; ) {
    const [term, other] = [a.terms[i]!, b.terms[j]!];
    if (term < other) i++;
    else if (term > other) j++;
    else {
      const group = GROUP_OF_CLASS[a.classes[i]!]!;
      if (group !== AT.words || sameGroup) {
        const own = a.own[i]! * b.own[j]!;
        const nats = a.nats[i]!;
        common[group]! += Math.sqrt(own) * nats;
        products[group]! += own * nats * nats;
        counts[group]!++;
        shared++;
      }
      i++;
      j++;
    }
  }
  const hours = context.hours ?? (a.at === null || b.at === null ? 0 : Math.abs(a.at - b.at) / 3_600_000);
  const plain = isPlain(a) && isPlain(b);
  const compared = { a, b, p: sumsOf(a), q: sumsOf(b), sameGroup, plain };
  return { sameGroup, plain, hours, x: numbers(compared, hours, context), shared };
}

/** The terms of an item that another has too, those that say most first. */
export function sharedTerms({ terms, group }: Features, other: Sketch): readonly Shared[] {
  const shared: Shared[] = [];
  for (const term in terms) {
    const place = placeOf(term, other);
    if (place < 0 || (GROUP_OF[term[0] as TermClass] === AT.words && group !== other.group)) continue;
    shared.push({ term, weight: Math.sqrt(terms[term]! * other.own[place]!) * other.nats[place]! });
  }
  return shared.sort((s, t) => t.weight - s.weight || (s.term < t.term ? -1 : 1));
}

/** Shared weight in units of about one strong name, damped: the second name says less than the first. */
const damped = (nats: number): number => Math.log1p(nats / 6);

type Compared = {
  readonly a: Sketch;
  readonly b: Sketch;
  readonly p: Sums;
  readonly q: Sums;
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

function numbers(c: Compared, hours: number, context: PairContext): number[] {
  const { a, b, p, q } = c;
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
    disputeDiffers(c),
    Math.min(2, counts[AT.orgs]!),
    a.topic !== null && a.topic === b.topic && a.topic !== 'other' ? 1 : 0,
    a.topic !== null && b.topic !== null && a.topic !== b.topic ? 1 : 0,
    damped(all.common),
    all.products === 0 ? 0 : all.products / Math.sqrt(all.pp * all.qq),
    kindsOfEvidence() / 3,
    all.common === 0 ? 0 : all.common / (all.p + all.q - all.common),
    Math.abs(Math.log((1 + a.sequence.length) / (1 + b.sequence.length))),
    Math.log1p(Math.min(a.terms.length, b.terms.length) / 10),
    days,
    days * days,
    hours <= 8 ? 1 : 0,
    Math.log1p(hours / 24) / 3,
    Math.log1p(density),
  ];
}

/** An objection is another event than what it objects to, however much the two reports share. */
const disputeDiffers = ({ a, b, p, q }: Compared): number =>
  p.sizes[AT.kinds]! > 0 && q.sizes[AT.kinds]! > 0 && placeOf('kdispute', a) < 0 !== placeOf('kdispute', b) < 0 ? 1 : 0;

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

const isPlain = (f: Sketch): boolean => f.topic === null || f.topic === 'other';

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
