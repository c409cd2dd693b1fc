/**
 * Fits the affair model of Read next (src/readnext/affair.json) to test/gold: `npx tsx scripts/train-readnext.ts [--cache FILE]`. Tags
 * are those of models that never saw the item's story, so that the model knows how far they are to be trusted. It must run again after
 * any change of the story room's features, of shares.tsv or of the tagger. Prints how well it fits.
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { AFFAIR_FEATURES, affairNumbers, daysBetween } from '../src/readnext/affair.ts';
import { likelyGrades, likelyOf } from '../src/readnext/expect.ts';
import { inRoot } from '../src/root.ts';
import { storyFeatures } from '../src/story/features.ts';
import { viewPair } from '../src/story/pair.ts';
import { sketchOf } from '../src/story/sketch.ts';
import { heldOut, type Labelled, readSet } from './graded.ts';
import { type Example, fitRidge } from './ridge.ts';

const FILES = ['one', 'two', 'three-a', 'three-b', 'three-c'];
/** The density at which Read next compares (src/readnext/score.ts); none of the numbers used here depends on it. */
const DENSITY = 5;
const RIDGE = 8;
/**
 * Labelled sets hold far more affairs among their items than a year of feeds does: pairs of different affairs count this often. Of 1, 3 and
 * more, 3 was best on each half of test/gold when fitted to the other.
 */
const STRANGERS_COUNT = 3;
/** Pairs within a month are all seen, of those further apart one in ten, which counts for ten. */
const NEAR_DAYS = 30;
const FAR_SHARE = 0.1;

let seed = 11;
const random = (): number => {
  seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff;
  return seed / 0x7fffffff;
};

const { values } = parseArgs({ options: { cache: { type: 'string' } } });
const seen = heldOut(values.cache);
const examples: Record<'same' | 'cross', Example[]> = { same: [], cross: [] };

const ready = (item: Labelled) => {
  const { tags, soft } = seen.get(item.id)!;
  const { title, summary, publishedAt } = item;
  const likely = likelyOf({ tags, soft: soft ?? undefined });
  return { item, likely, features: storyFeatures({ lang: tags.lang, title, summary, publishedAt, tags }) };
};
type Ready = ReturnType<typeof ready>;

/** Puts a pair among the examples; of two stories of a large affair there are many pairs, which count less each. */
function put(article: Ready, candidate: Ready, storiesOf: ReadonlyMap<string, number>): void {
  const { affair } = article.item;
  const isAffair = affair !== null && affair === candidate.item.affair;
  const days = daysBetween(article.features, candidate.features);
  const rate = isAffair || days < NEAR_DAYS ? 1 : FAR_SHARE;
  if (random() >= rate) return;
  const view = viewPair(sketchOf(article.features), sketchOf(candidate.features), { density: DENSITY });
  if (!isAffair && view.shared === 0) return;
  examples[view.sameGroup ? 'same' : 'cross'].push({
    x: [...affairNumbers(view, likelyGrades(article.likely, candidate.likely), candidate.likely, days)],
    y: isAffair ? 1 : 0,
    w: isAffair ? 1 / Math.sqrt(storiesOf.get(affair) ?? 1) : STRANGERS_COUNT / rate,
  });
}

for (const file of FILES) {
  const items = readSet(inRoot('test', 'gold', `${file}.jsonl`)).map(ready);
  const stories = new Map<string, Set<string>>();
  for (const { item } of items)
    if (item.affair !== null)
      stories.set(item.affair, (stories.get(item.affair) ?? new Set()).add(item.story ?? item.id));
  const storiesOf = new Map([...stories].map(([affair, { size }]) => [affair, size]));
  for (const article of items.filter(({ item }) => item.relevant))
    for (const candidate of items)
      if (candidate !== article && (article.item.story === null || article.item.story !== candidate.item.story))
        put(article, candidate, storiesOf);
}

const fitted = (name: 'same' | 'cross'): number[] => {
  const weights = fitRidge(examples[name], RIDGE);
  const right = [0, 0];
  for (const { x, y } of examples[name]) if (x.reduce((sum, v, i) => sum + v * weights[i]!, 0) > 0) right[y]!++;
  const alike = examples[name].filter(({ y }) => y === 1).length;
  process.stdout.write(
    `${name}: ${examples[name].length} pairs; of ${alike} of one affair ${right[1]} found, ${right[0]} others taken for one\n`,
  );
  return weights;
};
const model = { features: AFFAIR_FEATURES, same: fitted('same'), cross: fitted('cross') };
writeFileSync(inRoot('src', 'readnext', 'affair.json'), `${JSON.stringify(model)}\n`);
