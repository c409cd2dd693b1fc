import { storyFeatures } from '../story/features.ts';
import { detectLanguage } from '../tag/language.ts';
import { tagItem, weighSoftly } from '../tag/tagger.ts';
import type { Tags } from '../tag/tags.ts';
import { isSameEvent, type Judge, type Neighbour, type Score, scoreStory, weighReport } from './score.ts';

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
  /** BCP 47, where it is known: a reader is shown a story by its report in the article's language first. */
  readonly lang?: string | undefined;
};

export type Entry = { readonly candidate: Candidate } & Score;

/** How many stories a stored list holds. */
export const LIST_LENGTH = 24;
/** Nothing below this expected gain: fewer entries rather than bad ones. Measured on test/gold (docs/stories.md). */
export const FLOOR = 0.7;
/**
 * An item of topic `other` that is of the beat with this likelihood has a list too, though it stands in none: every twentieth item of the
 * beat is taken for `other`, most of them at 0.3 and more, and of everyday headlines 4 in 1,000 reach 0.1.
 */
export const WORTH_A_LIST = 0.1;
/** What an entry loses for each earlier entry of its outlet. */
const OUTLET_STEP = 0.1;

/**
 * The Read next list of an article: the best report of each story among `candidates`, best story first, at most `limit`, none of the
 * article's own story, none below `FLOOR`. Outlets vary where scores allow. The order of `candidates` does not matter. Pure.
 * @param judge see `judgeOnce`
 * @param ofAnyNews an article off the beat, of which no list is stored, gets what resembles it instead of nothing
 */
export function makeList(
  article: Candidate,
  candidates: readonly Candidate[],
  limit: number = LIST_LENGTH,
  judge?: Judge,
  ofAnyNews = false,
): readonly Entry[] {
  const byText = ofAnyNews && article.tags.topic === 'other';
  const entries = byStory(candidates.filter((c) => mayStandFor(article, c)))
    .map((reports) => scoreEntry(article, reports, judge))
    .map((entry) => (byText ? { ...entry, score: entry.alike } : entry))
    .filter((e) => (byText ? e.score >= PLAIN_FLOOR : isWorthReading(e)))
    .sort(better);
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

/** The entry that a candidate would be by itself in the list of an article; null where it does not belong there. Pure. */
export function entryFor(article: Candidate, candidate: Candidate, judge?: Judge): Entry | null {
  if (!mayStandFor(article, candidate)) return null;
  const entry = scoreEntry(article, [candidate], judge);
  return isWorthReading(entry) ? entry : null;
}

/** Neither the article itself nor another report of its story. */
const mayStandFor = (article: Candidate, { id, story }: Candidate): boolean =>
  id !== article.id && (story === null || story !== article.story);

const isWorthReading = (e: Entry): boolean =>
  e.score >= FLOOR && (e.candidate.tags.topic !== 'other' || e.affair >= 0.5);

/** Two texts of one kind of event reach this, strangers seldom (test/story/general.jsonl). */
const PLAIN_FLOOR = 0.03;

/** Candidates by story, those without one alone. */
function byStory(candidates: readonly Candidate[]): Candidate[][] {
  const stories = new Map<string | number, Candidate[]>();
  const alone: Candidate[][] = [];
  for (const candidate of candidates) {
    if (candidate.story === null) alone.push([candidate]);
    else stories.set(candidate.story, [...(stories.get(candidate.story) ?? []), candidate]);
  }
  return [...stories.values(), ...alone];
}

/** How much the report that a reader would be shown counts for each other one. */
const SHOWN_WEIGHT = 3;

/** A story as an entry, by the report that a reader would be shown. */
function scoreEntry(article: Candidate, reports: readonly Candidate[], judge?: Judge): Entry {
  const shown = reports.reduce((a, b) => (isShownBefore(article, b, a) ? b : a));
  const weights = reports.map((report) => (report === shown ? SHOWN_WEIGHT * reports.length : 1));
  const parts = reports.map((report) => weighReport(article, report, judge));
  return { candidate: shown, ...scoreStory(parts, weights, FLOOR) };
}

/** The order of glasnik.best_report: the article's language, originals, leads that say something, the earliest. */
function isShownBefore(article: Candidate, a: Candidate, b: Candidate): boolean {
  const rank = (c: Candidate) =>
    (c.lang === article.lang ? 4 : 0) + (c.isCopy ? 0 : 2) + (leadWords(c) >= LEAD_WORDS ? 1 : 0);
  const moment = (c: Candidate) => c.features.at ?? Number.POSITIVE_INFINITY;
  return rank(a) !== rank(b) ? rank(a) > rank(b) : moment(a) !== moment(b) ? moment(a) < moment(b) : a.id < b.id;
}

/** A lead of 60 characters has about so many words of meaning. */
const LEAD_WORDS = 6;
const leadWords = ({ features }: Candidate): number => features.sequence.length - features.titleLength;

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
  return makeList(ready(article), pool.map(ready), k, undefined, true).map((e) => String(e.candidate.id));
}

function ready(item: ReadNextItem): Candidate {
  const { title, summary } = item;
  const tags = item.tags ?? tagItem({ title, summary, lang: item.lang ?? null });
  const lang =
    item.lang ?? ('lang' in tags ? (tags.lang as string) : detectLanguage(`${title ?? ''} ${summary ?? ''}`));
  return {
    id: item.id,
    story: item.story ?? null,
    lang,
    outlet: item.outlet ?? null,
    isCopy: (item.copyOf ?? null) !== null,
    tags,
    soft: item.tags ? undefined : weighSoftly({ title, summary, lang: item.lang ?? null }),
    features: storyFeatures({ ...item, lang, tags }),
  };
}
