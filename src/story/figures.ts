import type { Word } from './words.ts';

/**
 * What a text says in figures, alike in every language: amounts (`388 million`, `388 de milioane`, `388 εκατ.`), model numbers
 * (`F-16`, `TB-2`, `ФК-3`) and days of a month (`27 June`, `27. juna`).
 */
export type Figure =
  | { readonly kind: 'amount'; readonly value: number; readonly at: number; readonly length: number }
  | { readonly kind: 'model'; readonly name: string; readonly at: number; readonly length: number }
  | {
      readonly kind: 'day';
      readonly month: number;
      readonly day: number;
      readonly at: number;
      readonly length: number;
    };

/** Stems of thousand, million, billion, folded; `milliard` is a billion, Balkan `bilion` does not occur in news of this size. */
const MAGNITUDES: readonly (readonly [RegExp, number])[] = [
  [/^(?:thousand|hiljad|tisuc|tisoc|iljad|hilad|hiljada|mije|mij|hiliad|hiliades|chil|mii|bin$|ezer)/, 1e3],
  [/^(?:milliard|milijard|miliard|billion|bln|mlrd|mld|mrd|milyar|disekat|dis$)/, 1e9],
  [/^(?:million|milion|milijun|mln|mn$|milyon|milioan|mio$|ekat|ekatommir)/, 1e6],
];

/** Month names of thirteen languages, folded, by stem; the order of the alternatives does not matter. */
const MONTHS: readonly RegExp[] = [
  /^(?:januar|sijecnj|sijecan|januari|janar|ianuar|ocak|januara|januarie|ianou|ianu)/,
  /^(?:februar|veljac|fevruar|shkurt|shkurti|februarie|subat|fevrua)/,
  /^(?:march$|mart|ozuj|marec|marca$|mars|marti|marci|marcius|marta)/,
  /^(?:april|travnj|travanj|prill|aprili|nisan|aprilis|apriliu)/,
  /^(?:may$|maj|svibnj|svibanj|mai$|maios|maiu|mayis|majus)/,
  /^(?:june?$|jun|lipnj|lipanj|qershor|iunie|iuni|haziran|junius)/,
  /^(?:july$|jul|srpnj|srpanj|korrik|iulie|iuli|temmuz|julius)/,
  /^(?:august|avgust|kolovoz|gusht|agustos|augusztus|avgoust|avgustu)/,
  /^(?:septemb|rujn|rujan|shtator|septemvri|eylul|szeptember|septembrie|septemvr)/,
  /^(?:octob|oktob|listopad|tetor|oktomvri|ekim|octombrie|okto)/,
  /^(?:novemb|studen|nentor|noemvri|kasim|noiembrie|noemvr)/,
  /^(?:decemb|prosin|dhjetor|dekemvri|aralik|decembrie|dekemvr)/,
];

const monthOf = (fold: string): number => (fold.length < 3 ? 0 : MONTHS.findIndex((m) => m.test(fold)) + 1);
const isDigits = (fold: string): boolean => /^\d+$/.test(fold);
/** `bin` (Turkish thousand) is also an English and Arabic word; a magnitude counts only right after a figure. */
const magnitudeOf = (fold: string): number => MAGNITUDES.find(([stem]) => stem.test(fold))?.[1] ?? 1;

/**
 * The figures of a text, in order. `words` are those of the text; a figure of several words (`1 300`, `1.300`, `3,5 million`) is
 * read as one. Years (1900–2099 alone) are amounts too; they are weak evidence and weighted by how common they are.
 */
export function figuresOf(words: readonly Word[], text: string): readonly Figure[] {
  const figures: Figure[] = [];
  let from = 0;
  const gaps = words.map((w) => {
    const gap = text.slice(from, w.start);
    from = w.start + w.text.length;
    return gap;
  });
  for (let i = 0; i < words.length; i++) {
    const model = modelAt(words, i);
    if (model !== null) {
      figures.push(model);
      i += model.length - 1;
      continue;
    }
    const fold = words[i]!.fold;
    if (!/^\d{1,12}/.test(fold)) continue;
    if (!isDigits(fold)) {
      const lead = /^(\d{1,9})(?:st|nd|rd|th|ve|lik|luk|mm|km|kg|i|ti|og|te|ta)$/.exec(fold);
      if (lead !== null) figures.push({ kind: 'amount', value: Number(lead[1]), at: i, length: 1 });
      continue;
    }
    const amount = amountAt(words, gaps, i);
    const month = monthOf(words[i + amount.length]?.fold ?? '') || monthOf(i > 0 ? words[i - 1]!.fold : '');
    if (month > 0 && amount.value >= 1 && amount.value <= 31 && amount.length === 1)
      figures.push({ kind: 'day', month, day: amount.value, at: i, length: 1 });
    else figures.push(amount);
    i += amount.length - 1;
  }
  return figures;
}

/** `F-16`, `FK-3`, `TB2`, `Su-30SM`, `155mm` is none: letters first, at most four, then a figure of at most three digits. */
function modelAt(words: readonly Word[], i: number): Extract<Figure, { kind: 'model' }> | null {
  const word = words[i]!;
  const next = words[i + 1];
  if (word.capital && word.fold.length <= 4 && /^[a-z]+$/.test(word.fold) && next?.joined === true) {
    const number = /^(\d{1,3})[a-z]{0,3}$/.exec(next.fold);
    if (number !== null && word.acronym !== word.fold.length < 2)
      return { kind: 'model', name: word.fold + number[1], at: i, length: 2 };
  }
  const whole = /^([a-z]{1,4})(\d{1,3})[a-z]{0,2}$/.exec(word.fold);
  return whole !== null && word.capital ? { kind: 'model', name: whole[1]! + whole[2]!, at: i, length: 1 } : null;
}

function amountAt(words: readonly Word[], gaps: readonly string[], i: number): Extract<Figure, { kind: 'amount' }> {
  let digits = words[i]!.fold;
  let fraction = '';
  let length = 1;
  while (isDigits(words[i + length]?.fold ?? '')) {
    const gap = gaps[i + length]!;
    const next = words[i + length]!.fold;
    if (next.length === 3 && digits.length <= 9 && /^[.,\s\u00a0'’]$/.test(gap) && fraction === '') digits += next;
    else if (/^[.,]$/.test(gap) && fraction === '' && next.length <= 2) fraction = next;
    else break;
    length++;
  }
  let value = Number(fraction === '' ? digits : `${digits}.${fraction}`);
  // "388 de milioane", "500 εκατ.", "3 thousand": the magnitude follows, in Romanian after a "de".
  for (const ahead of [0, 1]) {
    const word = words[i + length + ahead]?.fold ?? '';
    if (ahead === 1 && words[i + length]?.fold !== 'de') break;
    const magnitude = magnitudeOf(word);
    if (magnitude > 1) {
      value *= magnitude;
      length += ahead + 1;
      break;
    }
  }
  return { kind: 'amount', value: Math.round(value * 1000) / 1000, at: i, length };
}
