import { tagItem } from '../tag/tagger.ts';
import { DEFAULT_WINDOW_HOURS, type Id, type RelateItem, relateBatch } from './cluster.ts';
import { storyFeatures } from './features.ts';
import { createWindowIndex, MAX_MEMBERS } from './window.ts';

/** An item as the library takes it. */
export type ClusterInput = {
  readonly id: string;
  /** BCP 47; detected where it is not given. */
  readonly lang?: string | null;
  readonly title: string | null;
  readonly summary: string | null;
  readonly publishedAt: string | Date | null;
};

type Known = { readonly story: number; readonly copyOf: Id | null };

/** Where an item belongs: the id of its story and of the item that it republishes. */
export type Placed = { readonly story: string; readonly copyOf: string | null };

export type Clusterer = {
  /** Takes the next item of a stream in time order and says where it belongs by what is known so far. */
  readonly add: (item: ClusterInput) => Placed;
  /** Where every item belongs after all later joins. */
  readonly finish: () => Map<string, Placed>;
};

/**
 * Stories in memory, by the very code that runs over the database: for a stream of items in time order, of any languages. Items with
 * an id that was added before are answered with their present place. Stories are named `story-1`, `story-2`, …
 */
export function createClusterer(options: { readonly windowHours?: number } = {}): Clusterer {
  const windowHours = options.windowHours ?? DEFAULT_WINDOW_HOURS;
  const index = createWindowIndex(windowHours);
  const items = new Map<Id, Known>();
  const members = new Map<number, RelateItem[]>();
  let stories = 0;

  const now = (item: RelateItem): RelateItem => ({ ...item, ...items.get(item.id)! });
  const placed = (id: Id): Placed => {
    const { story, copyOf } = items.get(id)!;
    return { story: `story-${story}`, copyOf: copyOf === null ? null : String(copyOf) };
  };
  /** What a new item is compared with: the items that share its keys, and the latest others of their stories. */
  const storedFor = (found: readonly RelateItem[]): RelateItem[] => {
    const known = new Map(found.map((item) => [item.id, item]));
    for (const { id } of found) {
      for (const item of members.get(items.get(id)!.story)!.slice(-MAX_MEMBERS)) known.set(item.id, item);
    }
    return [...known.values()].map(now);
  };
  const move = (from: number, to: number): void => {
    const moved = members.get(from) ?? [];
    for (const { id } of moved) items.set(id, { ...items.get(id)!, story: to });
    members.set(to, [...(members.get(to) ?? []), ...moved]);
    members.delete(from);
  };

  return {
    add(input) {
      if (items.has(input.id)) return placed(input.id);
      const features = storyFeatures({ ...input, ...readTags(input) });
      const item: RelateItem = { id: input.id, story: ++stories, copyOf: null, features, key: input.id };
      const result = relateBatch({
        batch: [item],
        stored: storedFor(index.candidates(features)),
        densityAt: () => index.size() + 1,
        windowHours,
      });
      for (const { from, to } of result.joins) move(from as number, to as number);
      const story = result.stories.get(item.id) as number;
      items.set(item.id, { story, copyOf: null });
      members.set(story, [...(members.get(story) ?? []), item]);
      for (const [id, original] of result.copyOf) items.set(id, { ...items.get(id)!, copyOf: original });
      index.add(item);
      return placed(input.id);
    },
    finish: () => new Map([...items.keys()].map((id) => [String(id), placed(id)])),
  };
}

function readTags({ title, summary, lang }: ClusterInput) {
  const tags = tagItem({ title, summary, lang: lang ?? null });
  return { tags, lang: tags.lang };
}
