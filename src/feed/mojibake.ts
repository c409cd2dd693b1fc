import { isUtf8 } from 'node:buffer';
import iconv from 'iconv-lite';

/** The encodings that UTF-8 is mistaken for in the region. */
const MISTAKEN = ['windows-1252', 'windows-1250', 'windows-1251'] as const;
/** What the first byte of a two- or three-byte UTF-8 letter looks like in those encodings. */
const LEAD =
  /[\u00c2-\u00df\u00e2\u0102-\u011a\u0139-\u0170\u0420\u0421\u041e\u041f\u0413\u0412\u0432][\u0080-\u00bf\u02c6-\u02dd\u0102-\u017e\u0192\u0402-\u0491\u2013-\u203a\u20ac\u2116\u2122]/;
/** Quotes and dashes follow real letters too; one such pair is no proof. */
const PROSE = /^[\u2013\u2014\u2018-\u201e\u2026\u2039\u203a\u00ab\u00bb\u00a0]$/;

/**
 * Undoes UTF-8 that was read as a legacy encoding and written as UTF-8 again (`Å¡`, `Ð¡Ñ`, `Ĺˇ`, `РЎ`), only where that is
 * certain: every letter outside ASCII takes part, and the bytes that result are UTF-8 throughout.
 */
export function repairMojibake(text: string): string {
  if (!LEAD.test(text) || text.length > 20_000) return text;
  for (const encoding of MISTAKEN) {
    const repaired = reread(text, encoding);
    if (repaired !== null) return repaired;
  }
  return text;
}

function reread(text: string, encoding: (typeof MISTAKEN)[number]): string | null {
  const bytes: number[] = [];
  const table = bytesOf(encoding);
  let pairs = 0;
  let proof = false;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code < 0x80) {
      bytes.push(code);
      continue;
    }
    const byte = table.get(code);
    if (byte === undefined) return null;
    bytes.push(byte);
    if (byte >= 0xc2) pairs++;
    else if (!PROSE.test(text[at]!)) proof = true;
  }
  const buffer = Buffer.from(bytes);
  const isCertain = encoding === 'windows-1251' ? pairs >= 3 : proof || pairs >= 3;
  return isCertain && isUtf8(buffer) ? buffer.toString('utf8') : null;
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
