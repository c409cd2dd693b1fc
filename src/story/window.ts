import type { RelateItem } from './cluster.ts';
import type { Features } from './features.ts';

/**
 * The items of the last days, found by their keys: in memory what an index on (key, sort_at) is in the database.
 */
export type WindowIndex = {
  readonly add: (item: RelateItem) => void;
  /** The items that share most with `features`: by the summed rarity of common keys, at most `MAX_CANDIDATES`. */
  readonly candidates: (features: Features) => readonly RelateItem[];
  readonly size: () => number;
};

/** As many stored items are judged for each new one. */
export const MAX_CANDIDATES = 40;
/** And for each of their stories at most so many of its other, latest items. */
export const MAX_MEMBERS = 24;

/** Items whose date lies more than `windowHours` before the newest one fall out; items without a date stand where they were added. */
export function createWindowIndex(windowHours: number): WindowIndex {
  const byKey = new Map<number, Set<RelateItem>>();
  const at = new Map<RelateItem, number>();
  let newest = Number.NEGATIVE_INFINITY;

  const forget = (item: RelateItem): void => {
    at.delete(item);
    for (const key of item.features.keys) {
      const items = byKey.get(key)!;
      items.delete(item);
      if (items.size === 0) byKey.delete(key);
    }
  };
  return {
    add(item) {
      const moment = item.features.at ?? newest;
      newest = Math.max(newest, moment);
      at.set(item, moment);
      for (const key of item.features.keys) {
        const items = byKey.get(key) ?? new Set();
        byKey.set(key, items.add(item));
      }
      // The oldest were added first, more or less: what is still within reach stops the sweep.
      for (const [old, when] of at) {
        if (newest - when <= windowHours * 3_600_000) break;
        forget(old);
      }
    },
    candidates(features) {
      if (at.size <= MAX_CANDIDATES) return [...at.keys()];
      const scores = new Map<RelateItem, number>();
      for (const key of features.keys) {
        const items = byKey.get(key);
        if (items === undefined) continue;
        const rarity = Math.log(1 + at.size / items.size);
        for (const item of items) scores.set(item, (scores.get(item) ?? 0) + rarity);
      }
      return [...scores]
        .sort(([a, p], [b, q]) => q - p || (a.key < b.key ? -1 : 1))
        .slice(0, MAX_CANDIDATES)
        .map(([item]) => item);
    },
    size: () => at.size,
  };
}
