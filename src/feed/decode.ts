import { isUtf8 } from 'node:buffer';
import iconv from 'iconv-lite';
import { believeOrGuess, guessEncoding } from './guess.ts';

export type DecodeOptions = {
  readonly contentType?: string | undefined;
  readonly url?: string | undefined;
  readonly outletCountry?: string | undefined;
};

/** Names that are in use for encodings and that neither the platform nor iconv-lite knows. */
const ALIASES: Readonly<Record<string, string>> = {
  ...{
    'win-1250': 'windows-1250',
    'win-1251': 'windows-1251',
    'win-1252': 'windows-1252',
    'win-1253': 'windows-1253',
    'win-1254': 'windows-1254',
  },
  ...{
    utf: 'utf-8',
    'utf-8n': 'utf-8',
    'unicode-1-1-utf-8': 'utf-8',
    'unicode-utf-8': 'utf-8',
    utf8mb4: 'utf-8',
    unicode: 'utf-8',
    'x-utf-8': 'utf-8',
  },
  ...{
    'us-ascii': 'windows-1252',
    ascii: 'windows-1252',
    'iso-8859-1': 'windows-1252',
    'iso8859-1': 'windows-1252',
    latin1: 'windows-1252',
    l1: 'windows-1252',
    'latin-1': 'windows-1252',
  },
  ...{
    'latin-2': 'iso-8859-2',
    'latin-5': 'iso-8859-9',
    latin5: 'windows-1254',
    'iso-8859-9': 'windows-1254',
    elot_928: 'iso-8859-7',
    'elot-928': 'iso-8859-7',
  },
  ...{
    'iso-8859-16': 'iso-8859-16',
    latin10: 'iso-8859-16',
    'x-mac-cyrillic': 'x-mac-cyrillic',
    'utf-16': 'utf-16',
    'ucs-2': 'utf-16',
    'iso-10646-ucs-2': 'utf-16',
    'utf-32': 'utf-32',
    'ucs-4': 'utf-32',
  },
};

/**
 * Turns a document's bytes into text. A byte order mark decides; then bytes that are valid UTF-8 are UTF-8 whatever the
 * labels say (no other encoding's text is by chance); then the declared encodings, HTTP's before the document's own
 * unless it is a server's default; then statistics. Never throws.
 */
export function decodeDocument(buffer: Buffer, options: DecodeOptions = {}): string {
  return stripMarks(marked(buffer) ?? wide(buffer, options) ?? narrow(buffer, options));
}

/** Whether bytes are UTF-8 and nothing else: no mark, no NUL, no escapes of a label that means them. */
export function isPlainUtf8(buffer: Buffer, contentType: string | undefined): boolean {
  return (
    isUtf8(buffer) && !buffer.includes(0) && !buffer.includes('\ufeff') && declaredEscape(buffer, contentType) === null
  );
}

/** A declared encoding whose text is ASCII with escapes in it. */
const declaredEscape = (buffer: Buffer, contentType: string | undefined): string | null =>
  declaredEncodings(buffer, contentType).find((label) => /^(?:iso-2022|hz-gb|utf-?7)/.test(label)) ?? null;

/** Byte order marks in the middle come from files that were joined; NUL from fields that were not. */
function stripMarks(text: string): string {
  const plain = text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
  return plain.includes('\0') || plain.includes('\ufeff') ? plain.replace(/[\u0000\ufeff]/g, '') : plain;
}

function marked(buffer: Buffer): string | null {
  if (buffer[0] === 0xef && buffer[1] === 0xbb && buffer[2] === 0xbf) return lossyUtf8(buffer.subarray(3), {}, []);
  if (buffer[0] === 0xff && buffer[1] === 0xfe && buffer[2] === 0 && buffer[3] === 0)
    return iconv.decode(buffer, 'utf-32le');
  if (buffer[0] === 0 && buffer[1] === 0 && buffer[2] === 0xfe && buffer[3] === 0xff)
    return iconv.decode(buffer, 'utf-32be');
  if (buffer[0] === 0xff && buffer[1] === 0xfe) return new TextDecoder('utf-16le').decode(buffer);
  if (buffer[0] === 0xfe && buffer[1] === 0xff) return new TextDecoder('utf-16be').decode(buffer);
  return null;
}

/** UTF-16 and UTF-32 without a mark show in their zeros; EBCDIC in how `<?xm` is spelt. */
function wide(buffer: Buffer, { contentType }: DecodeOptions): string | null {
  const [a, b, c, d] = [buffer[0] ?? 1, buffer[1] ?? 1, buffer[2] ?? 1, buffer[3] ?? 1];
  if (a === 0x4c && b === 0x6f && c === 0xa7 && d === 0x94) return ebcdic(buffer);
  if (a === 0 && b === 0 && c === 0 && d !== 0) return iconv.decode(buffer, 'utf-32be');
  if (a !== 0 && b === 0 && c === 0 && d === 0) return iconv.decode(buffer, 'utf-32le');
  const label = /utf-?16|ucs-?2/i.test(contentType ?? '');
  const sample = buffer.subarray(0, 400);
  let even = 0;
  let odd = 0;
  for (let at = 0; at < sample.length; at++) if (sample[at] === 0) at % 2 === 0 ? even++ : odd++;
  const share = (count: number) => count / Math.max(1, sample.length / 2);
  if (odd > 0 && even === 0 && (label || share(odd) > 0.4)) return new TextDecoder('utf-16le').decode(buffer);
  if (even > 0 && odd === 0 && (label || share(even) > 0.4)) return new TextDecoder('utf-16be').decode(buffer);
  return null;
}

function narrow(buffer: Buffer, options: DecodeOptions): string {
  const declared = declaredEncodings(buffer, options.contentType);
  const escaped = declaredEscape(buffer, options.contentType);
  if (escaped !== null) return decodeAs(buffer, escaped) ?? buffer.toString('utf8');
  if (isUtf8(buffer)) return buffer.toString('utf8');
  return lossyUtf8(buffer, options, declared);
}

/** Bytes that are not all UTF-8: mostly UTF-8 with damage, or another encoding, declared or guessed. */
function lossyUtf8(buffer: Buffer, options: DecodeOptions, declared: readonly string[]): string {
  const { valid, broken } = countUtf8(buffer);
  if (valid > 0 && broken <= Math.max(2, valid / 4)) return withIslands(buffer, options);
  for (const label of declared) {
    if (/^utf-?8$/.test(label) || (label === 'windows-1252' && declared.length > 1 && label !== declared.at(-1)))
      continue;
    const text = decodeAs(buffer, label);
    if (text === null || !isPlausible(text)) continue;
    const believed = believeOrGuess(buffer, label, options);
    return believed === label ? text : (decodeAs(buffer, believed) ?? text);
  }
  if (valid > broken * 2) return withIslands(buffer, options);
  return decodeAs(buffer, guessEncoding(buffer, options)) ?? buffer.toString('latin1');
}

/** A declared encoding that gives many replacement or control characters is a lie. */
function isPlausible(text: string): boolean {
  const sample = text.slice(0, 200_000);
  const bad = sample.match(/[\ufffd\u0080-\u009f]/g)?.length ?? 0;
  const high = sample.match(/[^\u0000-\u007f]/g)?.length ?? 0;
  return bad <= high / 10;
}

/** HTTP's charset, then the XML declaration's, as canonical labels; unknown ones left out. */
function declaredEncodings(buffer: Buffer, contentType: string | undefined): string[] {
  const head = buffer.subarray(0, 2_000).toString('latin1');
  const http = /charset\s{0,5}=\s{0,5}["']?\s{0,5}([\w.:+-]{1,40})/i.exec(contentType ?? '')?.[1];
  const own = /<\?xml[^>]{0,300}?encoding\s{0,5}=\s{0,5}["']\s{0,5}([\w.:+-]{1,40})/i.exec(head)?.[1];
  return [http, own].filter((label) => label !== undefined).map(canonical);
}

function canonical(label: string): string {
  const lower = label
    .toLowerCase()
    .replace(/^x-(?=cp|win|utf)/, '')
    .replace(/^(?:win|windows|cp|ms|ansi|microsoft-cp)[-_ ]?(12\d\d)$/, 'windows-$1')
    .replace(/^iso[-_ ]?8859[-_ ]?(\d{1,2})(?:-[ei])?$/, 'iso-8859-$1')
    .replace(/^utf[-_ ]?8$/, 'utf-8');
  return ALIASES[lower] ?? lower;
}

function decodeAs(buffer: Buffer, label: string): string | null {
  if (label === 'utf-16' || label === 'utf-32' || label.startsWith('utf-16') || label.startsWith('utf-32')) return null;
  // Node 20 reads windows-1252 as Latin-1: 0x80–0x9F come out as controls.
  if (label === 'windows-1252') return iconv.decode(buffer, label);
  try {
    return new TextDecoder(label).decode(buffer);
  } catch {
    const isText = !/^(?:base64|hex|binary|ucs2|internal)/.test(label) && iconv.encodingExists(label);
    return isText ? iconv.decode(buffer, label) : null;
  }
}

/** How many letters of several bytes are whole and how many bytes fit nowhere. */
function countUtf8(buffer: Buffer): { readonly valid: number; readonly broken: number } {
  let valid = 0;
  let broken = 0;
  for (let at = 0; at < buffer.length; ) {
    const length = lengthAt(buffer, at);
    if (length > 1) valid++;
    else if (length === 0) broken++;
    at += Math.max(1, length);
  }
  return { valid, broken };
}

/** The length of the UTF-8 character at an offset, 0 where none begins. */
function lengthAt(buffer: Buffer, at: number): number {
  const lead = buffer[at]!;
  if (lead < 0x80) return 1;
  const length =
    lead >= 0xc2 && lead < 0xe0 ? 2 : lead >= 0xe0 && lead < 0xf0 ? 3 : lead >= 0xf0 && lead < 0xf5 ? 4 : 0;
  for (let next = 1; next < length; next++) if (((buffer[at + next] ?? 0) & 0xc0) !== 0x80) return 0;
  return length;
}

/**
 * UTF-8 with damage: a letter cut in two becomes U+FFFD; a whole field in another encoding, which shows in a run of many
 * broken bytes between tags, is decoded by statistics.
 */
function withIslands(buffer: Buffer, options: DecodeOptions): string {
  let out = '';
  let from = 0;
  for (let at = 0; at < buffer.length; ) {
    if (lengthAt(buffer, at) > 0) {
      at += lengthAt(buffer, at);
      continue;
    }
    const start = Math.max(from, buffer.lastIndexOf(0x3e, at) + 1);
    const next = buffer.indexOf(0x3c, at);
    const end = next < 0 ? buffer.length : next;
    const field = buffer.subarray(start, end);
    const { valid, broken } = countUtf8(field);
    out += buffer.toString('utf8', from, start);
    out +=
      broken > 3 && broken > valid * 2
        ? (decodeAs(field, guessEncoding(field, options)) ?? '')
        : field.toString('utf8');
    from = at = end;
  }
  return out + buffer.toString('utf8', from);
}

/** The letters of EBCDIC (code page 37), which mainframes still send. */
function ebcdic(buffer: Buffer): string {
  const plain =
    ' '.repeat(64) +
    ' âäàáãåçñ¢.<(+|&éêëèíîïìß!$*);¬-/ÂÄÀÁÃÅÇÑ¦,%_>?øÉÊËÈÍÎÏÌ`:#@\'="Øabcdefghi«»ðýþ±°jklmnopqrªºæ¸Æ¤µ~stuvwxyz¡¿ÐÝÞ®^£¥·©§¶¼½¾[]¯¨´×{ABCDEFGHI­ôöòóõ}JKLMNOPQR¹ûüùúÿ\\÷STUVWXYZ²ÔÖÒÓÕ0123456789³ÛÜÙÚ ';
  let out = '';
  for (const byte of buffer) out += plain[byte] ?? ' ';
  return out;
}
