/**
 * One Latin form for every script of the region. Words of Serbian, Macedonian and Bulgarian Cyrillic, of Greek and of every
 * Latin alphabet with diacritics become plain a–z and 0–9, so that one lexicon line meets all spellings of a word and a name
 * meets itself across scripts ("Вучић", "Vučić", "Βούτσιτς" → "vucic").
 *
 * What the table decides and why:
 * - đ and ђ become "dj", as people without the letter write it; љ, њ, џ become lj, nj, dz.
 * - Bulgarian ъ is "a", щ is "st", я and ю are "ja" and "ju"; Macedonian ѓ and ќ are "gj" and "kj".
 * - Greek digraphs are read as one sound where names need it: ου u, μπ b, ντ d, γκ g, τσ and τς c, τζ dz, ει and οι i, αι e.
 * - Apostrophes and hyphens part words: case endings hang on names by them ("Sırbistan'ın", "NATO-hoz", "НАТО-то").
 */
const LETTERS: Record<string, string> = {
  ...{
    а: 'a',
    б: 'b',
    в: 'v',
    г: 'g',
    д: 'd',
    ђ: 'dj',
    е: 'e',
    ж: 'z',
    з: 'z',
    и: 'i',
    ј: 'j',
    к: 'k',
    л: 'l',
    љ: 'lj',
  },
  ...{
    м: 'm',
    н: 'n',
    њ: 'nj',
    о: 'o',
    п: 'p',
    р: 'r',
    с: 's',
    т: 't',
    ћ: 'c',
    у: 'u',
    ф: 'f',
    х: 'h',
    ц: 'c',
    ч: 'c',
  },
  ...{ џ: 'dz', ш: 's', ѓ: 'gj', ќ: 'kj', ѕ: 'dz', й: 'j', щ: 'st', ъ: 'a', ь: 'j', ю: 'ju', я: 'ja', э: 'e', ы: 'i' },
  ...{ ё: 'e', і: 'i', ї: 'ji', є: 'je', ґ: 'g', ѝ: 'i', ѐ: 'e' },
  ...{
    α: 'a',
    β: 'v',
    γ: 'g',
    δ: 'd',
    ε: 'e',
    ζ: 'z',
    η: 'i',
    θ: 'th',
    ι: 'i',
    κ: 'k',
    λ: 'l',
    μ: 'm',
    ν: 'n',
    ξ: 'ks',
  },
  ...{ ο: 'o', π: 'p', ρ: 'r', σ: 's', ς: 's', τ: 't', υ: 'i', φ: 'f', χ: 'h', ψ: 'ps', ω: 'o' },
  ...{ đ: 'dj', ð: 'd', ł: 'l', ø: 'o', æ: 'ae', œ: 'oe', ß: 'ss', þ: 'th', ı: 'i', ŧ: 't', ħ: 'h' },
};

/** Pairs of Greek letters that are one sound, as (first, second) → the sound that replaces what the first one gave. */
const GREEK_PAIRS: readonly (readonly [string, string, string])[] = [
  ['ο', 'υ', 'u'],
  ['μ', 'π', 'b'],
  ['ν', 'τ', 'd'],
  ['γ', 'κ', 'g'],
  ['τ', 'σ', 'c'],
  ['τ', 'ς', 'c'],
  ['τ', 'ζ', 'dz'],
  ['ε', 'ι', 'i'],
  ['ο', 'ι', 'i'],
  ['α', 'ι', 'e'],
];

/** Code units beyond this are no letters of any script that is folded. */
const LIMIT = 0x2000;

/** What a code unit is: 0 parts words, 1 stands in a word, 2 is a mark that vanishes (combining accents, soft hyphen, joiners). */
const KIND = new Uint8Array(LIMIT);
/** Up to two folded characters a code unit, packed as first | second << 8. */
const FOLD = new Uint16Array(LIMIT);
/** The number of a Greek letter (1…) for the pairs, else 0. */
const GREEK = new Uint8Array(LIMIT);
const PAIR = new Uint16Array(32 * 32);

const packed = (s: string): number => s.charCodeAt(0) | ((s.charCodeAt(1) || 0) << 8);

/** The blocks that hold letters of these scripts; the rest of the table stays empty. */
export const LETTER_BLOCKS: readonly (readonly [number, number])[] = [
  [0x30, 0x250],
  [0x300, 0x530],
  [0x1e00, LIMIT],
];

for (const [first, end] of LETTER_BLOCKS) for (let code = first; code < end; code++) fill(code);

function fill(code: number): void {
  const char = String.fromCharCode(code);
  if ((code >= 0x300 && code <= 0x36f) || code === 0xad) {
    KIND[code] = 2;
    return;
  }
  // A letter with its own entry is folded before it is taken apart: й is not и, ќ is not к.
  const lower = char.toLowerCase().charAt(0);
  const base = LETTERS[lower] === undefined ? lower.normalize('NFD').charAt(0) : lower;
  const folded = LETTERS[base] ?? (/[a-z0-9]/.test(base) ? base : '');
  if (folded === '') return;
  KIND[code] = 1;
  FOLD[code] = packed(folded);
  const at = 'αβγδεζηθικλμνξοπρσςτυφχψω'.indexOf(base);
  // A dialytika keeps the vowels apart.
  if (at >= 0 && !lower.normalize('NFD').includes('\u0308')) GREEK[code] = at + 1;
}
for (const [a, b, sound] of GREEK_PAIRS) {
  const at = (c: string): number => 'αβγδεζηθικλμνξοπρσςτυφχψω'.indexOf(c) + 1;
  PAIR[at(a) * 32 + at(b)] = packed(sound);
}

/** Marks that stand between two words, as bits of `Words.before`. */
export const BREAK = { sentence: 1, comma: 2, colon: 4, quote: 8, bracket: 16, dash: 32, apostrophe: 64 } as const;

/** The words of one text, folded, with where they stand in the text as given. All arrays but `letters` have one entry a word. */
export type Words = {
  readonly text: string;
  readonly count: number;
  /** Folded characters of all words, one after another, without spaces. */
  readonly letters: Uint8Array;
  /** Word i is `letters[from[i] … from[i + 1])`. */
  readonly from: Uint16Array;
  /** UTF-16 offsets into `text`. */
  readonly start: Uint16Array;
  readonly end: Uint16Array;
  /** Bits of `BREAK`: what stands between the word before and this one. */
  readonly before: Uint8Array;
  /** 0 lower case or digits, 1 begins with a capital, 2 all capitals (two letters or more). */
  readonly capital: Uint8Array;
};

/** Longer texts are cut: a lead has 600 characters, and offsets are kept in 16 bits. */
export const MAX_TEXT = 4000;

/**
 * Splits a text into folded words. Pure; time linear in the text, which is cut at `MAX_TEXT` UTF-16 units.
 */
export function readWords(given: string): Words {
  const text = given.length > MAX_TEXT ? given.slice(0, MAX_TEXT) : given;
  const size = text.length;
  const most = (size >> 1) + 2;
  const letters = new Uint8Array(size * 2 + 2);
  const from = new Uint16Array(most);
  const start = new Uint16Array(most);
  const end = new Uint16Array(most);
  const before = new Uint8Array(most);
  const capital = new Uint8Array(most);
  let count = 0;
  let used = 0;
  let marks: number = BREAK.sentence;
  let i = 0;
  while (i < size) {
    const code = text.charCodeAt(i);
    if (code >= LIMIT || KIND[code] !== 1) {
      if (code !== 32) marks |= markOf(code, text, i, count === 0 ? 9 : end[count - 1]! - start[count - 1]!);
      i++;
      continue;
    }
    from[count] = used;
    start[count] = i;
    before[count] = marks;
    marks = 0;
    i = foldWord(text, i, size, letters, used);
    used = folded.used;
    capital[count] = folded.capital;
    end[count] = i;
    count++;
  }
  from[count] = used;
  return { text, count, letters, from, start, end, before, capital };
}

/** What `foldWord` found besides the end: letters in use, and the capitals as in `Words.capital`. One word at a time. */
export const folded = { used: 0, capital: 0 };

/** Whether a code unit stands in words. */
export const isLetter = (code: number): boolean => code < LIMIT && KIND[code] === 1;

/**
 * Folds the word that begins at `at` into `letters` from `used` on; gives the offset after its last letter and leaves the rest in
 * `folded`.
 */
export function foldWord(text: string, at: number, size: number, letters: Uint8Array, used: number): number {
  let upper = 0;
  let lower = 0;
  let greekBefore = 0;
  let firstUpper = false;
  let i = at;
  for (; i < size; i++) {
    const code = text.charCodeAt(i);
    const kind = code < LIMIT ? KIND[code]! : 0;
    if (kind === 0) break;
    if (kind === 2) continue;
    if (isUpper(code)) {
      if (upper + lower === 0) firstUpper = true;
      upper++;
    } else lower++;
    let fold = FOLD[code]!;
    const greek = GREEK[code]!;
    if (greek === 0) greekBefore = 0;
    else {
      const pair = greekBefore === 0 ? 0 : PAIR[greekBefore * 32 + greek]!;
      if (pair !== 0) {
        used--;
        fold = pair;
      }
      greekBefore = pair === 0 ? greek : 0;
    }
    letters[used++] = fold & 255;
    if (fold > 255) letters[used++] = fold >> 8;
  }
  folded.used = used;
  folded.capital = lower === 0 && upper > 1 ? 2 : firstUpper ? 1 : 0;
  return i;
}

/** Whether a code unit of a letter is a capital, by the layout of the Unicode blocks in question. */
function isUpper(code: number): boolean {
  if (code < 128) return code >= 65 && code <= 90;
  if (code < 0x100) return code >= 0xc0 && code <= 0xde;
  if (code < 0x180)
    return code === 0x130 || (code > 0x138 && code < 0x149) || code > 0x178 ? isUpperSlow(code) : (code & 1) === 0;
  if (code >= 0x400 && code < 0x460) return code < 0x430;
  return isUpperSlow(code);
}

function isUpperSlow(code: number): boolean {
  const char = String.fromCharCode(code);
  return char !== char.toLowerCase();
}

function markOf(code: number, text: string, at: number, wordBefore: number): number {
  switch (code) {
    case 0x2e: // A full stop within a number or after a short word ("U.S. Army", "gen. Petrov") ends no sentence.
      return wordBefore > 3 && (at + 1 >= text.length || text.charCodeAt(at + 1) === 32) ? BREAK.sentence : 0;
    case 0x21:
    case 0x3f:
    case 0x0a:
    case 0x2026:
    case 0x3b:
      return BREAK.sentence;
    case 0x2c:
      return BREAK.comma;
    case 0x3a:
      return BREAK.colon;
    case 0x22:
    case 0xab:
    case 0xbb:
    case 0x201c:
    case 0x201d:
    case 0x201e:
      return BREAK.quote;
    case 0x28:
    case 0x29:
      return BREAK.bracket;
    case 0x2d:
    case 0x2013:
    case 0x2014:
      return BREAK.dash;
    case 0x27:
    case 0x2019:
    case 0x2018:
      return BREAK.apostrophe;
    default:
      return 0;
  }
}

/** The folded form of word `i`. */
export function foldedWord(words: Words, i: number): string {
  let out = '';
  for (let k = words.from[i]!; k < words.from[i + 1]!; k++) out += String.fromCharCode(words.letters[k]!);
  return out;
}

/**
 * The text in one Latin form: lower case a–z and 0–9, words parted by single spaces, everything else gone. Two spellings of a
 * name that differ by script, case, diacritics, apostrophe or hyphen come out alike. Pure and idempotent; cut at `MAX_TEXT`.
 */
export function foldText(text: string): string {
  const words = readWords(text);
  const out: string[] = [];
  for (let i = 0; i < words.count; i++) out.push(foldedWord(words, i));
  return out.join(' ');
}
