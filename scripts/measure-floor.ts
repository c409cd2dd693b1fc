/**
 * Where the floor of Read next lies (FLOOR in src/readnext/rank.ts): of the candidates that a list would take without a floor, what
 * share has something to do with the article, by score. Items of test/gold with the tagger's own tags, graded by the table of grades
 * over their labels.
 *
 *   npx tsx scripts/measure-floor.ts
 */
import { readFileSync } from 'node:fs';
import { scoreCandidate } from '../src/readnext/score.ts';
import { inRoot } from '../src/root.ts';
import { storyFeatures } from '../src/story/features.ts';
import { tagItem } from '../src/tag/tagger.ts';

type Labelled = {
  readonly id: string;
  readonly title: string;
  readonly summary: string | null;
  readonly outletCountry: string;
  readonly publishedAt: string;
  readonly topic: string;
  readonly relevant: boolean;
  readonly countries: readonly string[];
  readonly cooperation: readonly string[];
  readonly story: string | null;
  readonly affair: string | null;
};

const DAY = 86_400_000;
const HARD = new Set(['defence-cooperation', 'defence', 'security']);
const shared = (a: readonly string[], b: readonly string[]): number => a.filter((x) => b.includes(x)).length;

/** The grade of a candidate, 0–3, by labels. */
function gradeOf(article: Labelled, candidate: Labelled): number {
  if (article.affair !== null && candidate.affair === article.affair) return 3;
  const countries = shared(article.countries, candidate.countries);
  const kinds = shared(article.cooperation, candidate.cooperation);
  const near = (HARD.has(candidate.topic) && countries >= 2) || (kinds > 0 && countries > 0);
  const context = kinds > 0 || (countries > 0 && candidate.topic !== 'other');
  const grade = near ? 2 : context ? 1 : 0;
  const days = Math.abs(Date.parse(article.publishedAt) - Date.parse(candidate.publishedAt)) / DAY;
  return days > 120 ? Math.max(0, grade - 1) : grade;
}

const items = ['one', 'two'].flatMap((name) =>
  readFileSync(inRoot('test', 'gold', `${name}.jsonl`), 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Labelled),
);
const ready = items.map((item) => {
  const tags = tagItem({ title: item.title, summary: item.summary, outletCountry: item.outletCountry });
  return {
    item,
    tags,
    features: storyFeatures({
      lang: tags.lang,
      title: item.title,
      summary: item.summary,
      publishedAt: item.publishedAt,
      tags,
    }),
  };
});
const bins = new Map<number, { n: number; useful: number }>();
for (const article of ready.filter(({ item }, i) => item.relevant && i % 6 === 0))
  for (const candidate of ready) {
    if (candidate.item.id === article.item.id || candidate.tags.topic === 'other') continue;
    if (article.item.story !== null && candidate.item.story === article.item.story) continue;
    const { score } = scoreCandidate(article, candidate);
    const bin = Math.min(3, Math.floor(score * 5) / 5);
    const known = bins.get(bin) ?? { n: 0, useful: 0 };
    known.n++;
    if (gradeOf(article.item, candidate.item) > 0) known.useful++;
    bins.set(bin, known);
  }
for (const [bin, { n, useful }] of [...bins].sort(([a], [b]) => a - b))
  process.stdout.write(
    `${bin.toFixed(1)}–${bin === 3 ? '' : (bin + 0.2).toFixed(1)}\t${n}\t${Math.round((100 * useful) / n)} % of use\n`,
  );
