import { isMojibakeLead, isMojibakeTail, repairMojibake } from './mojibake.ts';
import { decodeHtmlReferences, decodeReferences } from './references.ts';

/** Elements after which (and before which) a new line of thought begins: their texts stay apart. */
const BLOCKS = new Set(
  'address article aside blockquote br caption center dd dir div dl dt fieldset figcaption figure footer form h1 h2 h3 h4 h5 h6 header hr legend li main menu nav ol option p pre section table tbody td tfoot th thead title tr ul img iframe video audio body html'.split(
    ' ',
  ),
);
/** Elements whose content is nothing to read. */
const HIDDEN = new Set('script style head noscript template object embed applet iframe textarea select'.split(' '));
const INLINE =
  'a abbr acronym area b bdi bdo big blink cite code col data del dfn em font i ins kbd label link map mark meta param q rp rt ruby s samp small source span strike strong sub sup time tt u var wbr nobr input button object embed script style svg noscript applet base bgsound frame frameset template head picture track o v marquee'.split(
    ' ',
  );
const KNOWN = new Set([...BLOCKS, ...HIDDEN, ...INLINE]);

/**
 * The text of HTML, on one line: tags out, blocks apart, references decoded (twice where they were escaped twice), spaces
 * folded. Linear in its input whatever that is.
 *
 * @param onlyKnown tags that HTML does not know stay as text: titles such as `Kako radi <T>`
 */
export function htmlToText(html: string, onlyKnown = false): string {
  if (html.indexOf('<') === -1 && html.indexOf('&') === -1) return readable(html);
  let text = decodeHtmlReferences(withoutTags(html, onlyKnown));
  if (text.indexOf('&') !== -1 || text.indexOf('<') !== -1) text = onceMore(text);
  return readable(text);
}

/** Text that a format declares to be plain: nothing in it is markup; references that were escaped twice are decoded. */
export function plainToText(text: string): string {
  return readable(text.indexOf('&') === -1 ? text : decodeReferences(text));
}

const ESCAPED_MARKUP =
  /<\/(?:p|div|b|i|strong|em|a|span|ul|li|h[1-6]|font|u|blockquote)\s*>|<(?:br|img|p|hr)\b[^<>]{0,2000}>/i;

function onceMore(text: string): string {
  const decoded = /&(?:#\d{2,7}|#x[0-9a-f]{2,6}|[a-z]{2,8}\d?);/i.test(text) ? decodeReferences(text) : text;
  return ESCAPED_MARKUP.test(decoded) ? decodeHtmlReferences(withoutTags(decoded, true)) : decoded;
}

function withoutTags(html: string, onlyKnown: boolean): string {
  const out: string[] = [];
  let from = 0;
  let isSpaced = true;
  let noMoreEnds = false;
  let noMoreComments = false;
  const unclosed = new Set<string>();
  for (let at = html.indexOf('<'); at !== -1; at = html.indexOf('<', at)) {
    const next = html.charCodeAt(at + 1);
    if (next === 33 || next === 63) {
      const isComment = html.startsWith('!--', at + 1);
      const isCdata = html.startsWith('![CDATA[', at + 1);
      if (isCdata) {
        out.push(html.slice(from, at));
        from = at = at + 9;
        continue;
      }
      const close = isComment ? '-->' : '>';
      const end = (isComment ? noMoreComments : noMoreEnds) ? -1 : html.indexOf(close, at + 2);
      if (end < 0) {
        if (isComment) noMoreComments = true;
        at++;
        continue;
      }
      out.push(html.slice(from, at));
      from = at = end + close.length;
      continue;
    }
    const nameAt = next === 47 ? at + 2 : at + 1;
    const name = nameFrom(html, nameAt);
    if (name === '' || (onlyKnown && !KNOWN.has(name))) {
      at++;
      continue;
    }
    const end = noMoreEnds ? -1 : endOfTag(html, nameAt);
    if (end < 0) {
      // The text was cut inside a tag; what would have been attributes is nothing to read.
      noMoreEnds = true;
      if (!onlyKnown && html.length - at < 2_000) {
        out.push(html.slice(from, at));
        return out.join('');
      }
      at++;
      continue;
    }
    if (at > from) {
      const endsInSpace = html.charCodeAt(at - 1) <= 32;
      // White space between two blocks adds nothing.
      if (!(endsInSpace && isSpaced && at === from + 1)) out.push(html.slice(from, at));
      isSpaced = endsInSpace;
    }
    if (!isSpaced && BLOCKS.has(name)) {
      out.push(' ');
      isSpaced = true;
    }
    const hides = next !== 47 && HIDDEN.has(name) && html.charCodeAt(end - 1) !== 47 && !unclosed.has(name);
    from = at = hides ? endOfHidden(html, name, end + 1, unclosed) : end + 1;
  }
  out.push(html.slice(from));
  const rest = from === 0 ? html : out.join('');
  return rest.includes(']]>') ? rest.replaceAll(']]>', '') : rest;
}

/** The local name of the tag whose name begins here, lower case; '' where no tag begins. */
function nameFrom(html: string, start: number): string {
  let end = start;
  for (; end < start + 40; end++) {
    const code = html.charCodeAt(end);
    if ((code | 32) >= 97 && (code | 32) <= 122) continue;
    if (end > start && ((code >= 48 && code <= 58) || code === 45 || code === 95)) continue;
    break;
  }
  const name = html.slice(start, end).toLowerCase();
  const colon = name.indexOf(':');
  return colon < 0 ? name : name.slice(colon + 1) || name;
}

/** The `>` that ends a tag, quoted ones passed over unless the quote never closes. */
function endOfTag(html: string, start: number): number {
  const end = html.indexOf('>', start);
  if (end < 0) return -1;
  const inside = html.slice(start, end);
  const open = inside.search(/=\s{0,20}["'][^"']*$/);
  if (open < 0) return end;
  const quoteAt = start + open + inside.slice(open).search(/["']/);
  const quote = html[quoteAt]!;
  const close = html.indexOf(quote, quoteAt + 1);
  if (close < 0 || close - quoteAt > 5_000 || html.slice(end, close).includes('<')) return end;
  const after = html.indexOf('>', close);
  return after < 0 ? end : after;
}

/** Past the end tag of an element that hides its content; one that is never closed hides nothing, and is not sought again. */
function endOfHidden(html: string, name: string, from: number, unclosed: Set<string>): number {
  const end = html.slice(from, from + 200_000).search(new RegExp(`</${name}\\s{0,20}>`, 'i'));
  if (end < 0) {
    unclosed.add(name);
    return from;
  }
  return html.indexOf('>', from + end) + 1;
}

function readable(text: string): string {
  const found = survey(text);
  if ((found & MAYBE_MOJIBAKE) === 0) return tidied(text, found);
  return cleanText(repairMojibake(text));
}

/** What each character may mean for a text, looked up in one pass: three regular expressions took three times as long. */
const BAD = 1;
const SPACE = 2;
const LEAD = 4;
const CONTINUATION = 8;
const MAYBE_MOJIBAKE = 16;
const CLASSES = new Uint8Array(65_536);
for (let code = 0; code < CLASSES.length; code++) {
  const letter = String.fromCharCode(code);
  if (/[\u0000-\u0008\u000e-\u001f\u007f-\u009f\u00ad\u200b\u2060\ufeff\ufffe\uffff\ud800-\udfff]/.test(letter))
    CLASSES[code] = BAD;
  if (/\s/.test(letter)) CLASSES[code]! |= SPACE;
  if (isMojibakeLead(letter)) CLASSES[code]! |= LEAD;
  if (isMojibakeTail(letter)) CLASSES[code]! |= CONTINUATION;
}

/** 0 for text that needs nothing but trimming; else which of bad characters, odd spaces or mojibake it may hold. */
function survey(text: string): number {
  let found = 0;
  let before = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    const each = code > 0x60 && code < 0x7f ? 0 : CLASSES[code]!;
    if (each !== 0) {
      if ((each & BAD) !== 0) found |= BAD;
      if ((each & SPACE) !== 0 && (code !== 32 || (before & SPACE) !== 0)) found |= SPACE;
      if ((each & CONTINUATION) !== 0 && (before & LEAD) !== 0) found |= MAYBE_MOJIBAKE;
    }
    before = each;
  }
  return found;
}

/**
 * Text that PostgreSQL and people can take: no control characters, lone surrogates or noncharacters, every kind of space
 * a single space, zero-width spaces and soft hyphens out. C1 controls are read as windows-1252, which they always are.
 */
export const cleanText = (text: string): string => tidied(text, survey(text));

function tidied(text: string, found: number): string {
  const fit = (found & BAD) === 0 ? text : withoutBad(text);
  const trimmed = fit.trim();
  return (found & (BAD | SPACE)) === 0 ? trimmed : foldSpaces(trimmed);
}

/** Every run of space characters as one space; by hand, because a regular expression tries at every letter. */
function foldSpaces(text: string): string {
  let out = '';
  let from = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if ((CLASSES[code]! & SPACE) === 0) continue;
    let end = at + 1;
    while (end < text.length && (CLASSES[text.charCodeAt(end)]! & SPACE) !== 0) end++;
    if (end > at + 1 || code !== 32) {
      out += `${text.slice(from, at)} `;
      from = end;
    }
    at = end - 1;
  }
  return out + text.slice(from);
}

const withoutBad = (text: string): string =>
  text
    .toWellFormed()
    .replace(/[\u0080-\u009f]/g, (control) => WINDOWS_1252[control.charCodeAt(0) - 0x80]!)
    .replace(/[\u0000-\u0008\u000e-\u001f\u007f\u200b\u2060\ufeff\u00ad\ufffe\uffff]/g, '');

const WINDOWS_1252 = '€ ‚ƒ„…†‡ˆ‰Š‹Œ Ž  ‘’“”•–—˜™š›œ žŸ';
