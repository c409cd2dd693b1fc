import Parser from 'rss-parser';
import type { XmlElement } from './element.ts';
import { ENTRY_FIELDS } from './fieldnames.ts';
import { moduleOf, usualPrefix } from './namespaces.ts';
import { attributeName } from './scope.ts';

/** Elements in which others may stand without that being inline markup. */
const COMPOUND = new Set([
  ...['media:group', 'media:content', 'author', 'atom:author', 'contributor', 'atom:contributor'],
  ...['image', 'source', 'atom:source', 'picture'],
]);

/**
 * rss-parser hands over what it is asked for by name; each field is asked for as the raw node of its XML reader.
 * rss-parser's own mapping is bypassed by giving every field another name: it computes snippets with a quadratic regular
 * expression (100,000 times `a<p ` takes minutes) and throws on a date that it cannot read.
 */
const STRUCTURE = new Set(['rss', 'channel', 'item', 'feed', 'entry', 'rdf:RDF']);
const renamed = new Map<string, string>();
const known = new Set(ENTRY_FIELDS);

/**
 * The fields that rss-parser is asked for: those of the document being read, as its tags are met. rss-parser looks at the
 * list after its XML reader is done, and goes through all of it for every entry: the whole of it would cost a tenth.
 */
const wanted: [string, string, { keepArray: true }][] = [];
const met = new Set<string>();

function rename(raw: string): string {
  if (STRUCTURE.has(raw)) return raw;
  let name = renamed.get(raw);
  if (name === undefined) {
    name = `.${raw.toLowerCase()}`;
    if (renamed.size < 1_000) renamed.set(raw, name);
  }
  if (!met.has(name)) {
    met.add(name);
    if (known.has(name.slice(1))) wanted.push([name, name.slice(1), { keepArray: true }]);
  }
  return name;
}

const newParser = () =>
  new Parser<Record<string, never>, Record<string, XmlNode[]>>({
    xml2js: { tagNameProcessors: [rename] },
    customFields: { item: wanted as never },
  });
let parser = newParser();

type XmlNode = string | { readonly _?: string; readonly $?: Record<string, string>; readonly [child: string]: unknown };

const ROOT =
  /^\s*(?:<\?xml[^>]{0,200}\?>)?\s*(?:<\?xml-stylesheet[^>]{0,500}\?>\s*|<!--[^>]{0,500}-->\s*){0,10}<(rss|feed)(\s[^<>]{0,5000})?>/;
const NAMESPACE = /\sxmlns(?::([\w.-]+))?\s*=\s*(?:"([^"]*)"|'([^']*)')/g;

/**
 * Whether rss-parser is known to read this document as the publisher meant it: RSS 2.0 or Atom 1.0 to the end, with the
 * usual prefixes declared at the root. What may be odd in its entries has been looked for when they were cut.
 *
 * @param context the tags outside entries that declare something (Tree.context): only the root's may
 */
export function isClean(xml: string, context: string): boolean {
  const root = ROOT.exec(xml);
  if (root === null || context.indexOf('<', 1) !== -1 || context.includes('xml:base')) return false;
  const attributes = root[2] ?? '';
  const isRss = root[1] === 'rss';
  if (isRss ? !/\sversion\s*=\s*["'](?:2|0\.9)/.test(attributes) : !/\sxmlns\s*=/.test(attributes)) return false;
  for (const [, prefix, double, single] of attributes.matchAll(NAMESPACE)) {
    const uri = double ?? single ?? '';
    const isUsual = prefix === undefined ? !isRss && moduleOf(uri) === 'atom' : usualPrefix(prefix.toLowerCase(), uri);
    if (!isUsual) return false;
  }
  return (isRss ? /<\/rss\s*>\s*$/ : /<\/feed\s*>\s*$/).test(xml.slice(-200));
}

/**
 * Reads the entries of a clean document with rss-parser. Null where it fails or meets markup inside a field, whose order
 * its XML reader loses: the tolerant reader takes over then.
 */
export async function readClean(xml: string): Promise<XmlElement[] | null> {
  try {
    wanted.length = 0;
    met.clear();
    // The reading itself happens before parseString returns; only its promise is asynchronous.
    const reading = parser.parseString(xml);
    const names = wanted.map(([, name]) => name);
    const { items } = await reading;
    const entries: XmlElement[] = [];
    for (const item of items) {
      const entry = entryOf(item as unknown as Record<string, XmlNode[]>, names);
      if (entry === null) return null;
      entries.push(entry);
    }
    return entries;
  } catch {
    // Its XML reader, having thrown once, lets the next document's errors pass in silence.
    parser = newParser();
    return null;
  }
}

function entryOf(item: Record<string, XmlNode[]>, names: readonly string[]): XmlElement | null {
  const fields: XmlElement[] = [];
  for (const name of names) {
    const nodes = item[name];
    if (!Array.isArray(nodes)) continue;
    for (const node of nodes) {
      const field = elementOf(name, node, COMPOUND.has(name));
      if (field === null) return null;
      fields.push(field);
    }
  }
  return { name: 'item', attributes: {}, text: '', inner: null, children: fields, base: null };
}

function elementOf(name: string, node: XmlNode, compound: boolean): XmlElement | null {
  if (typeof node === 'string') return { name, attributes: {}, text: node, inner: null, children: [], base: null };
  const inside: XmlElement[] = [];
  for (const key in node) {
    if (key === '_' || key === '$') continue;
    const nodes = node[key];
    if (!compound || !Array.isArray(nodes) || !isPart(key.slice(1))) return null;
    for (const each of nodes as XmlNode[]) {
      const element = elementOf(key.slice(1), each, true);
      if (element === null) return null;
      inside.push(element);
    }
  }
  return {
    name,
    attributes: node.$ === undefined ? {} : lowered(node.$),
    text: node._ ?? '',
    inner: inside.length > 0 ? '' : null,
    children: inside,
    base: null,
  };
}

/** What stands inside a person, a picture or a source; anything else there is markup. */
const PARTS = new Set([
  ...[
    'name',
    'email',
    'uri',
    'url',
    'title',
    'link',
    'id',
    'updated',
    'subtitle',
    'rights',
    'generator',
    'logo',
    'icon',
  ],
  ...['author', 'category', 'width', 'height', 'description'],
]);
const isPart = (name: string): boolean => PARTS.has(name) || name.startsWith('media:') || name.startsWith('atom:');

function lowered(attributes: Record<string, string>): Record<string, string> {
  const found: Record<string, string> = Object.create(null);
  for (const raw in attributes) {
    const name = attributeName(raw);
    if (!(name in found)) found[name] = attributes[raw]!;
  }
  return found;
}
