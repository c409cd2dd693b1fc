/** Trains the language model from test/gold: the labelled items, the everyday headlines and language/*.txt. */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { inRoot } from '../src/root.ts';
import { LANGUAGE_BUCKETS, LANGUAGE_CLASSES, languageFeatures, languageValue } from '../src/tag/language.ts';
import { type LinearModel, modelBytes } from '../src/tag/weights.ts';
import type { GoldItem } from './gold.ts';
import { type Example, quantise, seeded, train } from './logistic.ts';

type Sample = { readonly lang: string; readonly text: string; readonly weight: number };

const CYRILLIC: Record<string, string> = {
  ...{
    lj: 'љ',
    nj: 'њ',
    dž: 'џ',
    a: 'а',
    b: 'б',
    v: 'в',
    g: 'г',
    d: 'д',
    đ: 'ђ',
    e: 'е',
    ž: 'ж',
    z: 'з',
    i: 'и',
    j: 'ј',
  },
  ...{ k: 'к', l: 'л', m: 'м', n: 'н', o: 'о', p: 'п', r: 'р', s: 'с', t: 'т', ć: 'ћ', u: 'у', f: 'ф', h: 'х', c: 'ц' },
  ...{ č: 'ч', š: 'ш' },
};

/** Serbian in Latin letters, written in Cyrillic; lower case, which is all that the features see. */
export const toCyrillic = (text: string): string =>
  text.toLowerCase().replace(/lj|nj|dž|[a-zđžćčš]/g, (letters) => CYRILLIC[letters] ?? letters);

const stripped = (text: string): string =>
  text
    .replace(/đ/g, 'dj')
    .replace(/ı/g, 'i')
    .normalize('NFD')
    .replace(/[\u0300-\u036f]/g, '');

function lines(file: string): string[] {
  return existsSync(file) ? readFileSync(file, 'utf8').split('\n').filter(Boolean) : [];
}

/** Everything with a known language under test/gold. Word lists are cut into bunches of eight. */
export function languageSamples(keep: (item: GoldItem) => boolean = () => true): Sample[] {
  const folder = inRoot('test', 'gold');
  const out: Sample[] = [];
  for (const file of readdirSync(folder).filter((f) => f.endsWith('.jsonl'))) {
    for (const line of lines(`${folder}/${file}`)) {
      const item = JSON.parse(line) as GoldItem;
      if (!keep(item)) continue;
      out.push({ lang: item.lang, text: `${item.title} ${item.summary ?? ''}`, weight: 1 });
      out.push({ lang: item.lang, text: item.title, weight: 1 });
      if (item.summary) out.push({ lang: item.lang, text: item.summary.split(' ').slice(0, 8).join(' '), weight: 0.7 });
    }
  }
  const random = seeded(7);
  for (const file of readdirSync(`${folder}/language`)) {
    const lang = file.slice(0, -4);
    for (const line of lines(`${folder}/language/${file}`)) {
      if (/[.?!”“"]$/.test(line)) {
        out.push({ lang, text: line, weight: 2 }, { lang, text: line.split(' ').slice(0, 7).join(' '), weight: 1 });
        continue;
      }
      const words = line.split(' ');
      for (let k = 0; k < words.length * 0.8; k++) {
        const bunch = Array.from({ length: 6 }, () => words[Math.floor(random() * words.length)]);
        out.push({ lang, text: bunch.join(' '), weight: 1 });
      }
    }
  }
  const serbian = out
    .filter((s) => s.lang === 'sr-Latn')
    .map((s) => ({ ...s, lang: 'sr-Cyrl', text: toCyrillic(s.text) }));
  return [...out, ...serbian].flatMap((s) => {
    const bare = stripped(s.text);
    return bare === s.text || /[\u0370-\u04ff]/.test(s.text) ? [s] : [s, { ...s, text: bare, weight: s.weight * 0.4 }];
  });
}

export function fitLanguage(samples: readonly Sample[]): LinearModel {
  const size = LANGUAGE_CLASSES.length;
  const known = samples.filter((s) => (LANGUAGE_CLASSES as readonly string[]).includes(s.lang));
  const total = new Map<string, number>();
  for (const s of known) total.set(s.lang, (total.get(s.lang) ?? 0) + s.weight);
  const mean = [...total.values()].reduce((a, b) => a + b, 0) / total.size;
  const examples: Example[] = known.map((s) => {
    const { buckets, count } = languageFeatures(s.text);
    const counts = new Map<number, number>();
    for (let i = 0; i < count; i++) counts.set(buckets[i]!, (counts.get(buckets[i]!) ?? 0) + languageValue(count));
    const target = new Array<number>(size).fill(0);
    target[(LANGUAGE_CLASSES as readonly string[]).indexOf(s.lang)] = 1;
    const weight = Math.min(2, (s.weight * mean) / total.get(s.lang)!);
    return { buckets: [...counts.keys()], values: [...counts.values()], target, weight };
  });
  const options = { buckets: LANGUAGE_BUCKETS, classes: size, softmax: true, epochs: 6, rate: 0.25, decay: 1e-5 };
  const { weights, bias } = train(examples, options);
  const { weights: bytes, scale } = quantise(weights, 4);
  return {
    classes: LANGUAGE_CLASSES,
    buckets: LANGUAGE_BUCKETS,
    scale,
    bias: [...bias],
    weights: bytes,
    extra: {},
  };
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  mkdirSync(inRoot('src', 'tag', 'model'), { recursive: true });
  const samples = languageSamples();
  writeFileSync(inRoot('src', 'tag', 'model', 'language.bin'), modelBytes(fitLanguage(samples)));
  process.stdout.write(`language: ${samples.length} samples\n`);
}
