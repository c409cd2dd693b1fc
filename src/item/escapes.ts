/**
 * Percent-encoding for comparison. Two spellings that servers treat alike become one: escapes of characters that need none are
 * undone, all other escapes get capital letters, and whatever RFC 3986 does not let stand bare is escaped as UTF-8. Escapes of
 * `/ ? # [ ] & = + %` and of controls stay, for there they mean something else than the bare character.
 */
const UNESCAPED = /^[A-Za-z0-9\-._~!'()*,:@$;/?=&+]*$/;
const TO_NORMALISE = /%[0-9A-Fa-f]{2}|[^A-Za-z0-9\-._~!'()*,:@$;/?=&+]/gu;
const NEEDS_NO_ESCAPE = /[A-Za-z0-9\-._~!'()*,:@$;]/;
const escapeOf = (byte: number): string => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;

/** Percent-encoding of `text` (well-formed) normalised for comparison; with `plusIsSpace` a bare `+` becomes `%20`, as in queries. */
export function normaliseEscapes(text: string, plusIsSpace = false): string {
  const spaced = plusIsSpace ? text.replaceAll('+', '%20') : text;
  if (UNESCAPED.test(spaced)) return spaced;
  return spaced.replace(TO_NORMALISE, (found) => {
    if (found.length !== 3 || found[0] !== '%') return Array.from(Buffer.from(found, 'utf8'), escapeOf).join('');
    const byte = Number.parseInt(found.slice(1), 16);
    const bare = String.fromCharCode(byte);
    return byte < 0x80 && NEEDS_NO_ESCAPE.test(bare) ? bare : found.toUpperCase();
  });
}

/** Undoes one level of escaping for visible ASCII (0x21–0x7e): how an address is taken out of another one's parameter. */
export function unescapeAscii(text: string): string {
  return text.replace(/%([2-7][0-9A-Fa-f])/g, (found, hex: string) => {
    const byte = Number.parseInt(hex, 16);
    return byte > 0x20 && byte < 0x7f ? String.fromCharCode(byte) : found;
  });
}
