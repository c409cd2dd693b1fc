import { tagItem } from '../tag/tagger.ts';
import { DEFAULT_WINDOW_HOURS, type Id, type RelateItem, relateBatch } from './cluster.ts';
import { storyFeatures } from './features.ts';
import { createWindowIndex } from './window.ts';

/** An item as the library takes it. */
export type ClusterInput = {
  readonly id: string;
  /** BCP 47; detected where it is not given. */
  readonly lang?: string | null;
  readonly title: string | null;
  readonly summary: string | null;
  readonly publishedAt: string | Date | null;
};

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
  const items = new Map<Id, { story: number; copyOf: Id | null }>();
  const redirects = new Map<number, number>();
  let stories = 0;
  const present = (story: number): number => {
    let now = story;
    while (redirects.has(now)) now = redirects.get(now)!;
    return now;
  };
  const placed = (id: Id): Placed => {
    const { story, copyOf } = items.get(id)!;
    return { story: `story-${present(story)}`, copyOf: copyOf === null ? null : String(copyOf) };
  };
  return {
    add(input) {
      if (items.has(input.id)) return placed(input.id);
      const features = storyFeatures({ ...input, ...readTags(input) });
      const own = { story: ++stories, copyOf: null as Id | null };
      const item: RelateItem = { id: input.id, story: own.story, copyOf: null, features, key: input.id };
      const now = (other: RelateItem): RelateItem => {
        const at = items.get(other.id)!;
        return { ...other, story: present(at.story), copyOf: at.copyOf };
      };
      const found = index.candidates(features).map(now);
      const wanted = new Set(found.map((f) => f.story));
      const members = index
        .recent()
        .map(now)
        .filter((m) => wanted.has(m.story));
      const result = relateBatch({ batch: [item], stored: members, densityAt: () => index.size(), windowHours });
      items.set(input.id, own);
      own.story = result.stories.get(item.id) as number;
      for (const { from, to } of result.joins) redirects.set(from as number, to as number);
      for (const [id, original] of result.copyOf) items.get(id)!.copyOf = original;
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
