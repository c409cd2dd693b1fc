/** Trains all of the tagger's models from test/gold and writes src/tag/model/*.bin. Deterministic. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { inRoot } from '../src/root.ts';
import { modelBytes } from '../src/tag/weights.ts';
import { fitModels } from './fit.ts';
import { readByLexicon, readEveryday, readGold } from './gold.ts';
import { fitLanguage, languageSamples } from './train-language.ts';

const folder = inRoot('src', 'tag', 'model');
mkdirSync(folder, { recursive: true });

const gold = readByLexicon(readGold());
const everyday = readByLexicon(readEveryday());
const models = fitModels(gold, everyday);
for (const [name, model] of Object.entries(models)) writeFileSync(`${folder}/${name}.bin`, modelBytes(model));
writeFileSync(`${folder}/language.bin`, modelBytes(fitLanguage(languageSamples())));
process.stdout.write(`trained on ${gold.length} labelled and ${everyday.length} everyday items\n`);
