/**
 * Which of the fourteen languages a text is in. Script first, then a linear model over characters and words; among Croatian,
 * Bosnian, Montenegrin and Serbian in Latin letters, where a headline often holds no word that tells, the outlet's country votes.
 */
import { LETTER_BLOCKS } from './fold.ts';
import { LANGUAGES, type TagInput } from './tags.ts';
import { type LinearModel, linearScores, readModel } from './weights.ts';

/** What the model tells apart; `und` is learnt from seventeen other languages in Latin and Cyrillic letters. */
export const LANGUAGE_CLASSES = [
  ...['en', 'sr-Latn', 'hr', 'bs', 'cnr', 'sl', 'sq', 'ro', 'tr', 'hu'],
  ...['sr-Cyrl', 'mk', 'bg', 'und'],
] as const;

const LATIN = new Set(['en', 'sr-Latn', 'hr', 'bs', 'cnr', 'sl', 'sq', 'ro', 'tr', 'hu', 'und']);
const CYRILLIC = new Set(['sr-Cyrl', 'mk', 'bg', 'und']);
const KIN = new Set(['sr-Latn', 'hr', 'bs', 'cnr']);

/** The language that an outlet of a country writes first, where words decide nothing. */
const AT_HOME: Readonly<Record<string, readonly string[]>> = {
  ...{ RS: ['sr-Latn', 'sr-Cyrl'], HR: ['hr'], BA: ['bs', 'sr-Cyrl'], ME: ['cnr'], SI: ['sl'], MK: ['mk'], BG: ['bg'] },
  ...{ AL: ['sq'], XK: ['sq', 'sr-Latn'], RO: ['ro'], MD: ['ro'], TR: ['tr'], HU: ['hu'], GR: ['el'], CY: ['el'] },
  ...{ GB: ['en'], US: ['en'], IE: ['en'] },
};

/** How much an outlet's country weighs, in nats: among the four kin, and between all others. Measured in docs/tagging.md. */
const KIN_VOTE = 9;
const HOME_VOTE = 1;
/** What speaks against Montenegrin outside Montenegro, in nats. */
const ABROAD = 4;

/** Language needs no more text than this, in UTF-16 units. */
const ENOUGH = 280;

let model: LinearModel | null | undefined;

type Options = { readonly outletCountry?: string | null };

type Script = 'latin' | 'cyrillic' | 'greek' | 'other';

/**
 * The language of a text as BCP 47: one of the fourteen of `LANGUAGES`, or `und`. `outletCountry` is ISO 3166-1 alpha-2. Pure;
 * a text without letters is `und`.
 */
export function detectLanguage(text: string, options: Options = {}): string {
  model ??= readModel('language');
  return detectWith(model, text, options);
}

/** `detectLanguage` by a given model, which is what cross-validation needs; by script and country alone without one. */
export function detectWith(model: LinearModel | null, text: string, options: Options = {}): string {
  const script = scriptOf(text);
  if (script === 'greek') return 'el';
  if (script === 'other' || (script === 'cyrillic' && isEastern(text))) return 'und';
  const home = AT_HOME[options.outletCountry ?? ''] ?? [];
  const allowed = script === 'latin' ? LATIN : CYRILLIC;
  if (model === null) return home.find((lang) => allowed.has(lang)) ?? 'und';
  const found = languageFeatures(text);
  const scores = linearScores(model, found.buckets, found.count, languageValue(found.count));
  return decide(scores, model.classes, allowed, home);
}

/**
 * The language of an item: what the caller knows (`sr` and the like get their script from the text), else what title and
 * lead show. A known language that is none of the fourteen is `und`.
 */
export function itemLanguage(input: TagInput): string {
  const text = `${input.title ?? ''}\n${input.summary ?? ''}`;
  const known = input.lang ?? '';
  if ((LANGUAGES as readonly string[]).includes(known)) return known;
  if (/^(sr|sh)\b/i.test(known)) return scriptOf(text) === 'cyrillic' ? 'sr-Cyrl' : 'sr-Latn';
  if (known === '' || /^(mul|zxx|und)\b/i.test(known))
    return detectLanguage(text, { outletCountry: input.outletCountry ?? null });
  const primary = known.toLowerCase().split('-')[0]!;
  return (LANGUAGES as readonly string[]).includes(primary) ? primary : 'und';
}

/** First the family (the four kin are one), then the member, so that a vote among kin never turns Slovenian into Croatian. */
function decide(
  scores: Float64Array,
  classes: readonly string[],
  allowed: ReadonlySet<string>,
  home: readonly string[],
): string {
  let best = 'und';
  let bestScore = Number.NEGATIVE_INFINITY;
  let kin = 0;
  let member = 'sr-Latn';
  let memberScore = Number.NEGATIVE_INFINITY;
  classes.forEach((lang, i) => {
    if (!allowed.has(lang)) return;
    const score = scores[i]!;
    if (KIN.has(lang)) {
      kin += Math.exp(Math.min(score, 300));
      // Montenegrin is what outlets of Montenegro write: elsewhere it takes more than a word.
      const voted = score + (home[0] === lang ? KIN_VOTE : lang === 'cnr' ? -ABROAD : 0);
      if (voted > memberScore) [member, memberScore] = [lang, voted];
    } else {
      const voted = score + (home.includes(lang) ? HOME_VOTE : 0);
      if (voted > bestScore) [best, bestScore] = [lang, voted];
    }
  });
  const kinAtHome = home.some((lang) => KIN.has(lang));
  return kin > 0 && Math.log(kin) + (kinAtHome ? HOME_VOTE : 0) > bestScore ? member : best;
}

/** The script that most letters belong to. */
function scriptOf(text: string): Script {
  let latin = 0;
  let cyrillic = 0;
  let greek = 0;
  let other = 0;
  const size = Math.min(text.length, ENOUGH);
  for (let i = 0; i < size; i++) {
    const code = text.charCodeAt(i);
    if (code < 0x250) {
      if (isLatin(code)) latin++;
    } else if (code >= 0x400 && code < 0x530) cyrillic++;
    else if ((code >= 0x370 && code < 0x400) || (code >= 0x1f00 && code < 0x2000)) greek++;
    else if (code >= 0x530 && code < 0x2000 && code !== 0x1ebf) other++;
    else if (code >= 0x3040 && code < 0xfb00) other += 2;
  }
  const most = Math.max(latin, cyrillic, greek, other);
  if (most === 0 || other === most) return 'other';
  return greek === most ? 'greek' : cyrillic === most ? 'cyrillic' : 'latin';
}

/** Letters of Russian, Ukrainian and Belarusian that no language of the region has, one in forty at least. */
const isEastern = (text: string): boolean => (text.match(/[ыэёіїєґў]/gi)?.length ?? 0) * 40 >= text.length;

const isLatin = (code: number): boolean =>
  (code >= 97 && code <= 122) || (code >= 65 && code <= 90) || (code >= 0xc0 && code !== 0xd7 && code !== 0xf7);

/** Buckets of the hashed features, a power of two. */
export const LANGUAGE_BUCKETS = 1 << 15;
const MASK = LANGUAGE_BUCKETS - 1;

/** How often a whole word counts beside its characters. */
const WORD_COUNTS = 5;

/** The value of each feature: by the root of their number, so that longer texts are surer but not without bound. */
export const languageValue = (count: number): number => (count === 0 ? 0 : 4 / Math.sqrt(count));

/**
 * The hashed features of a text: characters in ones to fours within words (with the words' edges), and whole words, the
 * latter several times, as function words tell most. A bucket may stand several times.
 */
export function languageFeatures(text: string): { buckets: Int32Array; count: number } {
  const size = Math.min(text.length, ENOUGH);
  const buckets = new Int32Array(size * 6 + 16);
  let count = 0;
  let word = 0;
  // The last three characters within the word; 1 is the word's edge.
  let [a, b, c] = [0, 0, 1];
  for (let i = 0; i <= size; i++) {
    const code = i === size ? 32 : lowerOf(text.charCodeAt(i));
    if (code === 0) {
      if (word !== 0) {
        buckets[count++] = hash(c, 1, 0, 0);
        if (b > 0) buckets[count++] = hash(c, b, 1, 0);
        const whole = mix(word) & MASK;
        for (let k = 0; k < WORD_COUNTS; k++) buckets[count++] = whole;
      }
      word = 0;
      [a, b, c] = [0, 0, 1];
      continue;
    }
    word = Math.imul(word ^ code, 0x01000193) + 7;
    buckets[count++] = hash(code, c, 0, 0);
    if (b > 0) buckets[count++] = hash(code, c, b, 0);
    if (a > 0) buckets[count++] = hash(code, c, b, a);
    [a, b, c] = [b, c, code];
  }
  return { buckets, count };
}

const mix = (h: number): number => {
  const x = Math.imul(h ^ (h >>> 15), 0x2c1b3c6d);
  return Math.imul(x ^ (x >>> 12), 0x297a2d39) >>> 8;
};

const hash = (x: number, y: number, z: number, w: number): number =>
  mix(Math.imul(x, 0x9e3779b1) + Math.imul(y, 0x85ebca6b) + Math.imul(z, 0xc2b2ae35) + Math.imul(w, 0x27d4eb2f)) & MASK;

/** Lower case of every code unit of the scripts in question; 0 for what stands in no word. */
const LOWER: Uint16Array = (() => {
  const table = new Uint16Array(0x2000);
  for (const [first, end] of LETTER_BLOCKS) for (let code = first; code < end; code++) lower(table, code);
  return table;
})();

function lower(table: Uint16Array, code: number): void {
  const char = String.fromCharCode(code);
  // A letter of these scripts is what has two cases; the few without (ª, º) do not matter.
  const lowered = char.toLowerCase();
  if (lowered === char.toUpperCase()) return;
  // Romanian is written with cedillas as well as with commas below; the Turkish dotted capital is an i.
  table[code] = code === 0x130 ? 105 : code === 0x162 || code === 0x163 ? 0x21b : lowered.charCodeAt(0);
}

const lowerOf = (code: number): number => (code < 0x2000 ? LOWER[code]! : 0);
