/**
 * Where the floor of Read next lies (FLOOR in src/readnext/rank.ts): of the candidates that a list would take without a floor, what
 * share has something to do with the article, by score. Items of test/gold with tags of models that never saw their story, graded by the table of grades
 * over their labels.
 *
 *   npx tsx scripts/measure-floor.ts [FILE that keeps these tags]
 */
import { scoreCandidate } from '../src/readnext/score.ts';
import { inRoot } from '../src/root.ts';
import { storyFeatures } from '../src/story/features.ts';
import { gradeOf, heldOut, readSet } from './graded.ts';

const seen = heldOut(process.argv[2]);
const ready = ['one', 'two'].flatMap((name) =>
  readSet(inRoot('test', 'gold', `${name}.jsonl`)).map((item) => {
    const { tags, soft } = seen.get(item.id)!;
    const { title, summary, publishedAt } = item;
    const features = storyFeatures({ lang: tags.lang, title, summary, publishedAt, tags });
    return { item, tags, soft: soft ?? undefined, features };
  }),
);
const bins = new Map<number, { n: number; useful: number }>();
for (const article of ready.filter(({ item }, i) => item.relevant && i % 6 === 0))
  for (const candidate of ready) {
    if (candidate.item.id === article.item.id || candidate.tags.topic === 'other') continue;
    if (article.item.story !== null && candidate.item.story === article.item.story) continue;
    const { score } = scoreCandidate(article, candidate);
    const bin = Math.min(3, Math.floor(score * 5) / 5);
    const known = bins.get(bin) ?? { n: 0, useful: 0 };
    known.n++;
    if ((gradeOf(article.item, candidate.item) ?? 0) > 0) known.useful++;
    bins.set(bin, known);
  }
for (const [bin, { n, useful }] of [...bins].sort(([a], [b]) => a - b))
  process.stdout.write(
    `${bin.toFixed(1)}–${bin === 3 ? '' : (bin + 0.2).toFixed(1)}\t${n}\t${Math.round((100 * useful) / n)} % of use\n`,
  );
