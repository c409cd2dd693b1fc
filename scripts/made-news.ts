/**
 * Invented news, the same for the same seed: events that several outlets report in several languages within two days, copies, and
 * everyday news. The words mean nothing together, but what the product sees in them is as in life: states, forces and acts from
 * the lexicon, general concepts from the glossary, names and figures that reports of one event share, and words of each language by
 * Zipf's law.
 */
import { readFileSync } from 'node:fs';
import { inRoot } from '../src/root.ts';
import { lexiconText } from '../src/tag/lexicon.ts';

export type MadeItem = {
  readonly event: number;
  /** Place of the item that this one copies, in the answer's order; null for an original. */
  readonly copyOf: number | null;
  /** Milliseconds after the first moment. */
  readonly at: number;
  readonly lang: string;
  readonly outlet: number;
  readonly outletCountry: string;
  readonly title: string;
  readonly lead: string;
};

/** Numbers in [0, 1) by a seed (mulberry32). */
export function seeded(seed: number): () => number {
  let a = seed >>> 0;
  return () => {
    a = (a + 0x6d2b79f5) >>> 0;
    let t = Math.imul(a ^ (a >>> 15), a | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

type Language = {
  readonly lang: string;
  readonly share: number;
  readonly files: readonly string[];
  readonly column: number;
  readonly countries: readonly string[];
};
const LANGUAGES: readonly Language[] = [
  { lang: 'sr-Latn', share: 24, files: ['sr'], column: 1, countries: ['RS', 'BA', 'ME'] },
  { lang: 'sr-Cyrl', share: 8, files: ['sr'], column: 1, countries: ['RS', 'BA'] },
  { lang: 'hr', share: 10, files: ['hr', 'sr'], column: 1, countries: ['HR', 'BA'] },
  { lang: 'bs', share: 6, files: ['bs', 'sr'], column: 1, countries: ['BA'] },
  { lang: 'en', share: 14, files: ['en'], column: 0, countries: ['GB', 'RS', 'XK', 'TR'] },
  { lang: 'mk', share: 5, files: ['mk'], column: 1, countries: ['MK'] },
  { lang: 'bg', share: 7, files: ['bg'], column: 1, countries: ['BG'] },
  { lang: 'sq', share: 7, files: ['sq'], column: 2, countries: ['AL', 'XK'] },
  { lang: 'el', share: 5, files: ['el'], column: 3, countries: ['GR'] },
  { lang: 'ro', share: 6, files: ['ro'], column: 4, countries: ['RO'] },
  { lang: 'tr', share: 5, files: ['tr'], column: 5, countries: ['TR'] },
  { lang: 'hu', share: 3, files: ['hu'], column: 6, countries: ['HU'] },
];
const STATES = 'RS HR BA BG GR AL RO MK XK ME SI HU TR US RU DE FR IT GB UA CN'.split(' ');

/** What an event is about: how often, how many states it names, and what else it names. */
type Kind = {
  readonly share: number;
  readonly states: number;
  readonly beat: readonly string[];
  readonly general: number;
};
const MILITARY = ['act', 'thing', 'force', 'weapon', 'exercise', 'office'];
const KINDS: readonly Kind[] = [
  { share: 3.5, states: 2, beat: MILITARY, general: 1 },
  { share: 3, states: 1, beat: MILITARY, general: 1 },
  { share: 22, states: 1, beat: ['politics', 'office', 'act'], general: 4 },
  { share: 71.5, states: 0, beat: [], general: 5 },
];

/** A concept with its words by language. */
type Concept = ReadonlyMap<string, readonly string[]>;

/** How many items an event has: most have one, few have many. */
const reportsOf = (draw: number): number => Math.min(24, Math.floor(1 / (1 - 0.96 * draw) ** 0.75));

/**
 * @param count how many items
 * @param perDay how many of them a day
 * @returns the items in order of time
 */
export function makeNews(count: number, perDay: number, seed: number): readonly MadeItem[] {
  const random = seeded(seed);
  const pick = <T>(of: readonly T[]): T => of[Math.floor(random() * of.length)]!;
  const world = readWorld();
  const days = count / perDay;
  const made: { item: Omit<MadeItem, 'copyOf'>; source: object | null }[] = [];
  for (let event = 0; made.length < count; event++) {
    const told = makeEvent(world, random);
    const start = random() * days * 86_400_000;
    const originals = new Map<string, Omit<MadeItem, 'copyOf'>>();
    for (let n = reportsOf(random()); n > 0 && made.length < count; n--) {
      const language = byShare(LANGUAGES, random());
      const at = Math.min(days * 86_400_000 - 1, start + -Math.log(1 - random()) * 8 * 3_600_000);
      const from = { event, at: Math.floor(at), lang: language.lang, outlet: Math.floor(random() * 240) };
      const original = random() < 0.5 ? originals.get(language.lang) : undefined;
      const text = original
        ? { title: tellTitle(told, language, random), lead: original.lead }
        : { title: tellTitle(told, language, random), lead: tellLead(told, language, random) };
      const item = { ...from, outletCountry: pick(language.countries), ...text };
      made.push({ item, source: original && original.at < item.at ? original : null });
      if (!original) originals.set(language.lang, item);
    }
  }
  made.sort((a, b) => a.item.at - b.item.at);
  const place = new Map<object, number>(made.map(({ item }, i) => [item, i]));
  return made.map(({ item, source }) => ({ ...item, copyOf: source && place.get(source)! }));
}

type Event = {
  readonly concepts: readonly Concept[];
  readonly names: readonly string[];
  readonly figures: readonly string[];
};

function makeEvent(world: World, random: () => number): Event {
  const kind = byShare(KINDS, random());
  const some = <T>(of: readonly T[], n: number): T[] =>
    Array.from({ length: n }, () => of[Math.floor(random() * of.length)]!);
  // Few states are in the news every day, most now and then.
  const states = Array.from({ length: kind.states }, () => world.states[Math.floor(random() ** 1.7 * STATES.length)]!);
  const beat = some(kind.beat, Math.min(kind.beat.length, 4)).flatMap((sense) => some(world.beat.get(sense) ?? [], 1));
  return {
    concepts: [...states, ...beat, ...some(world.general, kind.general)],
    names: Array.from({ length: 2 + Math.floor(random() * 2) }, () => nameOf(Math.floor(30_000 * random() ** 2))),
    figures: some([0, 1], 1).map(() => String(2 + Math.floor(10 ** (1 + 3 * random())))),
  };
}

const tellTitle = (told: Event, language: Language, random: () => number): string =>
  sentence(
    [...told.names.slice(0, 1), ...said(told.concepts.slice(0, 4), language, random), ...fillers(language, 3, random)],
    language,
  );

const tellLead = (told: Event, language: Language, random: () => number): string =>
  `${sentence(
    mixed(
      [
        ...said(told.concepts, language, random),
        ...told.names.filter(() => random() < 0.85),
        ...told.figures,
        ...fillers(language, 14, random),
      ],
      random,
    ),
    language,
  )}.`;

/** The concepts in words of the language; now and then one is left out. */
const said = (concepts: readonly Concept[], { lang }: Language, random: () => number): string[] =>
  concepts.flatMap((concept) => {
    const words = concept.get(lang) ?? [];
    return words.length && random() < 0.9 ? [words[Math.floor(random() * Math.min(words.length, 3))]!] : [];
  });

function mixed<T>(of: T[], random: () => number): T[] {
  for (let i = of.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [of[i], of[j]] = [of[j]!, of[i]!];
  }
  return of;
}

const SYLLABLES = 'ba ve ri do ku na mi les tor gan pe sku zar lo bin tra ho ker mo fi jas ul den sta vor'.split(' ');

/** The word of a rank: the same in every run, another in every language group. */
function wordOf(rank: number, column: number): string {
  let n = rank * 7 + column + 1;
  let word = '';
  for (let i = 0; i < 2 + (rank % 3); i++) {
    n = (Math.imul(n, 1_103_515_245) + 12_345) >>> 0;
    word += SYLLABLES[(n >>> 8) % SYLLABLES.length]!;
  }
  return word;
}

/** No word is in more than one item of a hundred: the commonest words of real languages are known to the story room and say nothing. */
const VOCABULARY = 20_000;
const fillers = ({ column }: Language, n: number, random: () => number): string[] =>
  Array.from({ length: n }, () => wordOf(Math.floor(VOCABULARY * random() ** 1.4), column));

const nameOf = (n: number): string => {
  const word = wordOf(n + 500_000, 9);
  return word[0]!.toUpperCase() + word.slice(1);
};

const CYRILLIC = new Map(
  [...'abvgdezijklmnoprstufhc'].map((latin, i) => [latin, [...'абвгдезијклмнопрстуфхц'][i]!] as const),
);

function sentence(words: readonly string[], { lang }: Language): string {
  const text = words.join(' ');
  const shown = /^(sr-Cyrl|mk|bg)$/.test(lang) ? text.replace(/[a-z]/gi, toCyrillic) : text;
  return shown.charAt(0).toUpperCase() + shown.slice(1);
}
const toCyrillic = (letter: string): string => {
  const small = CYRILLIC.get(letter.toLowerCase()) ?? letter;
  return letter === letter.toLowerCase() ? small : small.toUpperCase();
};

function byShare<T extends { readonly share: number }>(of: readonly T[], draw: number): T {
  let left = draw * of.reduce((sum, { share }) => sum + share, 0);
  for (const one of of) {
    left -= one.share;
    if (left < 0) return one;
  }
  return of[0]!;
}

type World = {
  readonly states: readonly Concept[];
  readonly beat: ReadonlyMap<string, readonly Concept[]>;
  readonly general: readonly Concept[];
};

function readWorld(): World {
  const lexicon = readLexicon();
  const beat = new Map<string, Concept[]>();
  for (const [name, concept] of lexicon) {
    const sense = name.split(' ')[0]!;
    if (concept.size >= 8) beat.set(sense, [...(beat.get(sense) ?? []), concept]);
  }
  return { states: STATES.map((code) => lexicon.get(`country ${code}`)!), beat, general: readGlossary() };
}

/** `sense value` → words by language; patterns that are not plain words are left aside. */
function readLexicon(): Map<string, Map<string, string[]>> {
  const concepts = new Map<string, Map<string, string[]>>();
  for (const { lang, files } of LANGUAGES)
    for (const line of files.flatMap((file) => lexiconText(file).split('\n'))) {
      const [pattern = '', sense = '', value = ''] = line.split('\t');
      const words = pattern.replace(/\(([^|)]*)\|[^)]*\)/g, '$1').replaceAll('*', '');
      if (line.startsWith('#') || !words || /[.=?()|]/.test(words)) continue;
      const concept = concepts.get(`${sense} ${value.split(' ')[0]}`) ?? new Map<string, string[]>();
      concept.set(lang, [...(concept.get(lang) ?? []), words]);
      concepts.set(`${sense} ${value.split(' ')[0]}`, concept);
    }
  return concepts;
}

function readGlossary(): Concept[] {
  const lines = readFileSync(inRoot('src', 'story', 'glossary.tsv'), 'utf8').split('\n');
  return lines
    .filter((line) => line && !/^[#=-]/.test(line))
    .map((line) => {
      const cells = line.split('\t').slice(1);
      const words = cells.map((cell) => cell.split(' ').map((word) => word.replaceAll('*', '').replaceAll('_', ' ')));
      return new Map(LANGUAGES.map(({ lang, column }) => [lang, words[column] ?? []]));
    });
}
