/**
 * Fits the pair model of the story room (src/story/model.json) and measures how common terms are (src/story/shares.tsv), from the
 * labelled sets of test/gold. Run: `npx tsx scripts/train-story.ts`; it writes both files and prints what it found.
 *
 * The model says whether two items report the same event; src/readnext/affair.json, which says whether two events are of one affair, reads
 * the same numbers and must be fitted again after it (scripts/train-readnext.ts).
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { inRoot } from '../src/root.ts';
import { type Features, storyFeatures } from '../src/story/features.ts';
import { FEATURE_NAMES, type PairModel, type Regime, regimeOf, viewPair } from '../src/story/pair.ts';
import { makeSketch } from '../src/story/sketch.ts';
import { type Frequencies, MEASURED, type Term, weightOf } from '../src/story/terms.ts';
import type { Cooperation, Org, Topic } from '../src/tag/tags.ts';
import { type Example, fitRidge } from './ridge.ts';

type Labelled = {
  readonly id: string;
  readonly lang: string;
  readonly title: string;
  readonly summary: string | null;
  readonly publishedAt: string;
  readonly topic: Topic;
  readonly countries: readonly string[];
  readonly cooperation: readonly Cooperation[];
  readonly orgs: readonly Org[];
  readonly story: string | null;
  readonly affair: string | null;
};

/** A label that holds more stories than this is a drawer, not an affair. */
const MOST_STORIES = 12;
const HOUR = 3_600_000;
const WINDOW = 72;
/** Densities (items within three days) at which pairs are shown to the models, besides the sets' own. */
const DENSITIES = [30, 300, 3000];
/**
 * Most labelled stories are told within hours, as their writers dated them; in life reports go on into the next days. What the models
 * see of a pair's distance is therefore drawn: exponential, with this mean (hours).
 */
const MEAN_HOURS = 11;
/** How many pairs of strangers are looked at for each density and set. */
const STRANGERS = 30_000;

/** A cheap fixed sequence of numbers in 0–1, so that a training run can be repeated. */
let seed = 7;
const random = (): number => {
  seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff;
  return seed / 0x7fffffff;
};

function readSet(file: string): Labelled[] {
  const items = readFileSync(file, 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Labelled)
    .filter((item) => item.publishedAt !== undefined);
  const stories = new Map<string, Set<string>>();
  for (const { affair, story } of items)
    if (affair !== null && story !== null) stories.set(affair, (stories.get(affair) ?? new Set()).add(story));
  return items.map((item) =>
    item.affair !== null && (stories.get(item.affair)?.size ?? 0) > MOST_STORIES
      ? { ...item, affair: item.story }
      : item,
  );
}

/** The labels as a tagger might give them: now and then one is lost or added. */
function blurred(item: Labelled): Pick<Labelled, 'topic' | 'countries' | 'cooperation' | 'orgs'> {
  const kept = <T>(list: readonly T[]): T[] => list.filter(() => random() > 0.1);
  const topic =
    random() < 0.06 ? (['defence', 'security', 'politics', 'other'] as const)[Math.floor(random() * 4)]! : item.topic;
  const countries = kept(item.countries);
  const cooperation = topic === 'defence-cooperation' ? kept(item.cooperation) : [];
  if (random() < 0.06) countries.push((['RS', 'US', 'GR', 'TR', 'BG'] as const)[Math.floor(random() * 5)]!);
  if (topic === 'defence-cooperation' && random() < 0.1)
    cooperation.push((['agreement', 'visit', 'mission'] as const)[Math.floor(random() * 3)]!);
  return { topic, countries: [...new Set(countries)], cooperation: [...new Set(cooperation)], orgs: kept(item.orgs) };
}

const tagged = (item: Labelled): Features => storyFeatures({ ...item, tags: blurred(item) });
const untagged = (item: Labelled): Features => storyFeatures({ ...item, tags: null });

/** Share of *stories* that have a term: counted by item, the words of a much reported event would seem common. */
function measureShares(sets: readonly (readonly Labelled[])[]): ReadonlyMap<Term, number> {
  const stories = new Map<Term, Set<string>>();
  const all = new Set<string>();
  for (const item of sets.flat()) {
    const story = item.story ?? item.id;
    all.add(story);
    for (const term of Object.keys(storyFeatures({ ...item, tags: item }).terms)) {
      const seen = stories.get(term) ?? new Set();
      stories.set(term, seen.add(story));
    }
  }
  const shares = [...stories]
    .filter(([, seen]) => seen.size >= 3)
    .map(([term, seen]) => [term, seen.size / all.size] as const);
  return new Map(shares.sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)));
}

type Pools = Record<Regime, Example[]>;
const pools = (): Pools => ({ same: [], cross: [], plainSame: [], plainCross: [] });

/** All examples of one set, seen as `read` sees the items. */
function collect(
  items: readonly Labelled[],
  read: (item: Labelled) => Features,
  frequencies: Frequencies,
  story: Pools,
) {
  const features = items.map((item) => makeSketch(read(item), (term) => weightOf(frequencies, term)));
  const near = features.map((f) => features.filter((g) => Math.abs(f.at! - g.at!) <= WINDOW * HOUR).length);
  const strangers: { i: number; j: number }[] = [];
  const put = (to: Pools, i: number, j: number, density: number, y: boolean, w: number, hours?: number) => {
    const view = viewPair(features[i]!, features[j]!, {
      density,
      ...(hours === undefined ? {} : { hours }),
    });
    if (view.shared > 0) to[regimeOf(view)].push({ x: view.x, y: y ? 1 : 0, w });
  };
  items.forEach((a, i) => {
    for (let j = 0; j < i; j++) {
      const b = items[j]!;
      if (a.story === null && b.story === null) continue;
      const hours = Math.abs(features[i]!.at! - features[j]!.at!) / HOUR;
      const isSame = a.story !== null && a.story === b.story;
      const isAffair = a.affair !== null && a.affair === b.affair;
      if (hours <= WINDOW) {
        // Follow-ups within the window are the hard cases and few: they count thrice.
        const drawn = () => Math.max(hours, Math.min(66, -Math.log(1 - random() * 0.999) * MEAN_HOURS));
        put(story, i, j, near[i]!, isSame, isAffair && !isSame ? 3 : 1, isSame ? drawn() : hours);
        if (isSame || isAffair)
          for (const density of DENSITIES) put(story, i, j, density, isSame, isSame ? 1 : 3, isSame ? drawn() : hours);
      }
      if (!isSame && !isAffair) strangers.push({ i, j });
    }
  });
  // Items of different affairs as if they had come within three days of each other: each density has that many for each item.
  for (const density of DENSITIES) {
    const sample = strangers.filter(() => random() < STRANGERS / strangers.length);
    const w = (items.length * density) / 2 / sample.length;
    for (const { i, j } of sample) put(story, i, j, density, false, w, random() * WINDOW);
  }
}

function report(name: string, examples: readonly Example[], weights: readonly number[]): void {
  const right = { positive: 0, positives: 0, negative: 0, negatives: 0 };
  for (const { x, y, w } of examples) {
    const z = weights.reduce((s, v, i) => s + v * x[i]!, 0);
    if (y === 1) {
      right.positives += w;
      if (z >= 0) right.positive += w;
    } else {
      right.negatives += w;
      if (z < 0) right.negative += w;
    }
  }
  const recall = (right.positive / right.positives).toFixed(3);
  const wrong = (right.negatives - right.negative).toFixed(0);
  console.log(
    `${name}: ${examples.length} pairs, ${recall} of the alike found, ${wrong} of ${right.negatives.toFixed(0)} others taken for alike`,
  );
}

const folder = inRoot('test', 'gold');
const given = process.argv.slice(2);
const files =
  given.length > 0
    ? given
    : readdirSync(folder)
        .filter((f) => /^(?:one|two)\.jsonl$/.test(f))
        .map((f) => `${folder}/${f}`);
const sets = files.map(readSet);
const shares = measureShares(sets);
const frequencies: Frequencies = { share: (term) => shares.get(term) ?? MEASURED.share(term) };
const story = pools();
for (const items of sets) {
  collect(items, tagged, frequencies, story);
  collect(items, untagged, frequencies, story);
}
const fitted = (from: Pools, ridge: number): PairModel => ({
  same: fitRidge(from.same, ridge),
  cross: fitRidge(from.cross, ridge),
  plainSame: fitRidge(from.plainSame, ridge),
  plainCross: fitRidge(from.plainCross, ridge),
});
const model = { story: fitted(story, 2) };
for (const regime of ['same', 'cross', 'plainSame', 'plainCross'] as const) {
  report(`story ${regime}`, story[regime], model.story[regime]);
}
FEATURE_NAMES.forEach((name, i) => {
  const { same, cross, plainSame, plainCross } = model.story;
  const row = [same[i], cross[i], plainSame[i], plainCross[i]];
  console.log(name.padEnd(18), row.map((w) => String(w).padStart(8)).join(''));
});
writeFileSync(inRoot('src', 'story', 'model.json'), `${JSON.stringify({ features: FEATURE_NAMES, ...model })}\n`);
writeFileSync(
  inRoot('src', 'story', 'shares.tsv'),
  `# Share of stories that have a term; made by scripts/train-story.ts from test/gold.\n${[...shares].map(([t, s]) => `${t}\t${s.toFixed(4)}`).join('\n')}\n`,
);
