/**
 * Measures the tagger on test/gold: five folds with whole stories held out, every item tagged by models that never saw it.
 *   npx tsx scripts/eval-tagger.ts [--record] [--errors relevant|topic|countries|cooperation|orgs|language]
 * Exits 1 where a figure falls below docs/eval-recorded.json by more than the recorded tolerance.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { inRoot } from '../src/root.ts';
import { readItem } from '../src/tag/concepts.ts';
import { detectWith } from '../src/tag/language.ts';
import { weigh } from '../src/tag/tagger.ts';
import { TOPICS } from '../src/tag/tags.ts';
import { fitModels } from './fit.ts';
import { foldOf, type GoldItem, readByLexicon, readEveryday, readGold, withoutPersons } from './gold.ts';
import { type Figures, figures, type Said } from './score.ts';
import { fitLanguage, languageSamples } from './train-language.ts';

const FOLDS = 5;
/** Items change from commit to commit; a fall within this is noise. */
const TOLERANCE = 0.01;
const RECORDED = inRoot('docs', 'eval-recorded.json');

type Run = { readonly said: Said[]; readonly blanked: Said[]; readonly everyday: Said[] };

/** Tags every item by models that were trained without its fold. Language comes from the text, as in the product. */
function crossValidate(): Run {
  const gold = readByLexicon(readGold());
  const everyday = readByLexicon(readEveryday());
  const run: Run = { said: [], blanked: [], everyday: [] };
  for (let fold = 0; fold < FOLDS; fold++) {
    const out = ({ item }: { item: GoldItem }): boolean => foldOf(item, FOLDS) === fold;
    const models = fitModels(
      gold.filter((x) => !out(x)),
      everyday.filter((x) => !out(x)),
      2,
    );
    const language = fitLanguage(languageSamples((item) => foldOf(item, FOLDS) !== fold));
    const tagged = (item: GoldItem, blank: boolean): Said => {
      const { title, summary, outletCountry } = item;
      const lang = detectWith(language, `${title}\n${summary ?? ''}`, { outletCountry });
      const readings = readItem({ title, summary }, lang);
      return { item, tags: weigh(models, blank ? withoutPersons(readings) : readings, lang, outletCountry) };
    };
    for (const { item } of gold.filter(out)) {
      run.said.push(tagged(item, false));
      run.blanked.push(tagged(item, true));
    }
    for (const { item } of everyday.filter(out)) run.everyday.push(tagged(item, false));
  }
  return run;
}

const print = (line: string): void => void process.stdout.write(`${line}\n`);

function printFigures(name: string, f: Figures): void {
  print(
    `${name.padEnd(12)} ${Object.entries(f)
      .map(([key, value]) => `${key} ${value.toFixed(3)}`)
      .join('  ')}`,
  );
}

/** A table a language: rows are the labels, columns what the tagger said. */
function printConfusion(said: readonly Said[]): void {
  for (const lang of [...new Set(said.map((s) => s.item.lang))].sort()) {
    const mine = said.filter((s) => s.item.lang === lang);
    const f = figures(mine);
    print(
      `\n${lang}: ${mine.length} items, relevant F1 ${f.relevant}, topic ${f.topic}, countries ${f.countries}, cooperation ${f.cooperation}`,
    );
    print(`${''.padEnd(22)}${TOPICS.map((t) => t.slice(0, 9).padStart(10)).join('')}`);
    for (const want of TOPICS) {
      const row = TOPICS.map((got) => mine.filter((s) => s.item.topic === want && s.tags.topic === got).length);
      print(`${want.padEnd(22)}${row.map((n) => String(n || '·').padStart(10)).join('')}`);
    }
  }
}

/** Ten bins of relevance: how many items, the mean said, and the share that an editor calls relevant. */
function printCalibration(said: readonly Said[]): void {
  print('\nrelevance    items   said   are');
  let error = 0;
  for (let bin = 0; bin < 10; bin++) {
    const mine = said.filter((s) => Math.min(9, Math.floor(s.tags.relevance * 10)) === bin);
    if (mine.length === 0) continue;
    const mean = mine.reduce((sum, s) => sum + s.tags.relevance, 0) / mine.length;
    const are = mine.filter((s) => s.item.relevant).length / mine.length;
    error += (Math.abs(mean - are) * mine.length) / said.length;
    print(
      `${(bin / 10).toFixed(1)}–${((bin + 1) / 10).toFixed(1)} ${String(mine.length).padStart(9)} ${mean.toFixed(3).padStart(7)} ${are.toFixed(3)}`,
    );
  }
  print(`expected calibration error ${error.toFixed(3)}`);
}

function printErrors(said: readonly Said[], field: string): void {
  for (const { item, tags } of said) {
    const [want, got] =
      field === 'countries' || field === 'cooperation' || field === 'orgs'
        ? item.relevant
          ? [[...item[field]].sort().join(), [...tags[field]].sort().join()]
          : ['', '']
        : field === 'language'
          ? [item.lang, tags.lang]
          : field === 'topic'
            ? [item.topic, tags.topic]
            : [String(item.relevant), String(tags.relevant)];
    if (want !== got)
      print(
        `${item.id} ${item.lang} ${item.outletCountry} want ${want} got ${got} ${tags.relevance} | ${item.title} | ${item.summary}`,
      );
  }
}

const { values } = parseArgs({ options: { record: { type: 'boolean', default: false }, errors: { type: 'string' } } });
const run = crossValidate();
const whole = figures(run.said);
if (values.errors) printErrors(run.said, values.errors);
printConfusion(run.said);
printCalibration(run.said);
print('');
printFigures('gold', whole);
printFigures('blanked', figures(run.blanked));
const alarms = run.everyday.filter((s) => s.tags.relevant && !s.item.relevant);
const rightTopic = run.everyday.filter((s) => s.tags.topic === s.item.topic).length / run.everyday.length;
print(
  `everyday     ${run.everyday.length} headlines, ${alarms.length} wrongly relevant, topic ${rightTopic.toFixed(3)}`,
);
for (const { item } of alarms) print(`  ${item.id} ${item.lang} ${item.title}`);
if (values.record) {
  writeFileSync(
    RECORDED,
    `${JSON.stringify({ items: run.said.length, ...whole, everydayAlarms: alarms.length }, null, 2)}\n`,
  );
} else {
  const floor = JSON.parse(readFileSync(RECORDED, 'utf8')) as Figures & { everydayAlarms: number };
  const fallen = (Object.keys(whole) as (keyof Figures)[]).filter((key) => whole[key] < floor[key] - TOLERANCE);
  if (alarms.length > floor.everydayAlarms + 1)
    print(`more false alarms than recorded: ${alarms.length} > ${floor.everydayAlarms}`);
  for (const key of fallen) print(`${key} fell to ${whole[key]} from ${floor[key]}`);
  if (fallen.length > 0 || alarms.length > floor.everydayAlarms + 1) process.exitCode = 1;
}
