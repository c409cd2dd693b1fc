import type { Features } from '../story/features.ts';
import { type Judgment, judgePair } from '../story/judge.ts';
import { FEATURE_NAMES } from '../story/pair.ts';
import { placeOf, type Sketch, sketchOf } from '../story/sketch.ts';
import type { Cooperation, SoftTags, Tags } from '../tag/tags.ts';
import { affairNumbers, affairOf, daysBetween } from './affair.ts';
import { likelyGrades, likelyOf } from './expect.ts';
import type { Reason } from './reasons.ts';

/** An item as Read next sees it: what relating computed and what the tagger said. */
export type Neighbour = {
  readonly features: Features | Sketch;
  readonly tags: Pick<Tags, 'topic' | 'countries' | 'cooperation' | 'orgs'>;
  /** How likely each tag is; where it is missing, the tags are taken as sure. */
  readonly soft?: SoftTags | undefined;
};

/** What is thought of one report as something to read after an article. */
export type Parts = {
  /** Probability that the two are of one developing affair, 0–1. */
  readonly affair: number;
  /** Probability that they report one and the same event, 0–1. */
  readonly same: number;
  /** Expected gain by tags alone, 0–3, with small steps for closeness. */
  readonly byTags: number;
  /** How much of both texts is one, 0–1, whatever they are about. */
  readonly alike: number;
  /** How near it is in time, 0–1. */
  readonly current: number;
  /** Called only for what is listed. */
  readonly reasons: () => readonly Reason[];
};

/** How much a reader gains from a story. */
export type Score = {
  /** Expected gain, 0–7 (2^grade − 1 by the table of grades), with small steps for closeness and currency. */
  readonly score: number;
  /** Probability that it is of the article's affair, 0–1. */
  readonly affair: number;
  /** How alike its closest report is, 0–1. */
  readonly alike: number;
  readonly reasons: readonly Reason[];
};

/** What one grade is worth: 2^grade − 1. */
const GAIN = [0, 1, 3, 7] as const;
/** A candidate further away than this counts one grade lower, unless it is of the same affair. */
export const STALE_DAYS = 120;
const HARD: ReadonlySet<string> = new Set(['defence-cooperation', 'defence', 'security']);
/** Items within three days at which the two are compared: few, since only near misses matter here. */
const OWN_DENSITY = 5;
/** Steps between what has one expected gain. Small: they decide ties. Chosen on test/gold (scripts/eval-readnext.ts). */
const CLOSE = { country: 0.15, kind: 0.08, org: 0.03, most: 0.5 };
const CURRENT = 0.15;
const CURRENT_DAYS = 30;
const ALIKE = FEATURE_NAMES.indexOf('totalCosine');

type Compared = Neighbour['features'];

/** Judges two items as lists need it; symmetric, and most of what a list costs. */
export type Judge = (a: Compared, b: Compared) => Judgment;
const judgeForList: Judge = (a, b) => judgePair(a, b, { density: OWN_DENSITY });

/** A judge that judges each pair with `article` once: its own list and what it offers to others' need the same judgments. */
export function judgeOnce(article: Compared): Judge {
  const known = new Map<Compared, Judgment>();
  return (a, b) => {
    const other = a === article ? b : a;
    const judgment = known.get(other) ?? judgeForList(article, other);
    known.set(other, judgment);
    return judgment;
  };
}

/**
 * What a reader of `article` finds in `candidate`: the affair first, then by the table of grades (2 for defence or security with two
 * of its states or the same kind of cooperation with one, 1 for context) what the likelihoods of both items' tags let expect. Pure.
 */
export function weighReport(article: Neighbour, candidate: Neighbour, judge: Judge = judgeForList): Parts {
  const judged = judge(article.features, candidate.features);
  const days = daysBetween(article.features, candidate.features);
  const likely = likelyOf(candidate);
  const own = likelyOf(article);
  const grades = likelyGrades(own, likely);
  const stale = days > STALE_DAYS;
  const gain = grades.two * GAIN[stale ? 1 : 2] + grades.one * GAIN[stale ? 0 : 1];
  const countries = likely.said.countries.filter((c) => own.said.countries.includes(c));
  const kinds = likely.said.kinds.filter((k) => own.said.kinds.includes(k));
  const orgs = candidate.tags.orgs.filter((o) => article.tags.orgs.includes(o));
  const sure = countries.filter((c) => isNamed(article, c) && isNamed(candidate, c)).length;
  const close = CLOSE.country * Math.min(2, sure) + CLOSE.kind * kinds.length + CLOSE.org * orgs.length;
  return {
    affair: affairOf(judged.view, affairNumbers(judged.view, grades, likely, days)),
    same: judged.same,
    byTags: gain + Math.min(1, gain) * Math.min(CLOSE.most, close),
    alike: judged.view.x[ALIKE]!,
    current: Math.exp(-days / CURRENT_DAYS),
    reasons: () => [
      ...reasonsOf(candidate, countries, kinds),
      ...orgs.slice(0, 1).map((org) => ({ code: 'org', org }) as const),
    ],
  };
}

/**
 * Puts the reports of one story together. One report in which the tagger saw too much must not speak for a story, so gains are means
 * by `weights`; of an affair the surest report says half.
 * @param least a score below this is not listed and needs no reasons
 */
export function scoreStory(parts: readonly Parts[], weights: readonly number[], least = 0): Score {
  const [only] = parts;
  if (only && parts.length === 1) return scored(parts, only, least); // most stories have one report
  const total = weights.reduce((a, b) => a + b, 0);
  const mean = (of: (p: Parts) => number) => parts.reduce((sum, p, i) => sum + of(p) * weights[i]!, 0) / total;
  const together: Amounts = {
    affair: (Math.max(...parts.map((p) => p.affair)) + mean((p) => p.affair)) / 2,
    byTags: mean((p) => p.byTags),
    same: mean((p) => p.same),
    current: Math.max(...parts.map((p) => p.current)),
    alike: Math.max(...parts.map((p) => p.alike)),
  };
  return scored(parts, together, least);
}

type Amounts = Omit<Parts, 'reasons'>;

function scored(parts: readonly Parts[], { affair, byTags, same, current, alike }: Amounts, least: number): Score {
  const gain = affair * GAIN[3] + (1 - affair) * byTags;
  // An unjoined report of the article's own event looks much like its affair; by as much as it may be one it is worth nothing.
  const score = (1 - same) ** 2 * (gain + Math.min(1, gain) * CURRENT * current);
  return { score, affair, alike, reasons: score < least ? [] : reasonsFor(parts, affair) };
}

function reasonsFor(parts: readonly Parts[], affair: number): Reason[] {
  const said: Reason[] = affair >= 0.5 ? [{ code: 'affair', probability: Math.round(affair * 100) / 100 }] : [];
  said.push(...parts.reduce((a, b) => (b.byTags > a.byTags ? b : a)).reasons());
  return said.length > 0 ? said : [{ code: 'text' }];
}

/** A story of which one report is known. */
export const scoreCandidate = (article: Neighbour, candidate: Neighbour): Score =>
  scoreStory([weighReport(article, candidate)], [1]);

/** A party that the text names by itself is surer than one that was concluded. */
const isNamed = ({ features }: Neighbour, country: string): boolean => placeOf(`x${country}`, sketchOf(features)) >= 0;

/** What the tags say of why a candidate is of use, in the order of the grades. */
function reasonsOf(candidate: Neighbour, countries: readonly string[], kinds: readonly string[]): Reason[] {
  const { topic } = candidate.tags;
  const [kind] = kinds as readonly Cooperation[];
  const reasons: Reason[] = [];
  if (HARD.has(topic) && countries.length >= 2) reasons.push({ code: 'parties', countries });
  if (kind !== undefined && countries.length > 0) reasons.push({ code: 'kind-with', kind, countries });
  if (reasons.length > 0) return reasons;
  if (kind !== undefined) reasons.push({ code: 'kind', kind });
  if (countries.length > 0 && topic !== 'other') reasons.push({ code: 'country', countries, topic });
  return reasons;
}

/** Whether two items report one event, by the same judgment that makes stories; used where no story is known. */
export function isSameEvent(a: Neighbour, b: Neighbour, density = 30): boolean {
  return judgePair(a.features, b.features, { density }).same >= 0.5;
}
