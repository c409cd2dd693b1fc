import { decodeHTMLAttribute, decodeHTMLStrict } from 'entities';

/** Entities that the document itself declares, name → replacement text. */
export type Entities = ReadonlyMap<string, string>;
export const noEntities: Entities = new Map();

/** Declared entities may make a document this much longer in all, and one of them this long: bombs end as plain text. */
const MAX_ENTITY_LENGTH = 10_000;
const MAX_EXPANSION = 1_000_000;
const MAX_DECLARATIONS = 1_000;

const SURROGATE_PAIR = /&#(?:x(d[89ab][0-9a-f]{2})|(5[5-6]\d{3}));&#(?:x(d[c-f][0-9a-f]{2})|(5[6-7]\d{3}));/gi;

/**
 * Decodes the references of XML text: the five of XML, numbers, what the document declared, and HTML's names, which feeds
 * use undeclared. A name without semicolon stays: `?a=1&copy=2` is an address.
 */
export function decodeReferences(text: string, declared: Entities = noEntities): string {
  if (text.indexOf('&') === -1) return text;
  const own = declared.size === 0 ? text : expand(text, declared);
  const paired = own.includes('&#') ? own.replace(SURROGATE_PAIR, joinPair) : own;
  return decodeHTMLStrict(paired);
}

/** Decodes HTML's references once more; `&nbsp` without semicolon is one, `&copy=2` in an address is none. */
export function decodeHtmlReferences(text: string): string {
  if (text.indexOf('&') === -1) return text;
  return decodeHTMLAttribute(text.includes('&#') ? text.replace(SURROGATE_PAIR, joinPair) : text);
}

function joinPair(whole: string, hexHigh?: string, high?: string, hexLow?: string, low?: string): string {
  const first = hexHigh === undefined ? Number(high) : Number.parseInt(hexHigh, 16);
  const second = hexLow === undefined ? Number(low) : Number.parseInt(hexLow, 16);
  const isPair = first >= 0xd800 && first <= 0xdbff && second >= 0xdc00 && second <= 0xdfff;
  return isPair ? String.fromCharCode(first, second) : whole;
}

const budgets = new WeakMap<Entities, { left: number }>();

function expand(text: string, declared: Entities): string {
  const left = budgets.get(declared) ?? { left: MAX_EXPANSION };
  budgets.set(declared, left);
  return text.replace(/&([A-Za-z_][\w.-]{0,60});/g, (whole, name: string) => {
    const value = declared.get(name);
    if (value === undefined || left.left < value.length) return whole;
    left.left -= value.length;
    return value;
  });
}

/**
 * Takes the document type declaration out of a document and gives the entities that it declares. External entities are
 * never fetched; a value that refers to other declared entities is expanded once it is short enough.
 */
export function takeDoctype(xml: string): { readonly xml: string; readonly entities: Entities } {
  const start = doctypeAt(xml);
  if (start < 0) return { xml, entities: noEntities };
  const end = endOfDoctype(xml, start);
  if (end < 0) return { xml, entities: noEntities };
  const declaration = xml.slice(start, end);
  const entities = new Map<string, string>();
  if (declaration.length < 1_000_000) {
    for (const match of declaration.matchAll(
      /<!ENTITY\s{1,20}([A-Za-z_][\w.-]{0,60})\s{1,20}(?:"([^"]*)"|'([^']*)')\s{0,20}>/g,
    )) {
      const value = expandValue(match[2] ?? match[3] ?? '', entities);
      if (value !== null && entities.size < MAX_DECLARATIONS) entities.set(match[1]!, value);
    }
  }
  return { xml: `${xml.slice(0, start)}${xml.slice(end)}`, entities };
}

/** A declaration counts before the first element only. */
function doctypeAt(xml: string): number {
  for (let at = xml.indexOf('<'); at !== -1; ) {
    if (xml.startsWith('!--', at + 1)) {
      const end = xml.indexOf('-->', at + 4);
      at = end < 0 ? -1 : xml.indexOf('<', end);
    } else if (/^<!doctype/i.test(xml.slice(at, at + 9))) return at;
    else if (/^<[a-z]/i.test(xml.slice(at, at + 2))) return -1;
    else at = xml.indexOf('<', at + 1);
  }
  return -1;
}

function expandValue(value: string, known: Entities): string | null {
  if (value.length > MAX_ENTITY_LENGTH) return null;
  let length = 0;
  const expanded = value.replace(/&([A-Za-z_][\w.-]{0,60});/g, (whole, name: string) => {
    const inner = known.get(name) ?? whole;
    length += inner.length;
    return length > MAX_ENTITY_LENGTH ? whole : inner;
  });
  return length > MAX_ENTITY_LENGTH ? null : expanded;
}

function endOfDoctype(xml: string, start: number): number {
  const open = xml.indexOf('[', start);
  const close = xml.indexOf('>', start);
  if (close < 0) return -1;
  if (open < 0 || open > close) return close + 1;
  const end = xml.slice(open, open + 2_000_000).search(/\]\s{0,200}>/);
  return end < 0 ? -1 : xml.indexOf('>', open + end) + 1;
}
