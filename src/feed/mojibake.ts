import { isUtf8 } from 'node:buffer';
import iconv from 'iconv-lite';

/** The encodings that UTF-8 is mistaken for in the region. */
const MISTAKEN = ['windows-1252', 'windows-1250', 'windows-1251'] as const;
/** Whether a letter may be the first byte of a two- or three-byte UTF-8 letter, read as one of those encodings. */
export const isMojibakeLead = (letter: string): boolean =>
  /[\u00c2-\u00df\u00e2\u0102-\u011a\u0139-\u0170\u0412\u0413\u041e\u041f\u0420\u0421\u0432]/.test(letter);

/** Whether a letter may be one of the bytes 0x80–0xBF that follow. */
export const isMojibakeTail = (letter: string): boolean =>
  /[\u0080-\u00bf\u0104\u0105\u013d\u013e\u0141\u0142\u0152\u0153\u015a-\u0165\u0178-\u017e\u0192\u02c6-\u02dd\u0401-\u040f\u0451-\u045f\u0490\u0491\u2013-\u203a\u20ac\u2116\u2122]/.test(
    letter,
  );

/** Quotes and dashes follow real letters too; one such pair is no proof. */
const PROSE = /^[\u2013\u2014\u2018-\u201e\u2026\u2039\u203a\u00ab\u00bb\u00a0]$/;

/**
 * Undoes UTF-8 that was read as a legacy encoding and written as UTF-8 again (`Å¡`, `Ð¡Ñ`, `Ĺˇ`, `РЎ`), only where that is
 * certain: every letter outside ASCII takes part, and the bytes that result are UTF-8 throughout.
 */
export function repairMojibake(text: string): string {
  if (text.length > 20_000) return text;
  for (const encoding of MISTAKEN) {
    const repaired = reread(text, encoding);
    if (repaired !== null) return repaired;
  }
  return text;
}

function reread(text: string, encoding: (typeof MISTAKEN)[number]): string | null {
  const table = bytesOf(encoding);
  const bytes = Buffer.allocUnsafe(text.length);
  let pairs = 0;
  let proof = false;
  let expected = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    const byte = code < 0x80 ? code : table.get(code);
    if (byte === undefined) return null;
    // One letter that is no part of a sequence settles it, so that honest text costs a few steps.
    const isContinuation = byte >= 0x80 && byte < 0xc0;
    if (isContinuation !== expected > 0) return null;
    if (isContinuation) expected--;
    else if (byte >= 0xc0) {
      expected = byte >= 0xe0 ? 2 : 1;
      pairs++;
    }
    if (isContinuation && !PROSE.test(text[at]!)) proof = true;
    bytes[at] = byte;
  }
  const isCertain = encoding === 'windows-1251' ? pairs >= 3 : proof || pairs >= 3;
  return isCertain && isUtf8(bytes) ? bytes.toString('utf8') : null;
}

const tables = new Map<string, Map<number, number>>();

/** Code unit → byte; bytes that the encoding leaves undefined stand for the control of their number, as browsers have it. */
function bytesOf(encoding: string): Map<number, number> {
  let table = tables.get(encoding);
  if (table === undefined) {
    table = new Map();
    for (let byte = 0x80; byte <= 0xff; byte++) {
      const decoded = iconv.decode(Buffer.from([byte]), encoding).charCodeAt(0);
      table.set(decoded === 0xfffd ? byte : decoded, byte);
    }
    tables.set(encoding, table);
  }
  return table;
}
