import iconv from 'iconv-lite';

type Hints = { readonly url?: string | undefined; readonly outletCountry?: string | undefined };

/** Encodings of one byte that feeds of the region have been seen in, likeliest first: the first of equals wins. */
const ONE_BYTE = [
  'windows-1250',
  'windows-1251',
  'windows-1253',
  'windows-1254',
  'windows-1252',
  'iso-8859-2',
  'iso-8859-5',
  'iso-8859-7',
  'iso-8859-16',
  'koi8-r',
  'windows-1255',
  'windows-1256',
  'ibm866',
] as const;
const MANY_BYTES = ['euc-kr', 'shift_jis', 'euc-jp', 'gb18030', 'big5'] as const;

/** Letters that the languages of the region write beyond ASCII; a wrong table rarely gives only these. */
const COMMON = new Map<string, number>();
const weigh = (letters: string, weight: number) => {
  for (const letter of letters) COMMON.set(letter, weight);
};
weigh('абвгдежзијклмнопрстуфхцчшљњђћџйщъыьэюяѓќѕё', 2.5);
weigh('аеионтсрвиј', 3.5);
weigh('фщцюйъэы', 1.5);
weigh('АБВГДЕЖЗИЈКЛМНОПРСТУФХЦЧШЉЊЂЋЏЙЩЭЮЯЃЌЅ', 2);
weigh('αβγδεζηθικλμνξοπρσςτυφχψωάέήίόύώϊϋΐΰ', 3);
weigh('ΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩΆΈΉΊΌΎΏ', 2);
weigh('čćžšđČŽŠăâîşţșțŞŢȘȚéáíóöüőűúçëğışİĞÇ', 3);
weigh('ĆĐĂÂÎÉÁÍÓÖÜŐŰÚËàèêôûäßñ', 2);
weigh('„“”‘’–—…«»€', 2);
weigh('אבגדהוזחטיךכלםמןנסעףפץצקרשת', 2.5);
weigh('יוהלארתשמבנ', 3.5);

/** What an outlet of a country writes, for texts too short to tell: Latin, Cyrillic or Greek, and which Latin. */
const EXPECTED: Readonly<Record<string, readonly string[]>> = {
  ...{
    rs: ['windows-1250', 'windows-1251', 'iso-8859-2'],
    me: ['windows-1250', 'windows-1251'],
    ba: ['windows-1250', 'windows-1251'],
    hr: ['windows-1250', 'iso-8859-2'],
  },
  ...{
    si: ['windows-1250', 'iso-8859-2'],
    hu: ['windows-1250', 'iso-8859-2'],
    ro: ['windows-1250', 'iso-8859-2', 'iso-8859-16'],
    bg: ['windows-1251'],
    mk: ['windows-1251'],
    ru: ['windows-1251', 'koi8-r'],
  },
  ...{
    gr: ['windows-1253', 'iso-8859-7'],
    cy: ['windows-1253'],
    tr: ['windows-1254'],
    al: ['windows-1252'],
    xk: ['windows-1252'],
    kr: ['euc-kr'],
    jp: ['shift_jis', 'euc-jp'],
    cn: ['gb18030'],
    tw: ['big5'],
    il: ['windows-1255'],
  },
};

/** The most likely encoding of bytes that are not UTF-8 and that declare nothing true, by the letters they would give. */
export function guessEncoding(buffer: Buffer, hints: Hints): string {
  return bestGuess(highSample(buffer), expectedOf(hints)).encoding;
}

/** How much better (in worth a letter, of 4 at most) a guess must be before a declared encoding is taken for a lie. */
const CERTAIN = 1;
/** And how many letters beyond ASCII it takes: a pound sign proves nothing. */
const ENOUGH = 10;

/**
 * The declared encoding, or the guess where the declared one can only be a lie: Latin-1 over Cyrillic or Greek bytes, or
 * over letters that the outlet's country writes in another encoding. What is no one-byte encoding is believed.
 */
export function believeOrGuess(buffer: Buffer, declared: string, hints: Hints): string {
  if (!ONE_BYTE.some((encoding) => encoding === declared)) return declared;
  const sample = highSample(buffer);
  if (sample.reduce((count, byte) => count + (byte >> 7), 0) < ENOUGH) return declared;
  const expected = expectedOf(hints);
  const guess = bestGuess(sample, expected);
  const margin = guess.score - scoreOneByte(iconv.decode(sample, declared));
  const isElsewhere = OTHER_SCRIPT.test(guess.encoding) || expected.includes(guess.encoding);
  return isElsewhere && margin >= CERTAIN ? guess.encoding : declared;
}

const OTHER_SCRIPT = /^(?:windows-125[13]|iso-8859-[57]|koi8-r)$/;

function expectedOf({ outletCountry, url }: Hints): readonly string[] {
  const host = /^[a-z]+:\/\/[^/?#:]+/i.exec(url ?? '')?.[0] ?? '';
  const country = outletCountry ?? /\.([a-z]{2})$/i.exec(host)?.[1] ?? '';
  return EXPECTED[country.toLowerCase()] ?? [];
}

function bestGuess(sample: Buffer, expected: readonly string[]): { readonly encoding: string; readonly score: number } {
  const one = ONE_BYTE.map((encoding) => {
    const score = scoreOneByte(iconv.decode(sample, encoding));
    return { encoding: encoding as string, score: score * (expected.includes(encoding) ? 1.15 : 1) };
  });
  const many = MANY_BYTES.map((encoding) => ({
    encoding,
    score: scoreManyBytes(sample, encoding) * (expected.includes(encoding) ? 1.1 : 1),
  }));
  return [...one, ...many].reduce((best, each) => (each.score > best.score ? each : best));
}

/** Up to 16 KB around the bytes beyond ASCII, markup left as it is. */
function highSample(buffer: Buffer): Buffer {
  const parts: Buffer[] = [];
  let size = 0;
  for (let at = 0; at < buffer.length && size < 16_384; at++) {
    if (buffer[at]! < 0x80) continue;
    const end = Math.min(buffer.length, at + 60);
    parts.push(buffer.subarray(Math.max(0, at - 1), end));
    size += 61;
    at = end;
  }
  return Buffer.concat(parts);
}

/** Average worth of a character beyond ASCII: letters of the region high, rare ones low, controls and wrong case worse. */
function scoreOneByte(text: string): number {
  let score = 0;
  let count = 0;
  for (let at = 0; at < text.length; at++) {
    const letter = text[at]!;
    if (letter < '\u0080') continue;
    count++;
    const isControl = letter <= '\u009f' || letter === '\ufffd';
    score += isControl ? -8 : (COMMON.get(letter) ?? (/\p{L}/u.test(letter) ? 0 : -1));
    const before = text[at - 1] ?? ' ';
    if (/\p{Lu}/u.test(letter) && /\p{Ll}/u.test(before)) score -= 4;
    if (/\p{L}/u.test(letter) && /\p{L}/u.test(before) && scriptOf(letter) !== scriptOf(before)) score -= 5;
    if (!/[\p{L}\p{P}\s]/u.test(letter) && /\p{L}/u.test(before) && /\p{L}/u.test(text[at + 1] ?? ' ')) score -= 4;
  }
  return count === 0 ? 0 : score / count;
}

function scriptOf(letter: string): 'latin' | 'cyrillic' | 'greek' | 'other' {
  const code = letter.charCodeAt(0);
  if (code < 0x250) return 'latin';
  if (code >= 0x370 && code < 0x400) return 'greek';
  return code >= 0x400 && code < 0x530 ? 'cyrillic' : 'other';
}

/** East Asian encodings break at once on other bytes; their common characters stand in few blocks. */
function scoreManyBytes(sample: Buffer, encoding: string): number {
  const text = new TextDecoder(encoding).decode(sample);
  const high = text.match(/[^\u0000-\u007f]/g)?.length ?? 0;
  if (high === 0) return 0;
  const good =
    text.match(encoding === 'euc-kr' ? /[\uac00-\ud7a3]/g : /[\u3041-\u30fe\u4e00-\u9fa5\u3001\u3002\uff01-\uff5e]/g)
      ?.length ?? 0;
  const bad = text.match(/[\ufffd\uff61-\uff9f\ue000-\uf8ff]/g)?.length ?? 0;
  const kana = encoding === 'gb18030' || encoding === 'big5' ? 0 : (text.match(/[\u3041-\u30fe]/g)?.length ?? 0);
  return (2.4 * good + kana - 12 * bad) / high;
}
