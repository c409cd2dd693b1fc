/**
 * Fits the pair models of the story room (src/story/model.json) and measures how common terms are (src/story/shares.tsv), from the
 * labelled sets of test/gold. Run: `npx tsx scripts/train-story.ts [FILE…]`; it writes both files and prints what it found.
 *
 * Three models over the same numbers (src/story/pair.ts): `story` (the same event; pairs within four days), `copy` (one text is a
 * republication of the other; pairs of one story), `affair` (one developing affair, another event; pairs at any distance).
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { inRoot } from '../src/root.ts';
import { type Features, storyFeatures } from '../src/story/features.ts';
import { FEATURE_NAMES, viewPair } from '../src/story/pair.ts';
import { type Frequencies, MEASURED, type Term } from '../src/story/terms.ts';
import type { Cooperation, Org, Topic } from '../src/tag/tags.ts';

type Labelled = {
  readonly id: string;
  readonly lang: string;
  readonly title: string;
  readonly summary: string;
  readonly publishedAt: string;
  readonly topic: Topic;
  readonly countries: readonly string[];
  readonly cooperation: readonly Cooperation[];
  readonly orgs: readonly Org[];
  readonly story: string | null;
  readonly affair: string | null;
  readonly copyOf: string | null;
};
type Example = { readonly x: readonly number[]; readonly y: 0 | 1; readonly w: number };

const folder = inRoot('test', 'gold');
const files = process.argv.length > 2 ? process.argv.slice(2) : readdirSync(folder).map((f) => `${folder}/${f}`);
const sets = files.map((file) =>
  readFileSync(file, 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Labelled),
);

/** A label that holds more stories than this is a drawer, not an affair. */
const MOST_STORIES = 12;
for (const items of sets) {
  const stories = new Map<string, Set<string>>();
  for (const { affair, story } of items)
    if (affair !== null && story !== null) stories.set(affair, (stories.get(affair) ?? new Set()).add(story));
  for (const [i, item] of items.entries()) {
    if (item.affair !== null && (stories.get(item.affair)?.size ?? 0) > MOST_STORIES)
      items[i] = { ...item, affair: item.story };
  }
}

const read = (item: Labelled): Features => storyFeatures({ ...item, tags: item });

/** Share of *stories* that have a term: counted by item, the words of a much reported event would seem common. */
function measureShares(): ReadonlyMap<Term, number> {
  const stories = new Map<Term, Set<string>>();
  const all = new Set<string>();
  for (const item of sets.flat()) {
    const story = item.story ?? item.id;
    all.add(story);
    for (const term of Object.keys(read(item).terms)) {
      const seen = stories.get(term) ?? new Set();
      stories.set(term, seen.add(story));
    }
  }
  const shares = [...stories]
    .filter(([, seen]) => seen.size >= 3)
    .map(([term, seen]) => [term, seen.size / all.size] as const);
  return new Map(shares.sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)));
}

/** Ridge logistic regression by Newton's method. */
function fitRidge(examples: readonly Example[], ridge: number): number[] {
  const k = FEATURE_NAMES.length;
  const weights = new Array<number>(k).fill(0);
  for (let step = 0; step < 12; step++) {
    const gradient = new Float64Array(k);
    const hessian = Array.from({ length: k }, () => new Float64Array(k));
    for (const { x, y, w } of examples) {
      let z = 0;
      for (let i = 0; i < k; i++) z += weights[i]! * x[i]!;
      const p = 1 / (1 + Math.exp(-z));
      const h = w * Math.max(p * (1 - p), 1e-6);
      for (let i = 0; i < k; i++) {
        if (x[i] === 0) continue;
        gradient[i]! += w * (y - p) * x[i]!;
        for (let j = 0; j <= i; j++) hessian[i]![j]! += h * x[i]! * x[j]!;
      }
    }
    for (let i = 0; i < k; i++) {
      const r = i === 0 ? 1e-3 : ridge;
      gradient[i]! -= r * weights[i]!;
      hessian[i]![i]! += r;
      for (let j = 0; j < i; j++) hessian[j]![i] = hessian[i]![j]!;
    }
    solve(hessian, gradient).forEach((d, i) => {
      weights[i]! += d;
    });
  }
  return weights.map((w) => Math.round(w * 1000) / 1000);
}

function solve(a: readonly Float64Array[], b: Float64Array): number[] {
  const n = b.length;
  const m = a.map((row, i) => [...row, b[i]!]);
  for (let c = 0; c < n; c++) {
    let best = c;
    for (let r = c + 1; r < n; r++) if (Math.abs(m[r]![c]!) > Math.abs(m[best]![c]!)) best = r;
    [m[c], m[best]] = [m[best]!, m[c]!];
    for (let r = 0; r < n; r++) {
      if (r === c || m[c]![c] === 0) continue;
      const f = m[r]![c]! / m[c]![c]!;
      for (let j = c; j <= n; j++) m[r]![j]! -= f * m[c]![j]!;
    }
  }
  return m.map((row, i) => (row[i] === 0 ? 0 : row[n]! / row[i]!));
}

const shares = measureShares();
const frequencies: Frequencies = { share: (term) => shares.get(term) ?? MEASURED.share(term) };

const HOUR = 3_600_000;
const WINDOW = 72;
const STRETCH = Number(process.env.STRETCH ?? 3);
/** Densities (items within three days) at which pairs are shown to the models, besides the sets' own. */
const DENSITIES = [30, 300, 3000];
/** A cheap fixed sequence of numbers in 0–1, so that a training run can be repeated. */
let seed = 7;
const random = (): number => {
  seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff;
  return seed / 0x7fffffff;
};

const story: Record<'same' | 'cross', Example[]> = { same: [], cross: [] };
const affair: Record<'same' | 'cross', Example[]> = { same: [], cross: [] };
for (const items of sets) {
  const features = items.map(read);
  const near = features.map((f) => features.filter((g) => Math.abs(f.at! - g.at!) <= WINDOW * HOUR).length);
  const strangers: { i: number; j: number }[] = [];
  items.forEach((a, i) => {
    for (let j = 0; j < i; j++) {
      const b = items[j]!;
      if (a.story === null && b.story === null) continue;
      const hours = Math.abs(features[i]!.at! - features[j]!.at!) / HOUR;
      const isSame = a.story !== null && a.story === b.story;
      const isAffair = a.affair !== null && a.affair === b.affair;
      const put = (to: typeof story, density: number, y: boolean, w: number, shown?: number) => {
        const view = viewPair(features[i]!, features[j]!, frequencies, {
          density,
          ...(shown === undefined ? {} : { hours: shown }),
        });
        if (view.shared.length > 0) to[view.sameGroup ? 'same' : 'cross'].push({ x: view.x, y: y ? 1 : 0, w });
      };
      if (hours <= WINDOW) {
        // Follow-ups within the window are the hard cases and few: they count thrice.
        put(story, near[i]!, isSame, isAffair && !isSame ? 3 : 1);
        // Reports of one event go on into the next days; labelled sets have more of the first hours than a feed reader sees.
        const later = () => (isSame ? Math.min(60, hours * (1 + STRETCH * random())) : hours);
        if (isSame || isAffair) for (const density of DENSITIES) put(story, density, isSame, isSame ? 1 : 3, later());
      }
      if (!isSame && a.affair !== null && b.affair !== null) put(affair, 0, isAffair, 1);
      if (!isSame && !isAffair) strangers.push({ i, j });
    }
  });
  // Items of different affairs as if they had come within three days of each other: each density has that many for each item.
  for (const density of DENSITIES) {
    const sample = strangers.filter(() => random() < 30_000 / strangers.length);
    const w = (items.length * density) / 2 / sample.length;
    for (const { i, j } of sample) {
      const view = viewPair(features[i]!, features[j]!, frequencies, { density, hours: random() * WINDOW });
      story[view.sameGroup ? 'same' : 'cross'].push({ x: view.x, y: 0, w });
    }
  }
}

const report = (name: string, examples: readonly Example[], weights: readonly number[]) => {
  const scored = examples.map(({ x, y, w }) => ({ y, w, z: weights.reduce((s, v, i) => s + v * x[i]!, 0) }));
  const best = [...Array(60).keys()].map((t) => {
    const cut = -5 + t / 6;
    const sum = (test: (s: (typeof scored)[number]) => boolean) => scored.reduce((n, s) => n + (test(s) ? s.w : 0), 0);
    const tp = sum((s) => s.z >= cut && s.y === 1);
    const fp = sum((s) => s.z >= cut && s.y === 0);
    const fn = sum((s) => s.z < cut && s.y === 1);
    return { cut, f1: (2 * tp) / (2 * tp + fp + fn || 1), p: tp / (tp + fp || 1), r: tp / (tp + fn || 1) };
  });
  const top = best.reduce((a, b) => (b.f1 > a.f1 ? b : a));
  console.log(name, examples.length, 'pairs', scored.filter((s) => s.y).length, 'alike', top);
};
const model = {
  story: { same: fitRidge(story.same, 2), cross: fitRidge(story.cross, 2) },
  affair: { same: fitRidge(affair.same, 4), cross: fitRidge(affair.cross, 4) },
};
report('story same', story.same, model.story.same);
report('story cross', story.cross, model.story.cross);
report('affair same', affair.same, model.affair.same);
report('affair cross', affair.cross, model.affair.cross);
FEATURE_NAMES.forEach((n, i) => {
  console.log(n.padEnd(18), model.story.same[i], model.story.cross[i], model.affair.same[i], model.affair.cross[i]);
});
writeFileSync(inRoot('src', 'story', 'model.json'), `${JSON.stringify(model)}\n`);
writeFileSync(
  inRoot('src', 'story', 'shares.tsv'),
  `# Share of stories that have a term; made by scripts/train-story.ts from test/gold.\n${[...shares].map(([t, s]) => `${t}\t${s.toFixed(4)}`).join('\n')}\n`,
);
