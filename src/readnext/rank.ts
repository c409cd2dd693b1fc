import { storyFeatures } from '../story/features.ts';
import { detectLanguage } from '../tag/language.ts';
import { tagItem } from '../tag/tagger.ts';
import type { Tags } from '../tag/tags.ts';
import { isSameEvent, type Judge, type Neighbour, type Score, scoreCandidate } from './score.ts';

/** An article or candidate as the library takes it; tags and story are found where they are not given. */
export type ReadNextItem = {
  readonly id: string;
  readonly lang?: string | null;
  readonly title: string | null;
  readonly summary: string | null;
  readonly publishedAt: string | Date | null;
  readonly tags?: Pick<Tags, 'topic' | 'countries' | 'cooperation' | 'orgs'> | null;
  readonly story?: string | number | null;
  readonly copyOf?: string | number | null;
  readonly outlet?: string | null;
};

/** A candidate ready for ranking. */
export type Candidate = Neighbour & {
  readonly id: string | number;
  /** Null where no story is known: then what reports one event is found by comparing. */
  readonly story: string | number | null;
  readonly outlet: string | null;
  readonly isCopy: boolean;
};

export type Entry = { readonly candidate: Candidate } & Score;

/** How many stories a stored list holds. */
export const LIST_LENGTH = 24;
/** Nothing below this expected gain: fewer entries rather than bad ones. Measured on test/gold (docs/stories.md). */
export const FLOOR = 0.6;
/** What an entry loses for each earlier entry of its outlet. */
const OUTLET_STEP = 0.1;

/**
 * The Read next list of an article: the best report of each story among `candidates`, best story first, at most `limit`, none of the
 * article's own story, none below `FLOOR`. Outlets vary where scores allow. The order of `candidates` does not matter. Pure.
 */
export function makeList(
  article: Candidate,
  candidates: readonly Candidate[],
  limit: number = LIST_LENGTH,
  judge?: Judge,
): readonly Entry[] {
  const entries = candidates.flatMap((candidate) => entryFor(article, candidate, judge) ?? []).sort(better);
  const list: Entry[] = [];
  const outlets = new Map<string, number>();
  const waiting = [...entries];
  while (list.length < limit && waiting.length > 0) {
    const at = bestOf(waiting, outlets);
    const entry = waiting.splice(at, 1)[0]!;
    if (isTold(article, entry, list)) continue;
    list.push(entry);
    const { outlet } = entry.candidate;
    if (outlet !== null) outlets.set(outlet, (outlets.get(outlet) ?? 0) + 1);
  }
  return list;
}

/** The entry that a candidate would be in the list of an article; null where it does not belong there. Pure. */
export function entryFor(article: Candidate, candidate: Candidate, judge?: Judge): Entry | null {
  if (candidate.id === article.id || (candidate.story !== null && candidate.story === article.story)) return null;
  const scored = scoreCandidate(article, candidate, judge);
  if (scored.score < FLOOR || (candidate.tags.topic === 'other' && scored.affair < 0.5)) return null;
  return { candidate, ...scored };
}

const better = (a: Entry, b: Entry): number =>
  b.score - a.score ||
  Number(a.candidate.isCopy) - Number(b.candidate.isCopy) ||
  (b.candidate.features.at ?? 0) - (a.candidate.features.at ?? 0) ||
  (a.candidate.id < b.candidate.id ? -1 : 1);

/** The place of the best entry when outlets that were shown already count a little less; entries are in order of score. */
function bestOf(waiting: readonly Entry[], outlets: ReadonlyMap<string, number>): number {
  let best = 0;
  let top = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < waiting.length; i++) {
    const { score, candidate } = waiting[i]!;
    if (score <= top) break;
    const value = score - OUTLET_STEP * (candidate.outlet === null ? 0 : (outlets.get(candidate.outlet) ?? 0));
    if (value > top) [best, top] = [i, value];
  }
  return best;
}

/** Whether the event of an entry is the article's own or stands in the list already. */
function isTold(article: Candidate, { candidate }: Entry, list: readonly Entry[]): boolean {
  if (candidate.story !== null) return list.some((e) => e.candidate.story === candidate.story);
  return isSameEvent(article, candidate) || list.some((e) => isSameEvent(e.candidate, candidate));
}

/**
 * Ids of what to read after `article`, best first, at most `k`. The article itself and other reports of its event never belong in the
 * list, and one event is there once. Pure; the order of `pool` does not matter.
 */
export function rankReadNext(article: ReadNextItem, pool: readonly ReadNextItem[], k: number): readonly string[] {
  return makeList(ready(article), pool.map(ready), k).map((e) => String(e.candidate.id));
}

function ready(item: ReadNextItem): Candidate {
  const { title, summary } = item;
  const tags = item.tags ?? tagItem({ title, summary, lang: item.lang ?? null });
  const lang =
    item.lang ?? ('lang' in tags ? (tags.lang as string) : detectLanguage(`${title ?? ''} ${summary ?? ''}`));
  return {
    id: item.id,
    story: item.story ?? null,
    outlet: item.outlet ?? null,
    isCopy: (item.copyOf ?? null) !== null,
    tags,
    features: storyFeatures({ ...item, lang, tags }),
  };
}
