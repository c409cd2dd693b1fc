import type { SoftTags, Tags } from '../tag/tags.ts';

/** How likely each thing is that the grades ask of an item's tags. */
export type Likely = {
  /** Topic `defence-cooperation`, `defence` or `security`. */
  readonly hard: number;
  readonly politics: number;
  readonly countries: Readonly<Record<string, number>>;
  /** Kinds of cooperation, each with the likelihood that the item is of the beat at all. */
  readonly kinds: Readonly<Record<string, number>>;
  /** The states and kinds that may be named as a reason: those the tagger gave, and those nearly as likely. */
  readonly said: { readonly countries: readonly string[]; readonly kinds: readonly string[] };
};

/** A tag this likely is named as a reason even where the tagger decided against it. */
const WORTH_NAMING = 0.4;

/** How likely a candidate is of the grades 2 and 1 by tags alone. */
export type Grades = { readonly two: number; readonly one: number };

type Tagged = {
  readonly tags: Pick<Tags, 'topic' | 'countries' | 'cooperation'>;
  readonly soft?: SoftTags | undefined;
};

/** By the likelihoods or tags themselves, which stay in memory from batch to batch. */
const known = new WeakMap<object, Likely>();

/** What is likely of an item; tags without likelihoods are taken as sure. */
export function likelyOf(item: Tagged): Likely {
  const by = item.soft ?? item.tags;
  let likely = known.get(by);
  if (likely === undefined) {
    const found = item.soft === undefined ? bySureTags(item.tags) : byLikelyTags(item.soft);
    const { countries, cooperation } = item.tags;
    likely = {
      ...found,
      said: { countries: named(countries, found.countries), kinds: named(cooperation, found.kinds) },
    };
    known.set(by, likely);
  }
  return likely;
}

const named = (given: readonly string[], likely: Readonly<Record<string, number>>): string[] => [
  ...given,
  ...Object.keys(likely).filter((tag) => likely[tag]! >= WORTH_NAMING && !given.includes(tag)),
];

const bySureTags = ({ topic, countries, cooperation }: Tagged['tags']): Omit<Likely, 'said'> => ({
  hard: topic === 'other' || topic === 'politics' ? 0 : 1,
  politics: topic === 'politics' ? 1 : 0,
  countries: Object.fromEntries(countries.map((c) => [c, 1])),
  kinds: Object.fromEntries(cooperation.map((k) => [k, 1])),
});

function byLikelyTags({ topics, countries, cooperation }: SoftTags): Omit<Likely, 'said'> {
  const relevant = topics['defence-cooperation'];
  return {
    hard: relevant + topics.defence + topics.security,
    politics: topics.politics,
    countries,
    kinds: Object.fromEntries(Object.entries(cooperation).map(([kind, p]) => [kind, p * relevant])),
  };
}

const entries = new WeakMap<object, readonly (readonly [string, number])[]>();

/** The entries of a record, made once: an item is weighed against hundreds. */
function entriesOf(record: Readonly<Record<string, number>>): readonly (readonly [string, number])[] {
  let made = entries.get(record);
  if (!made) {
    made = Object.entries(record);
    entries.set(record, made);
  }
  return made;
}

/** The table of grades over what is likely of both items, states and kinds being independent chances. Pure. */
export function likelyGrades(article: Likely, candidate: Likely): Grades {
  let [none, single] = [1, 0];
  for (const [country, p] of entriesOf(candidate.countries)) {
    const both = p * (article.countries[country] ?? 0);
    single = single * (1 - both) + none * both;
    none *= 1 - both;
  }
  let noKind = 1;
  for (const [kind, p] of entriesOf(candidate.kinds)) noKind *= 1 - p * (article.kinds[kind] ?? 0);
  const several = 1 - none - single;
  const kind = Math.min(1 - noKind, candidate.hard);
  const { hard, politics } = candidate;
  return {
    two: several * hard + single * kind,
    one: several * politics + single * (hard + politics - kind) + none * kind,
  };
}

/** Likelihoods below this are not kept. */
const LEAST = 0.02;

/** Likelihoods as they are stored beside an item: two digits, without what hardly can be. */
export function keepable(soft: SoftTags): SoftTags {
  const kept = <T extends string>(of: Readonly<Record<T, number>>) =>
    Object.fromEntries(
      Object.entries<number>(of).flatMap(([name, p]) => (p >= LEAST ? [[name, Math.round(p * 100) / 100]] : [])),
    ) as Record<T, number>;
  return { ...soft, countries: kept(soft.countries), cooperation: kept(soft.cooperation), topics: round(soft.topics) };
}

const round = (topics: SoftTags['topics']): SoftTags['topics'] =>
  Object.fromEntries(
    Object.entries(topics).map(([name, p]) => [name, Math.round(p * 100) / 100]),
  ) as SoftTags['topics'];
