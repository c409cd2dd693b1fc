/** Relates labelled items in memory as a worker would: in twelve rounds in order of time. */
import { type Id, type RelateItem, relateBatch } from '../src/story/cluster.ts';
import type { Features } from '../src/story/features.ts';

const ROUNDS = 12;
const THREE_DAYS = 72 * 3_600_000;

/** Story and original of every item after the last round; `items` in order of time. */
export function relateInRounds(
  items: readonly { readonly id: string; readonly features: Features }[],
): ReadonlyMap<Id, RelateItem> {
  const placed = new Map<Id, RelateItem>();
  const all = items.map(({ id, features }, i): RelateItem => ({ id, story: i + 1, copyOf: null, key: id, features }));
  const close = (a: RelateItem, at: number | null) => Math.abs(a.features.at! - at!) <= THREE_DAYS;
  for (let round = 0; round < ROUNDS; round++) {
    const batch = all.slice(Math.ceil((all.length * round) / ROUNDS), Math.ceil((all.length * (round + 1)) / ROUNDS));
    const stored = [...placed.values()].filter((i) => batch.some((b) => close(i, b.features.at)));
    const known = [...placed.values(), ...batch];
    const result = relateBatch({ batch, stored, densityAt: (at) => known.filter((i) => close(i, at)).length });
    const to = new Map(result.joins.map((join) => [join.from, join.to]));
    for (const item of batch) placed.set(item.id, item);
    for (const [id, item] of placed) {
      const story = result.stories.get(id) ?? to.get(item.story) ?? item.story;
      placed.set(id, { ...item, story, copyOf: result.copyOf.get(id) ?? item.copyOf });
    }
  }
  return placed;
}
