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
  readonly density: number /** Instead of the distance of the two dates (training). */;
  readonly hours?: number;
};

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
  'orgsShared',
  'topicSame',
  'topicDiffers',
  'total',
  'totalCosine',
  'kindsOfEvidence',
  'richness',
  'days',
  'daysSquared',
  'sameDay',
  'logDays',
  'density',
] as const;

type Sums = { shared: number; a: number; b: number; aa: number; bb: number; ab: number };
const none = (): Sums => ({ shared: 0, a: 0, b: 0, aa: 0, bb: 0, ab: 0 });

/** Which class counts into which group of features. */
const GROUPS: Readonly<Record<TermClass, string>> = {
  ...{
    v: 'names',
    s: 'names',
    g: 'cognates',
    n: 'figures',
    d: 'figures',
    m: 'models',
    c: 'concepts',
    b: 'beat',
    t: 'words',
  },
  ...{ x: 'states', p: 'parties', k: 'kinds', o: 'orgs' },
};

/**
 * Compares two items. Symmetric; items without a date count as of one hour. Costs a few microseconds.
 */
export function viewPair(a: Features, b: Features, frequencies: Frequencies, context: PairContext): PairView {
  const sameGroup = a.group === b.group;
  const sums = new Map<string, Sums>();
  const all = none();
  const shared: Shared[] = [];
  const sumOf = (group: string): Sums => {
    const sum = sums.get(group) ?? none();
    sums.set(group, sum);
    return sum;
  };
  for (const term in a.terms) {
    const group = GROUPS[term[0] as TermClass];
    if (group === 'words' && !sameGroup) continue;
    const idf = weightOf(frequencies, term);
    const wa = a.terms[term]! * idf;
    const sum = sumOf(group);
    const counts = group !== 'cognates';
    sum.a += wa;
    sum.aa += wa * wa;
    if (counts) all.aa += wa * wa;
    const own = b.terms[term];
    if (own === undefined) continue;
    const wb = own * idf;
    const both = Math.sqrt(a.terms[term]! * own) * idf;
    sum.shared += both;
    sum.ab += wa * wb;
    all.shared += both;
    if (counts) all.ab += wa * wb;
    shared.push({ term, weight: both });
  }
  for (const term in b.terms) {
    const group = GROUPS[term[0] as TermClass];
    if (group === 'words' && !sameGroup) continue;
    const wb = b.terms[term]! * weightOf(frequencies, term);
    const sum = sumOf(group);
    sum.b += wb;
    sum.bb += wb * wb;
    if (group !== 'cognates') all.bb += wb * wb;
  }
  const hours = context.hours ?? (a.at === null || b.at === null ? 0 : Math.abs(a.at - b.at) / 3_600_000);
  shared.sort((p, q) => q.weight - p.weight || (p.term < q.term ? -1 : 1));
  return { sameGroup, plain: isPlain(a) && isPlain(b), hours, x: numbers(a, b, sums, all, hours, context), shared };
}

/** Shared weight in units of about one strong name, damped: the second name says less than the first. */
const damped = (nats: number): number => Math.log1p(nats / 6);
const ratio = ({ shared, a, b }: Sums): number => (shared === 0 ? 0 : Math.min(1, shared / Math.min(a, b)));
const cosine = ({ ab, aa, bb }: Sums): number => (ab === 0 ? 0 : ab / Math.sqrt(aa * bb));

function numbers(
  a: Features,
  b: Features,
  sums: ReadonlyMap<string, Sums>,
  all: Sums,
  hours: number,
  context: PairContext,
): number[] {
  const of = (group: string): Sums => sums.get(group) ?? none();
  const set = (f: Features, sign: string) => Object.keys(f.terms).filter((t) => t[0] === sign);
  const overlap = (sign: string) => {
    const [p, q] = [set(a, sign), set(b, sign)];
    const both = p.filter((t) => q.includes(t)).length;
    const disjoint = p.length > 0 && q.length > 0 && both === 0;
    return { jaccard: both === 0 ? 0 : both / (p.length + q.length - both), disjoint: disjoint ? 1 : 0, both };
  };
  const parties = overlap('p');
  const kinds = overlap('k');
  const days = Math.min(hours / 24, 4);
  const richness = Math.min(Object.keys(a.terms).length, Object.keys(b.terms).length);
  return [
    1,
    damped(of('names').shared),
    ratio(of('names')),
    damped(of('figures').shared),
    ratio(of('figures')),
    damped(of('models').shared),
    damped(of('cognates').shared),
    damped(of('concepts').shared),
    ratio(of('concepts')),
    cosine(of('concepts')),
    damped(of('beat').shared),
    ratio(of('beat')),
    damped(of('words').shared),
    cosine(of('words')),
    damped(of('states').shared),
    ratio(of('states')),
    damped(of('parties').shared),
    parties.jaccard,
    parties.disjoint,
    kinds.jaccard,
    kinds.disjoint,
    Math.min(2, overlap('o').both),
    a.topic !== null && a.topic === b.topic && a.topic !== 'other' ? 1 : 0,
    a.topic !== null && b.topic !== null && a.topic !== b.topic ? 1 : 0,
    damped(all.shared),
    cosine(all),
    ['names', 'figures', 'models', 'concepts', 'beat', 'states'].filter((g) => of(g).shared > 3).length / 3,
    Math.log1p(richness / 10),
    days,
    days * days,
    hours <= 8 ? 1 : 0,
    Math.log1p(hours / 24) / 3,
    Math.log1p(context.density),
  ];
}

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
