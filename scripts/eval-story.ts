/**
 * Scores stories and copies over labelled items, in memory: `npx tsx scripts/eval-story.ts [--tags gold] FILE…` (default: test/gold).
 * Items come in twelve rounds in order of time, as a worker would relate them; tags are the tagger's own, or the labels with `--tags gold`.
 */
import { readFileSync } from 'node:fs';
import { inRoot } from '../src/root.ts';
import type { Id, RelateItem } from '../src/story/cluster.ts';
import { storyFeatures } from '../src/story/features.ts';
import { tagItem } from '../src/tag/tagger.ts';
import type { TagInput, Tags } from '../src/tag/tags.ts';
import { relateInRounds } from './rounds.ts';

type Labelled = TagInput &
  Pick<Tags, 'lang' | 'topic' | 'relevant' | 'countries' | 'cooperation' | 'orgs'> & {
    readonly id: string;
    readonly publishedAt: string;
    readonly story: string | null;
    readonly copyOf: string | null;
  };

const withLabels = process.argv.includes('gold');
const given = process.argv.slice(2).filter((a) => a.endsWith('.jsonl'));
const files = given.length > 0 ? given : ['one', 'two'].map((name) => inRoot('test', 'gold', `${name}.jsonl`));

/** Story and original of every item after the last round, and the CPU time of an item (ms). */
function relateAll(items: readonly Labelled[]): { placed: ReadonlyMap<Id, RelateItem>; ms: number } {
  const before = process.cpuUsage();
  const placed = relateInRounds(
    items.map((item) => {
      const { title, summary, outletCountry } = item;
      const tags = withLabels ? item : tagItem({ title, summary, outletCountry: outletCountry ?? null });
      return {
        id: item.id,
        features: storyFeatures({ lang: tags.lang, title, summary, publishedAt: item.publishedAt, tags }),
      };
    }),
  );
  const { user, system } = process.cpuUsage(before);
  return { placed, ms: (user + system) / 1000 / items.length };
}

const share = (a: number, b: number): number => Math.round((1000 * a) / (b || 1)) / 1000;

for (const file of files) {
  const items = readFileSync(file, 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Labelled)
    .sort((a, b) => (a.publishedAt < b.publishedAt ? -1 : 1));
  const { placed, ms } = relateAll(items);
  const storied = items.filter((i) => i.relevant && i.story !== null);
  const [count, sum] = [
    { both: 0, said: 0, is: 0 },
    { precision: 0, recall: 0 },
  ];
  for (const a of storied) {
    const same = storied.filter((b) => b.story === a.story);
    const said = storied.filter((b) => placed.get(b.id)!.story === placed.get(a.id)!.story);
    const both = same.filter((b) => said.includes(b)).length;
    sum.precision += both / said.length;
    sum.recall += both / same.length;
    count.both += both - 1;
    count.said += said.length - 1;
    count.is += same.length - 1;
  }
  const [precision, recall] = [share(sum.precision, storied.length), share(sum.recall, storied.length)];
  const rootOf = (id: string, of: (id: string) => string | null): string => {
    const next = of(id);
    return next === null ? id : rootOf(next, of);
  };
  const labels = new Map(items.map((i) => [i.id, i]));
  const saidRoot = (id: string) => rootOf(id, (i) => placed.get(i)!.copyOf as string | null);
  const isRoot = (id: string) => rootOf(id, (i) => labels.get(i)?.copyOf ?? null);
  const right = (i: Labelled) => isRoot(saidRoot(i.id)) === isRoot(i.id);
  const copies = items.filter((i) => i.copyOf !== null);
  const called = items.filter((i) => placed.get(i.id)!.copyOf !== null);
  console.log({
    file: file.split('/').at(-1),
    bCubed: { precision, recall, f1: share(2 * precision * recall, precision + recall) },
    pairs: { f1: share(2 * count.both, count.said + count.is) },
    copies: {
      found: share(copies.filter((i) => placed.get(i.id)!.copyOf !== null && right(i)).length, copies.length),
      wrong: share(called.filter((i) => !right(i)).length, items.length),
    },
    cpuMsAnItem: Math.round(ms * 100) / 100,
  });
}
