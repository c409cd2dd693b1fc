/** How fast the tagger is: microseconds an item with and without language detection, load time and memory. */
import { readdirSync, readFileSync } from 'node:fs';
import { inRoot } from '../src/root.ts';
import { LANGUAGES, type TagInput } from '../src/tag/tags.ts';

const folder = inRoot('test', 'gold');
const items = readdirSync(folder)
  .filter((name) => name.endsWith('.jsonl'))
  .flatMap((name) => readFileSync(`${folder}/${name}`, 'utf8').split('\n').filter(Boolean))
  .map((line) => JSON.parse(line) as Required<TagInput>);

const settle = (): number => {
  (globalThis as { gc?: () => void }).gc?.();
  const { heapUsed, external } = process.memoryUsage();
  return (heapUsed + external) / 1048576;
};

const idle = settle();
/** Processor time of this process in ms: the wall clock also measures the neighbours. */
const spent = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e3;
};
const start = spent();
const { tagItem } = await import('../src/tag/tagger.ts');
for (const lang of LANGUAGES) tagItem({ title: 'NATO', summary: null, lang });
const loadMs = spent() - start;
const loadMb = settle() - idle;

/** The median of several rounds, in µs an item. */
function perItem(round: () => void): number {
  const times: number[] = [];
  for (let turn = 0; turn < 9; turn++) {
    const from = spent();
    round();
    times.push(((spent() - from) * 1e3) / items.length);
  }
  return times.sort((a, b) => a - b)[4]!;
}

const known = perItem(() => {
  for (const { title, summary, lang, outletCountry } of items) tagItem({ title, summary, lang, outletCountry });
});
const detected = perItem(() => {
  for (const { title, summary, outletCountry } of items) tagItem({ title, summary, outletCountry });
});
process.stdout.write(
  `${items.length} items: ${known.toFixed(1)} µs with the language known, ${detected.toFixed(1)} µs with detection; ` +
    `all languages loaded in ${loadMs.toFixed(0)} ms, ${loadMb.toFixed(1)} MB\n`,
);
