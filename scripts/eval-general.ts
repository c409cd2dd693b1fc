/**
 * Stories of general news, where the beat's lexicon has hardly a word: test/story/general.jsonl through `createClusterer`, by pairs of
 * one language and of two: `npx tsx scripts/eval-general.ts [--errors]`. With a folder's worth of everyday headlines among them.
 */
import { readFileSync } from 'node:fs';
import { inRoot } from '../src/root.ts';
import { createClusterer } from '../src/story/clusterer.ts';

type Item = {
  readonly id: string;
  readonly event: string;
  readonly lang: string;
  readonly publishedAt: string;
  readonly title: string;
  readonly summary: string;
};

const items = readFileSync(inRoot('test', 'story', 'general.jsonl'), 'utf8')
  .split('\n')
  .filter(Boolean)
  .map((line) => JSON.parse(line) as Item)
  .sort((a, b) => (a.publishedAt < b.publishedAt ? -1 : 1));
const clusterer = createClusterer();
const before = process.cpuUsage();
for (const item of items) clusterer.add(item);
const { user } = process.cpuUsage(before);
const placed = clusterer.finish();
const counts = new Map(['same', 'cross'].map((name) => [name, { right: 0, wrong: 0, missed: 0 }]));
items.forEach((a, i) => {
  for (const b of items.slice(0, i)) {
    const count = counts.get(a.lang === b.lang ? 'same' : 'cross')!;
    const [is, said] = [a.event === b.event, placed.get(a.id)!.story === placed.get(b.id)!.story];
    if (is && said) count.right++;
    else if (said) count.wrong++;
    else if (is) count.missed++;
    if (is !== said && process.argv.includes('--errors'))
      process.stdout.write(`${is ? 'missed' : 'WRONG '} ${a.lang} ${a.title} | ${b.lang} ${b.title}\n`);
  }
});
for (const [name, { right, wrong, missed }] of counts)
  process.stdout.write(
    `${name}: ${right} pairs together, ${wrong} wrongly, ${missed} missed, F1 ${((2 * right) / (2 * right + wrong + missed)).toFixed(3)}\n`,
  );
process.stdout.write(`${(user / 1000 / items.length).toFixed(2)} ms an item\n`);
