import { hashTerm } from '../story/terms.ts';
import type { SoftTags, Tags } from '../tag/tags.ts';

/** A key under which an item is found as a neighbour, and what sharing it is worth beside sharing others. */
export type NeighbourKey = { readonly key: number; readonly weight: number };

/** What sharing a key of the story room (a rare word, a pair of concepts) is worth: signs of one affair. */
const STORY_KEY_WEIGHT = 2;

/**
 * Marks the keys of the story room as list keys: off the beat are most items, and they would stand before those that lists are
 * made of under every common key.
 */
export const LISTED = 0x5bd1e995;

/** All keys under which an item that lists are made for and of is found by such items. */
export const listKeys = (
  tags: Parameters<typeof neighbourKeys>[0],
  storyKeys: readonly number[],
  soft?: SoftTags,
): NeighbourKey[] => [
  ...neighbourKeys(tags, soft),
  ...storyKeys.map((key) => ({ key: key ^ LISTED, weight: STORY_KEY_WEIGHT })),
];

/** What is this likely is looked for too, though the tagger decided against it. */
const WORTH_A_KEY = 0.3;

/**
 * What two items must share to be worth comparing for Read next: two states together or a kind of cooperation with a state (what
 * makes grade 2), then each alone. 32-bit numbers, in one space with the keys of the story room (their names begin otherwise, so
 * they meet only by the accident of a hash).
 */
function neighbourKeys(tags: Pick<Tags, 'countries' | 'cooperation' | 'orgs'>, soft?: SoftTags): NeighbourKey[] {
  const likely = (of: Readonly<Record<string, number>> = {}, given = 1) =>
    Object.keys(of).filter((name) => of[name]! * given >= WORTH_A_KEY);
  const countries = [...new Set([...tags.countries, ...likely(soft?.countries)])].sort().slice(0, 8);
  const relevance = soft?.topics['defence-cooperation'];
  const kinds = [...new Set<string>([...tags.cooperation, ...likely(soft?.cooperation, relevance)])].sort();
  const pairs = countries.flatMap((one, i) => countries.slice(i + 1).map((other) => `list:pair:${one}:${other}`));
  const kindsWith = kinds.flatMap((kind) => countries.map((country) => `list:kind:${kind}:${country}`));
  const alone = [...countries.map((c) => `list:country:${c}`), ...kinds.map((k) => `list:kind:${k}`)];
  const weighed = (terms: readonly string[], weight: number) => terms.map((term) => ({ key: hashTerm(term), weight }));
  return [
    ...weighed(pairs, 2),
    ...weighed(kindsWith, 2),
    ...weighed(alone, 1),
    ...weighed(
      tags.orgs.map((org) => `list:org:${org}`),
      0.5,
    ),
  ];
}
