import Parser from 'rss-parser';
import type { XmlElement } from './element.ts';
import { ENTRY_FIELDS } from './fieldnames.ts';
import { moduleOf, usualPrefix } from './namespaces.ts';
import { attributeName } from './tolerant.ts';

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
function rename(name: string): string {
  let other = renamed.get(name);
  if (other === undefined) {
    other = STRUCTURE.has(name) ? name : `.${name.toLowerCase()}`;
    if (renamed.size < 1_000) renamed.set(name, other);
  }
  return other;
}
const parser = new Parser<Record<string, never>, Record<string, XmlNode[]>>({
  xml2js: { tagNameProcessors: [rename] },
  customFields: { item: ENTRY_FIELDS.map((name) => [`.${name}`, name, { keepArray: true }]) as never },
});

type XmlNode = string | { readonly _?: string; readonly $?: Record<string, string>; readonly [child: string]: unknown };

const ROOT =
  /^\s*(?:<\?xml[^>]{0,200}\?>)?\s*(?:<\?xml-stylesheet[^>]{0,500}\?>\s*|<!--[^>]{0,500}-->\s*){0,10}<(rss|feed)(\s[^<>]{0,5000})?>/;
const NAMESPACE = /\sxmlns(?::([\w.-]+))?\s*=\s*(?:"([^"]*)"|'([^']*)')/g;

/**
 * Whether rss-parser is known to read this document as the publisher meant it: RSS 2.0 or Atom 1.0 to the end, with the
 * usual prefixes declared at the root and nothing that it passes over in silence (other declarations, bases, XHTML).
 */
export function isClean(xml: string): boolean {
  const root = ROOT.exec(xml);
  if (root === null) return false;
  const attributes = root[2] ?? '';
  if (root[1] === 'rss' ? !/\sversion\s*=\s*["'](?:2|0\.9)/.test(attributes) : !/\sxmlns\s*=/.test(attributes))
    return false;
  for (const [, prefix, double, single] of attributes.matchAll(NAMESPACE)) {
    const uri = double ?? single ?? '';
    if (prefix === undefined ? root[1] === 'rss' || moduleOf(uri) !== 'atom' : !usualPrefix(prefix.toLowerCase(), uri))
      return false;
  }
  // A bare ampersand makes rss-parser fail, late perhaps.
  if (xml.includes('& ')) return false;
  if (xml.indexOf('xmlns', root[0].length) !== -1 || xml.includes('xml:base') || xml.includes('<!DOCTYPE'))
    return false;
  // Attributes of an entry (rdf:about, xml:lang) are not handed over.
  if (xml.includes('<item ') || xml.includes('<entry ')) return false;
  if (root[1] === 'feed' && /type\s*=\s*["'](?:xhtml|application\/xhtml)/.test(xml)) return false;
  return new RegExp(`</${root[1]}\\s*>\\s*$`).test(xml.slice(-200));
}

/**
 * Reads the entries of a clean document with rss-parser. Null where it fails or meets markup inside a field, whose order
 * its XML reader loses: the tolerant reader takes over then.
 */
export async function readClean(xml: string): Promise<XmlElement[] | null> {
  try {
    const { items } = await parser.parseString(xml);
    const entries: XmlElement[] = [];
    for (const item of items) {
      const entry = entryOf(item as unknown as Record<string, XmlNode[]>);
      if (entry === null) return null;
      entries.push(entry);
    }
    return entries;
  } catch {
    return null;
  }
}

function entryOf(item: Record<string, XmlNode[]>): XmlElement | null {
  const fields: XmlElement[] = [];
  for (const name of ENTRY_FIELDS) {
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
