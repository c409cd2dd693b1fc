/** How fast the tagger is: microseconds an item with and without language detection, load time and memory. Build first. */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { inRoot } from '../src/root.ts';
import { tagItem } from '../src/tag/tagger.ts';
import { LANGUAGES, type TagInput } from '../src/tag/tags.ts';

const folder = inRoot('test', 'gold');
const items = readdirSync(folder)
  .filter((name) => name.endsWith('.jsonl'))
  .flatMap((name) => readFileSync(`${folder}/${name}`, 'utf8').split('\n').filter(Boolean))
  .map((line) => JSON.parse(line) as Required<TagInput>);

/**
 * Loading is measured in a process of its own on the built code, as the product runs: under tsx most of it would be the time to
 * strip types. Prints processor ms and MB.
 */
const LOAD = `
const used = () => { globalThis.gc(); const { heapUsed, external } = process.memoryUsage(); return (heapUsed + external) / 1048576; };
const idle = used();
const start = process.cpuUsage();
const { tagItem } = await import(process.argv[1]);
for (const lang of ${JSON.stringify(LANGUAGES)}) tagItem({ title: 'NATO', summary: null, lang });
const { user, system } = process.cpuUsage(start);
console.log(((user + system) / 1e3).toFixed(0) + ' ms, ' + (used() - idle).toFixed(1) + ' MB');
`;
const built = inRoot('dist', 'src', 'tag', 'tagger.js');
const loading = existsSync(built)
  ? spawnSync(process.execPath, ['--expose-gc', '--input-type=module', '-e', LOAD, built], {
      encoding: 'utf8',
    }).stdout.trim()
  : 'unknown: npm run build first';

/** Processor time of this process in ms: the wall clock also measures the neighbours. */
const spent = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e3;
};

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
    `all languages loaded: ${loading}\n`,
);
