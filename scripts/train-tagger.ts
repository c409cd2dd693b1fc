/** Trains all of the tagger's models from test/gold and writes src/tag/model/*.bin. Deterministic. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { inRoot } from '../src/root.ts';
import { netBytes } from '../src/tag/net.ts';
import { modelBytes } from '../src/tag/weights.ts';
import { fitModels } from './fit.ts';
import { readByLexicon, readEveryday, readGold } from './gold.ts';
import { fitLanguage, languageSamples } from './train-language.ts';

const folder = inRoot('src', 'tag', 'model');
mkdirSync(folder, { recursive: true });

const gold = readByLexicon(readGold());
const everyday = readByLexicon(readEveryday());
const models = fitModels(gold, everyday);
const write = (name: string, bytes: Buffer): void => writeFileSync(`${folder}/${name}.bin`, bytes);
for (const part of ['topic', 'cooperation'] as const) {
  write(part, modelBytes(models[part].linear));
  write(`${part}-net`, netBytes(models[part].net));
}
write('parties', modelBytes(models.parties));
write('language', modelBytes(fitLanguage(languageSamples())));
process.stdout.write(`trained on ${gold.length} labelled and ${everyday.length} everyday items\n`);
