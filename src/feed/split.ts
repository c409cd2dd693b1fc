/** A document cut into what surrounds its entries and the entries, by character offsets. */
export type Split = {
  /**
   * Whether rss-parser would misread an entry: HTML elements stand in it as markup (`<p>`, `<br/>`), its tag has
   * attributes (`rdf:about`), a namespace or base is declared in it, XHTML is, or a bare ampersand will make it fail.
   */
  readonly isOdd: boolean;
  readonly name: 'item' | 'entry';
  /** From `<item …>` to `</item>`, both included, in document order; offsets in bytes where the view is of bytes. */
  readonly entries: readonly { readonly start: number; readonly end: number }[];
};

/**
 * Cuts a document into entries in one pass over its `<`, without parsing it. Null where the cut would not be safe: entries
 * that overlap, a CDATA section or comment that does not end or that swallowed an entry, declared entities, capitals.
 */
export function splitEntries(xml: string): Split | null {
  const entries: { start: number; end: number }[] = [];
  let name: Split['name'] | '' = '';
  let start = -1;
  let isOdd = false;
  for (let at = xml.indexOf('<'); at !== -1; ) {
    const next = xml.charCodeAt(at + 1);
    if (next === BANG) {
      const end = endOfDeclaration(xml, at);
      if (end < 0) return null;
      at = xml.indexOf('<', end);
      continue;
    }
    const closes = next === SLASH;
    const from = closes ? at + 2 : at + 1;
    const first = xml.charCodeAt(from) | 32;
    if (first === LOWER_I || first === LOWER_E) {
      const tag = tagAt(xml, from);
      if (tag !== '') {
        if (tag !== '?' && name === '') name = tag;
        if (tag !== name || closes !== start >= 0) return null;
        const end = xml.indexOf('>', from) + 1;
        if (end === 0 || xml.charCodeAt(end - 2) === SLASH) return null;
        if (closes) {
          entries.push({ start, end });
          start = -1;
        } else {
          start = at;
          isOdd ||= end !== from + tag.length + 1;
        }
      }
    }
    if (!isOdd && !closes) isOdd = isShortName(xml, from);
    at = xml.indexOf('<', from);
  }
  if (start >= 0 || name === '' || entries.length === 0) return null;
  return { name, entries, isOdd: isOdd || hasOddity(xml, entries[0]!.start) };
}

const hasOddity = (xml: string, from: number): boolean =>
  ['xmlns', 'xml:', 'xhtml', '& '].some((oddity) => xml.indexOf(oddity, from) !== -1);

/** A tag name of one or two letters that is not Atom's `id`: HTML has them, feeds do not. */
function isShortName(xml: string, from: number): boolean {
  const second = xml.charCodeAt(from + 1);
  if (second === 62 || second <= 32 || second === SLASH) return true;
  const third = xml.charCodeAt(from + 2);
  return (third === 62 || third <= 32 || third === SLASH) && !xml.startsWith('id', from);
}

const BANG = 33;
const SLASH = 47;
const LOWER_I = 105;
const LOWER_E = 101;

/** `item` or `entry` where a tag of that name stands, in capitals `?`, else ''. */
function tagAt(xml: string, from: number): Split['name'] | '?' | '' {
  const length = (xml.charCodeAt(from) | 32) === LOWER_I ? 4 : 5;
  const after = xml.charCodeAt(from + length);
  if (!(after === 62 || after === SLASH || after <= 32)) return '';
  const word = xml.slice(from, from + length);
  if (word === 'item' || word === 'entry') return word;
  const lower = word.toLowerCase();
  return lower === 'item' || lower === 'entry' ? '?' : '';
}

function endOfDeclaration(xml: string, at: number): number {
  if (xml.startsWith('[CDATA[', at + 2)) {
    const end = xml.indexOf(']]>', at + 9);
    return end < 0 || swallows(xml, at, end) ? -1 : end + 3;
  }
  if (xml.startsWith('--', at + 2)) {
    const end = xml.indexOf('-->', at + 4);
    return end < 0 ? -1 : end + 3;
  }
  return -1;
}

/** A CDATA section that was never closed runs on into the next entry's. */
export function swallows(xml: string, start: number, end: number): boolean {
  const close = xml.indexOf('</', start);
  if (close < 0 || close > end) return false;
  const section = xml.slice(start, end);
  return section.includes('</item>')
    ? section.includes('<item')
    : section.includes('</entry>') && section.includes('<entry');
}

/** The document with every entry emptied: what surrounds them, and where each stands. */
export function frameOf(buffer: Buffer, view: string, split: Split): string {
  const marker = `<${split.name}/>`;
  let out = '';
  let from = 0;
  for (const { start, end } of split.entries) {
    // Between entries stands a line feed or nothing.
    out += (start - from < 3 ? view.slice(from, start) : buffer.toString('utf8', from, start)) + marker;
    from = end;
  }
  return out + buffer.toString('utf8', from, buffer.length);
}
