import type { Features } from './features.ts';
import { type Judgment, judgePair } from './judge.ts';
import { type Shared, sharedTerms } from './pair.ts';
import { type Sketch, sketchOf } from './sketch.ts';

/** Items and stories are known by number (ids of the database, where the smaller is the older) or by any string. */
export type Id = number | string;

/** An item that takes part in relating. */
export type RelateItem = {
  readonly id: Id;
  /** Its story at present; a new item has one of its own. */
  readonly story: Id;
  readonly copyOf: Id | null;
  readonly features: Features | Sketch;
  /** Breaks ties between items of one moment, the same in every run: the address key. */
  readonly key: string;
};

/** Two stories turn out to be one: `from` ends, `to` (the older) goes on. */
export type Join = { readonly from: Id; readonly to: Id };

/** Why a new item is where it is. */
export type RelateEvidence = {
  /** The item of its story that is nearest to it, if it has company. */
  readonly nearest: { readonly id: Id; readonly same: number; readonly why: readonly Shared[] } | null;
  /** The nearest item of another story, and how far it was from being joined. */
  readonly runnerUp: {
    readonly id: Id;
    readonly story: Id;
    readonly same: number;
    readonly why: readonly Shared[];
  } | null;
};

export type RelateResult = {
  /** Story of each item of the batch. */
  readonly stories: ReadonlyMap<Id, Id>;
  readonly joins: readonly Join[];
  /** Items whose `copyOf` is now another than it was, stored ones included; the original of copies is the earliest. */
  readonly copyOf: ReadonlyMap<Id, Id>;
  readonly evidence: ReadonlyMap<Id, RelateEvidence>;
};

export type RelateInput = {
  readonly batch: readonly RelateItem[];
  /** Stored items found by the keys of the batch, with the other members of their stories. */
  readonly stored: readonly RelateItem[];
  /** Of each of the batch the stored items that it is compared with; where there is none, all that it shares a key with. */
  readonly near?: ReadonlyMap<Id, ReadonlySet<Id>>;
  /** How many items were published within three days of a moment (milliseconds; null stands for now). */
  readonly densityAt: (at: number | null) => number;
  /** Items further apart are never compared; default 72. */
  readonly windowHours?: number;
};

export const DEFAULT_WINDOW_HOURS = 72;
/** Log-odds at which a cluster takes in an item, and two stored stories become one. */
export const JOIN_LOGIT = 0.4;
export const JOIN_STORIES_LOGIT = 0.5;
/** Log-odds are cut here before they are averaged: one pair that shares nothing must not outweigh three that share much. */
const FLOOR = -4;
const CEILING = 6;

/** What is known of two clusters: the log-odds of the member pairs that were judged. */
type Link = { readonly sum: number; readonly pairs: number; readonly best: number };

/** How much the best pair counts beside the mean: late reports resemble some of a story's reports well and others hardly. */
const BEST_SHARE = 0.1;
const strengthOf = ({ sum, pairs, best }: Link): number => BEST_SHARE * best + (1 - BEST_SHARE) * (sum / pairs);
const bothLinks = (a: Link | undefined, b: Link): Link =>
  a === undefined ? b : { sum: a.sum + b.sum, pairs: a.pairs + b.pairs, best: Math.max(a.best, b.best) };

type Cluster = {
  readonly members: RelateItem[];
  /** Stories that were there before the batch, oldest first; none for a new item. */
  readonly stories: Id[];
  /** Judged neighbours: cluster → sum and number of log-odds of member pairs. */
  readonly links: Map<Cluster, Link>;
  alive: boolean;
};

/**
 * Relates a batch of new items to each other and to what is stored: agglomerative clustering over the log-odds of pairs (half mean, half best pair), best link
 * first, in which stored stories are clusters from the beginning and are never taken apart. The partition depends on the items alone,
 * not on their order in `batch` or `stored`. Pure.
 */
export function relateBatch(input: RelateInput): RelateResult {
  const window = input.windowHours ?? DEFAULT_WINDOW_HOURS;
  const batch = [...input.batch].sort(byTime);
  const fresh = new Set(batch.map((i) => i.id));
  const stored = input.stored.filter((i) => !fresh.has(i.id)).sort(byTime);
  const judged = judgeAll(batch, stored, input, window);
  const clusters = group([...stored, ...batch], fresh);
  link(clusters, judged);
  merge(clusters);
  const alive = clusters.filter((c) => c.alive);
  const stories = new Map<Id, Id>();
  const joins: Join[] = [];
  for (const { members, stories: before } of alive) {
    const to = before[0] ?? oldest(members.map((m) => m.story));
    for (const from of before) if (from !== to) joins.push({ from, to });
    for (const m of members) if (fresh.has(m.id)) stories.set(m.id, to);
  }
  return {
    stories,
    joins,
    copyOf: findCopies(batch, stored, judged),
    evidence: explainAll(batch, stories, stored, joins, judged),
  };
}

const byTime = (a: RelateItem, b: RelateItem): number =>
  (a.features.at ?? 0) - (b.features.at ?? 0) || (a.key < b.key ? -1 : a.key > b.key ? 1 : compareIds(a.id, b.id));

/** Older first. Numbers before strings; strings as text. */
export function compareIds(a: Id, b: Id): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  if (typeof a !== typeof b) return typeof a === 'number' ? -1 : 1;
  return a < b ? -1 : a > b ? 1 : 0;
}

const oldest = (ids: readonly Id[]): Id => ids.reduce((a, b) => (compareIds(a, b) <= 0 ? a : b));

type Verdict = Pick<Judgment, 'logit' | 'same' | 'copy'>;

/** Judgments by the two items, in either order. */
class Judged {
  readonly #of = new Map<Id, Map<Id, Verdict>>();
  put(a: Id, b: Id, judgment: Verdict): void {
    for (const [p, q] of [[a, b] as const, [b, a] as const]) {
      const row = this.#of.get(p) ?? new Map<Id, Verdict>();
      this.#of.set(p, row.set(q, judgment));
    }
  }
  of(a: Id): ReadonlyMap<Id, Verdict> {
    return this.#of.get(a) ?? new Map();
  }
}

function judgeAll(
  batch: readonly RelateItem[],
  stored: readonly RelateItem[],
  { densityAt, near }: RelateInput,
  window: number,
): Judged {
  const judged = new Judged();
  const limit = window * 3_600_000;
  const place = new Map(stored.map((item, i) => [item.id, i]));
  batch.forEach((b, j) => {
    const density = densityAt(b.features.at);
    const own = new Set(b.features.keys);
    const judge = (a: RelateItem): void => {
      if (Math.abs((a.features.at ?? 0) - (b.features.at ?? 0)) > limit) return;
      if (density > SMALL && !hasOneOf(a.features.keys, own) && a.story !== b.story) return;
      const { logit, same, copy } = judgePair(a.features, b.features, { density });
      judged.put(a.id, b.id, { logit, same, copy }); // thousands are kept for a batch: no more of each than is asked for
    };
    const among = near?.get(b.id);
    if (among) {
      const places = [...among].flatMap((id) => place.get(id) ?? []).sort((p, q) => p - q);
      for (const i of places) judge(stored[i]!);
    } else stored.forEach(judge);
    for (let i = 0; i < j; i++) judge(batch[i]!);
  });
  return judged;
}

function hasOneOf(keys: ArrayLike<number>, among: ReadonlySet<number>): boolean {
  for (let i = 0; i < keys.length; i++) if (among.has(keys[i]!)) return true;
  return false;
}

/** In a window of so few items every pair is judged, key in common or not. */
const SMALL = 60;

/** Clusters to begin with: what shares a story stays together. A new item's own story, which nothing else is in, may simply end. */
function group(items: readonly RelateItem[], fresh: ReadonlySet<Id>): Cluster[] {
  const of = new Map<Id, RelateItem[]>();
  for (const item of items) of.set(item.story, [...(of.get(item.story) ?? []), item]);
  return [...of].map(([story, members]) => {
    const isNew = members.length === 1 && fresh.has(members[0]!.id);
    return { members, stories: isNew ? [] : [story], links: new Map(), alive: true };
  });
}

function link(clusters: readonly Cluster[], judged: Judged): void {
  const of = new Map(clusters.flatMap((c) => c.members.map((m) => [m.id, c] as const)));
  for (const c of clusters) {
    for (const m of c.members) {
      for (const [other, { logit }] of judged.of(m.id)) {
        const d = of.get(other)!;
        if (d === c) continue;
        const cut = Math.min(CEILING, Math.max(FLOOR, logit));
        c.links.set(d, bothLinks(c.links.get(d), { sum: cut, pairs: 1, best: cut }));
      }
    }
  }
}

/** Merges until no link is strong enough. Ties go to the clusters whose first members are earlier. */
function merge(clusters: readonly Cluster[]): void {
  for (;;) {
    let best: { a: Cluster; b: Cluster; strength: number } | null = null;
    for (const a of clusters) {
      if (!a.alive) continue;
      for (const [b, link] of a.links) {
        const strength =
          strengthOf(link) - (a.stories.length > 0 && b.stories.length > 0 ? JOIN_STORIES_LOGIT : JOIN_LOGIT);
        if (strength > 0 && (best === null || strength > best.strength + 1e-9)) best = { a, b, strength };
      }
    }
    if (best === null) return;
    absorb(best.a, best.b);
  }
}

function absorb(a: Cluster, b: Cluster): void {
  a.members.push(...b.members);
  a.members.sort(byTime);
  a.stories.push(...b.stories);
  a.stories.sort(compareIds);
  b.alive = false;
  a.links.delete(b);
  for (const [c, link] of b.links) {
    if (c === a) continue;
    const both = bothLinks(a.links.get(c), link);
    a.links.set(c, both);
    c.links.delete(b);
    c.links.set(a, both);
  }
  b.links.clear();
}

/** For each item the earliest item that it republishes, through any chain of copies. */
function findCopies(batch: readonly RelateItem[], stored: readonly RelateItem[], judged: Judged): Map<Id, Id> {
  const items = [...stored, ...batch].sort(byTime);
  const rank = new Map(items.map((item, i) => [item.id, i]));
  const original = new Map<Id, Id>(items.filter((i) => i.copyOf !== null).map((i) => [i.id, i.copyOf!]));
  for (const item of items) {
    const earlier = [...judged.of(item.id)]
      .filter(([id, j]) => j.copy >= 0.5 && rank.get(id)! < rank.get(item.id)!)
      .sort(([a, p], [b, q]) => q.copy - p.copy || rank.get(a)! - rank.get(b)!);
    const nearest = earlier[0]?.[0];
    if (nearest !== undefined) original.set(item.id, original.get(nearest) ?? nearest);
  }
  // What was an original and is none any more hands its copies on.
  const changed = new Map<Id, Id>();
  for (const item of items) {
    let root = original.get(item.id);
    for (let hops = 0; root !== undefined && original.has(root) && hops < items.length; hops++)
      root = original.get(root);
    if (root !== undefined && root !== item.id && root !== item.copyOf) changed.set(item.id, root);
  }
  return changed;
}

function explainAll(
  batch: readonly RelateItem[],
  stories: ReadonlyMap<Id, Id>,
  stored: readonly RelateItem[],
  joins: readonly Join[],
  judged: Judged,
): Map<Id, RelateEvidence> {
  const joined = new Map(joins.map(({ from, to }) => [from, to]));
  const storyOf = new Map<Id, Id>(stored.map((i) => [i.id, joined.get(i.story) ?? i.story]));
  for (const [id, story] of stories) storyOf.set(id, story);
  const featuresOf = new Map<Id, Features | Sketch>([...stored, ...batch].map((i) => [i.id, i.features]));
  const evidence = new Map<Id, RelateEvidence>();
  for (const { id, features } of batch) {
    let own: readonly [Id, Verdict] | null = null;
    let other: readonly [Id, Verdict] | null = null;
    for (const pair of judged.of(id)) {
      if (storyOf.get(pair[0]) === storyOf.get(id)) own = nearer(own, pair);
      else other = nearer(other, pair);
    }
    const told = ([to, { same }]: readonly [Id, Verdict]) => ({
      id: to,
      same,
      why: 'v' in features ? sharedTerms(features, sketchOf(featuresOf.get(to)!)).slice(0, 8) : [],
    });
    evidence.set(id, {
      nearest: own && told(own),
      runnerUp: other && { ...told(other), story: storyOf.get(other[0])! },
    });
  }
  return evidence;
}

const nearer = (a: readonly [Id, Verdict] | null, b: readonly [Id, Verdict]): readonly [Id, Verdict] =>
  a === null || b[1].logit > a[1].logit || (b[1].logit === a[1].logit && compareIds(b[0], a[0]) < 0) ? b : a;
