import type { Features } from '../story/features.ts';
import { type Judgment, judgePair } from '../story/judge.ts';
import { sigmoid } from '../story/pair.ts';
import { placeOf, type Sketch, sketchOf } from '../story/sketch.ts';
import type { Cooperation, Tags } from '../tag/tags.ts';
import type { Reason } from './reasons.ts';

/** An item as Read next sees it: what relating computed and what the tagger said. */
export type Neighbour = {
  readonly features: Features | Sketch;
  readonly tags: Pick<Tags, 'topic' | 'countries' | 'cooperation' | 'orgs'>;
};

export type Score = {
  /** Expected gain, 0–7 (2^grade − 1 by the table of grades), with small steps for closeness and currency. */
  readonly score: number;
  /** Probability that the two are of one developing affair, 0–1. */
  readonly affair: number;
  readonly reasons: readonly Reason[];
};

/** What one grade is worth: 2^grade − 1. */
const GAIN = [0, 1, 3, 7] as const;
/** A candidate further away than this counts one grade lower, unless it is of the same affair. */
export const STALE_DAYS = 120;
const HARD: ReadonlySet<string> = new Set(['defence-cooperation', 'defence', 'security']);
const DAY = 86_400_000;
/**
 * An affair cools: two labelled sets call what looks alike one affair at any distance, two others hardly ever beyond a month. Log-odds
 * fall by this much for each factor e beyond the first fortnight: about 1.5 at a month, 3 at 120 days.
 */
const AGE_LOGITS = 1.2;
/** Items within three days at which the two are compared: few, since only near misses matter here. */
const OWN_DENSITY = 5;

type Compared = Neighbour['features'];

/** What is thought of two items by their features; whose turn it is does not matter. */
export type Judge = (a: Compared, b: Compared) => Judgment;

const judgeNeighbours: Judge = (a, b) => judgePair(a, b, { density: OWN_DENSITY });

/** Judges the pairs of one item, each once: an item is scored for its neighbours' lists as they are for its own. */
export function judgeOnce(item: Compared): Judge {
  const judged = new Map<Compared, Judgment>();
  return (a, b) => {
    const other = a === item ? b : a;
    const known = judged.get(other) ?? judgeNeighbours(a, b);
    judged.set(other, known);
    return known;
  };
}

/**
 * How much a reader of `article` gains from `candidate`: 3 for the same affair, 2 for defence or security with two of its states or the
 * same kind of cooperation with one, 1 for context, 0 else; what is uncertain counts by its probability. Pure.
 */
export function scoreCandidate(article: Neighbour, candidate: Neighbour, judge: Judge = judgeNeighbours): Score {
  const judged = judge(article.features, candidate.features);
  const days = distanceInDays(article.features.at, candidate.features.at);
  const affair = sigmoid(judged.affair - AGE_LOGITS * Math.log1p(Math.max(0, days - 5) / 10));
  const countries = candidate.tags.countries.filter((c) => article.tags.countries.includes(c));
  const kinds = candidate.tags.cooperation.filter((k) => article.tags.cooperation.includes(k));
  const { grade, reasons } = gradeByTags(candidate, countries, kinds);
  const byTags = GAIN[Math.max(0, grade - (days > STALE_DAYS ? 1 : 0)) as 0 | 1 | 2];
  const sure = countries.filter((c) => isNamed(article, c) && isNamed(candidate, c)).length;
  const close = Math.min(
    1,
    0.3 * Math.min(2, sure) + 0.15 * kinds.length + 0.05 * sharedOrgs(article, candidate).length,
  );
  const current = 0.3 * Math.exp(-days / 30);
  const gain = affair * GAIN[3] + (1 - affair) * (byTags + (byTags > 0 ? close : 0));
  // An unjoined report of the article's own event looks much like its affair; by as much as it may be one it is worth nothing.
  const score = (1 - judged.same) * (gain + (byTags > 0 || affair > 0.3 ? current : 0));
  const said: Reason[] = affair >= 0.5 ? [{ code: 'affair', probability: Math.round(affair * 100) / 100 }] : [];
  said.push(...reasons, ...sharedOrgs(article, candidate).slice(0, 1));
  return { score, affair, reasons: said.length > 0 ? said : [{ code: 'text' }] };
}

const distanceInDays = (a: number | null, b: number | null): number =>
  a === null || b === null ? 0 : Math.abs(a - b) / DAY;

function sharedOrgs(a: Neighbour, b: Neighbour): Reason[] {
  return a.tags.orgs.filter((o) => b.tags.orgs.includes(o)).map((org) => ({ code: 'org', org }) as const);
}

/** A party that the text names by itself is surer than one that was concluded. */
const isNamed = ({ features }: Neighbour, country: string): boolean => placeOf(`x${country}`, sketchOf(features)) >= 0;

/** The grades 2, 1 and 0 of the table, which need nothing but tags. */
function gradeByTags(
  candidate: Neighbour,
  countries: readonly string[],
  kinds: readonly Cooperation[],
): { grade: 0 | 1 | 2; reasons: Reason[] } {
  const { topic } = candidate.tags;
  const reasons: Reason[] = [];
  if (HARD.has(topic) && countries.length >= 2) reasons.push({ code: 'parties', countries });
  if (kinds.length > 0 && countries.length > 0) reasons.push({ code: 'kind-with', kind: kinds[0]!, countries });
  if (reasons.length > 0) return { grade: 2, reasons };
  if (kinds.length > 0) reasons.push({ code: 'kind', kind: kinds[0]! });
  if (countries.length > 0 && topic !== 'other') reasons.push({ code: 'country', countries, topic });
  return { grade: reasons.length > 0 ? 1 : 0, reasons };
}

/** Whether two items report one event, by the same judgment that makes stories; used where no story is known. */
export function isSameEvent(a: Neighbour, b: Neighbour, density = 30): boolean {
  return judgePair(a.features, b.features, { density }).same >= 0.5;
}
