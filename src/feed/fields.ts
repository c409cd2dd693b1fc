import { isUtf8 } from 'node:buffer';
import { type DateContext, readDate } from './dates.ts';
import { child, children, type XmlElement } from './element.ts';
import type { Entry } from './entry.ts';
import { BODIES, CATEGORIES, IDENTIFIERS, IDS, LEADS, PUBLISHED, TITLES, UPDATED } from './fieldnames.ts';
import { imageOf } from './image.ts';
import { authorOf } from './person.ts';
import { baseOf, isWebAddress, readAddress } from './resolve.ts';
import { cleanText, htmlToText, plainToText } from './text.ts';

export type EntryContext = DateContext & {
  /** The document's own address, which relative addresses are resolved against. */
  readonly url: string | null;
  readonly format: 'rss' | 'atom';
  /** Who signs what no one signed: the feed's author, in Atom. */
  readonly feedAuthor: string | null;
};

const MAX_CATEGORIES = 50;
const MAX_TEXT = 250_000;

/** Maps one entry of any XML format to the normal form. Both readers' entries go through here and nowhere else. */
export function readEntry(entry: XmlElement, context: EntryContext): Entry {
  const base = baseOf(entry.base, context.url);
  const updatedAt = firstDate(entry, UPDATED, context);
  return {
    title: firstText(entry, TITLES, context),
    url: permalinkOf(entry, base),
    id: idOf(entry),
    publishedAt: firstDate(entry, PUBLISHED, context) ?? updatedAt ?? readDate(entry.attributes.lastmod, context),
    updatedAt,
    summary: leadOf(entry, context),
    author: authorOf(entry) ?? sourceAuthorOf(entry) ?? context.feedAuthor,
    imageUrl: imageOf(entry, children(entry, ...BODIES).map(markupOf), base),
    categories: categoriesOf(entry),
  };
}

/** The text of a field as its format means it: plain, escaped HTML or markup. */
export function textOf(field: XmlElement, format: 'rss' | 'atom', isTitle: boolean): string {
  const type = (field.attributes.type ?? '').toLowerCase();
  const own = field.text.length > MAX_TEXT ? field.text.slice(0, MAX_TEXT) : field.text;
  if (field.children.length > 0) return htmlToText(markupOf(field).slice(0, MAX_TEXT));
  if (format === 'atom' && isPlain(field, type)) return plainOrEscaped(own);
  return htmlToText(decoded(field, own), isTitle && !type.includes('html'));
}

/** Atom's default type is plain text; Atom 0.3 says mode="escaped" for what 1.0 calls html. */
const isPlain = (field: XmlElement, type: string): boolean =>
  type === 'text' ||
  (type === '' && !/escaped|base64/.test(field.attributes.mode ?? '')) ||
  (type === 'text/plain' && field.attributes.mode !== 'base64');

/** Many publishers forget type="html": text that closes an HTML element was never meant to be read with its tags. */
const plainOrEscaped = (text: string): string =>
  /<\/(?:p|div|a|b|i|strong|em|span|li|ul|h[1-6])>|<(?:br|img|p)\b[^<>]{0,2000}>/i.test(text)
    ? htmlToText(text, true)
    : plainToText(text);

/**
 * Atom 0.3 says mode="base64"; Atom 1.0 means it by a type that is neither text nor XML. What does not decode to text was
 * not encoded.
 */
function decoded(field: XmlElement, text: string): string {
  if (!isEncoded(field.attributes) || text.length % 4 === 1 || !/^[A-Za-z0-9+/\s]+={0,2}\s*$/.test(text)) return text;
  const bytes = Buffer.from(text, 'base64');
  return isUtf8(bytes) ? bytes.toString('utf8') : text;
}

const isEncoded = ({ mode, type, encoding }: Readonly<Record<string, string>>): boolean =>
  mode === 'base64' ||
  encoding === 'base64' ||
  (type?.includes('/') === true && !/^(?:text\/|message\/)|[/+]xml$|html/i.test(type.trim()));

const markupOf = (field: XmlElement): string =>
  field.children.length > 0 && field.inner !== null ? field.inner : decoded(field, field.text);

function firstText(element: XmlElement, names: readonly string[], context: EntryContext): string | null {
  for (const field of children(element, ...names)) {
    const text = textOf(field, context.format, true);
    if (text !== '') return text;
  }
  return null;
}

function leadOf(entry: XmlElement, context: EntryContext): string | null {
  for (const field of children(entry, ...LEADS)) {
    if (field.attributes.src !== undefined) continue;
    const text = textOf(field, context.format, false);
    if (text !== '') return text;
  }
  const group = child(
    entry,
    ['media:group', 'media:content'],
    (each) => child(each, ['media:description']) !== undefined,
  );
  const description = group === undefined ? undefined : child(group, ['media:description']);
  return description === undefined ? null : textOf(description, context.format, false) || null;
}

function permalinkOf(entry: XmlElement, base: string | null): string | null {
  const original = child(entry, ['feedburner:origlink'])?.text;
  if (original !== undefined && isWebAddress(original)) return readAddress(original, base);
  const links = children(entry, 'link', 'atom:link');
  for (const isWanted of [isAlternate, isUntyped]) {
    for (const link of links) {
      if (!isWanted(link)) continue;
      const url = readAddress(link.attributes.href ?? link.text, baseOf(link.base, base));
      if (url !== null) return url;
    }
  }
  return permalinkOfId(entry, base) ?? fallbackLink(entry, links, base);
}

const isAlternate = (link: XmlElement): boolean => {
  const rel = (link.attributes.rel ?? 'alternate').trim().toLowerCase();
  return (
    (rel === 'alternate' || rel === '' || rel.endsWith('#alternate')) &&
    !/(?:xml|json|image|audio|video)/i.test(link.attributes.type ?? '')
  );
};
const isUntyped = (link: XmlElement): boolean => /^(?:alternate|)$/i.test((link.attributes.rel ?? '').trim());

/** A guid is an address unless it says that it is none; an atom:id or an RDF subject is one when it looks like one. */
function permalinkOfId(entry: XmlElement, base: string | null): string | null {
  const guid = child(entry, ['guid']);
  if (guid !== undefined && isWebAddress(guid.text) && guid.attributes.ispermalink?.toLowerCase() !== 'false')
    return readAddress(guid.text, base);
  if (guid?.attributes.ispermalink?.toLowerCase() === 'true') return readAddress(guid.text, base);
  const other = child(entry, ['id', 'dc:identifier', 'url'])?.text ?? entry.attributes.about;
  return other !== undefined && isWebAddress(other) ? readAddress(other, base) : null;
}

function fallbackLink(entry: XmlElement, links: readonly XmlElement[], base: string | null): string | null {
  const ranked = ['via', 'related', 'self', 'canonical'].flatMap((rel) =>
    links.filter((link) => link.attributes.rel?.toLowerCase() === rel),
  );
  for (const link of ranked) {
    const url = readAddress(link.attributes.href ?? link.text, baseOf(link.base, base));
    if (url !== null) return url;
  }
  const guid = child(entry, ['guid'])?.text ?? '';
  if (isWebAddress(guid)) return readAddress(guid, base);
  const content = child(entry, ['content'], (field) => field.attributes.src !== undefined);
  if (content !== undefined) return readAddress(content.attributes.src, base);
  return readAddress(child(entry, ['enclosure'])?.attributes.url ?? entry.attributes.href, base);
}

function idOf(entry: XmlElement): string | null {
  const said = children(entry, ...IDS).map((field) => field.text);
  const other = children(entry, ...IDENTIFIERS).map((field) => field.text);
  for (const id of [...said, entry.attributes.about ?? '', ...other, entry.attributes.id ?? '']) {
    const clean = cleanText(id);
    if (clean !== '') return clean;
  }
  return null;
}

/** An entry that was taken over from another feed is signed by that feed's author. */
function sourceAuthorOf(entry: XmlElement): string | null {
  const source = child(entry, ['source', 'atom:source'], (each) => each.children.length > 0);
  return source === undefined ? null : authorOf(source);
}

function firstDate(entry: XmlElement, names: readonly string[], context: EntryContext): string | null {
  for (const field of children(entry, ...names)) {
    const date = readDate(field.text === '' ? (field.inner ?? '').replace(/<[^<>]*>/g, '') : field.text, context);
    if (date !== null) return date;
  }
  return null;
}

function categoriesOf(entry: XmlElement): string[] {
  const found = new Set<string>();
  for (const field of children(entry, ...CATEGORIES)) {
    const text = field.attributes.label ?? field.attributes.term ?? field.text;
    const names = field.name.endsWith('keywords') ? text.split(',') : [text];
    for (const name of names) {
      const category = htmlToText(name.slice(0, 1_000), true).slice(0, 200);
      if (category !== '') found.add(category);
      if (found.size >= MAX_CATEGORIES) return [...found];
    }
  }
  return [...found];
}
