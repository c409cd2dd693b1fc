import { Tokenizer } from 'htmlparser2';
import type { XmlElement } from './element.ts';
import { decodeReferences, type Entities, noEntities } from './references.ts';
import { attributeName, nameIn, outermost, type Root, type Scope, scopeInside } from './scope.ts';
import { CONTAINERS, FIELDS, LEADS, LEAVES, NEVER_IN_MARKUP, ROOTS } from './shape.ts';

/** Elements deeper than this are read as text of their ancestor: no feed needs it, and attacks do (100,000 levels). */
const MAX_DEPTH = 200;
/** A tag with more attributes than this keeps its first ones. */
const MAX_ATTRIBUTES = 500;

type Open = {
  name: string;
  rawName: string;
  attributes: Record<string, string>;
  parts: string[];
  children: XmlElement[];
  innerStart: number;
  scope: Scope;
  isEntry: boolean;
};

export type Tree = {
  /** `rss`, `rdf:rdf`, `channel` or `feed`: the first such element, whatever stands before it; no name where none is. */
  readonly root: Root;
  /** The first element of all. */
  readonly firstName: string | null;
  readonly channel: XmlElement;
  readonly entries: readonly XmlElement[];
  /** What each entry inherits from the elements around it, for `readFragment`. */
  readonly scopes: readonly Scope[];
  /** The start tags, entries' left out, that declare namespaces, a base or a language: entries depend on them. */
  readonly context: string;
};

/**
 * Reads a document that need not be well-formed. Tags are found by htmlparser2's tokenizer in XML mode; which element an
 * end tag closes is decided here, because a feed has a known shape: nothing inside an entry can close more than the
 * entry, and a field opening inside a text-only field ends that one.
 */
export function readTree(xml: string, entities: Entities = noEntities): Tree {
  return new TreeReader(xml, entities).read();
}

/** Reads one entry by itself, as it would be read at its place in `tree`: damage in it ends with it. */
export function readFragment(xml: string, tree: Tree, index: number): XmlElement | null {
  return new TreeReader(xml, noEntities, tree, tree.scopes[index]).read().entries[0] ?? null;
}

class TreeReader {
  readonly #xml: string;
  readonly #entities: Entities;
  readonly #stack: Open[] = [];
  readonly #entries: XmlElement[] = [];
  readonly #scopes: Scope[] = [];
  readonly #channel: XmlElement[] = [];
  #isFragment = false;
  readonly #channelText: string[] = [];
  #channelAttributes: Record<string, string> = {};
  #channelBase: string | null = null;
  #context = '';
  #root: Root = { name: null, defaultNamespace: undefined };
  #firstName: string | null = null;
  readonly #outermost = outermost();
  #tagStart = 0;
  #tagName = '';
  #attributes: Record<string, string> = NO_ATTRIBUTES;
  #attributeCount = 0;
  #attributeName = '';
  #attributeParts = '';
  #skipped = 0;

  constructor(xml: string, entities: Entities, around?: Tree, scope?: Scope) {
    this.#xml = xml;
    this.#entities = entities;
    if (around === undefined || scope === undefined) return;
    this.#root = around.root;
    this.#firstName = around.root.name;
    this.#isFragment = true;
    const outside = { name: 'channel', rawName: '', attributes: NO_ATTRIBUTES, parts: [], children: [] };
    this.#stack.push({ ...outside, innerStart: 0, scope, isEntry: false });
  }

  read(): Tree {
    const tokenizer = new Tokenizer({ xmlMode: true, decodeEntities: false }, this);
    tokenizer.write(this.#xml);
    tokenizer.end();
    while (this.#stack.length > 0) this.#pop(this.#xml.length, true);
    const channel: XmlElement = {
      name: 'channel',
      attributes: this.#channelAttributes,
      text: this.#channelText.join(''),
      inner: null,
      children: this.#channel,
      base: this.#channelBase,
    };
    return {
      root: this.#root,
      firstName: this.#firstName,
      channel,
      entries: this.#entries,
      scopes: this.#scopes,
      context: this.#context,
    };
  }

  // The tokenizer's events; offsets point into the document.

  onopentagname(start: number, end: number): void {
    this.#tagStart = start - 1;
    this.#tagName = this.#xml.slice(start, Math.min(end, start + 200));
    this.#attributes = NO_ATTRIBUTES;
    this.#attributeCount = 0;
  }
  onattribname(start: number, end: number): void {
    this.#attributeName = attributeName(this.#xml.slice(start, Math.min(end, start + 200)));
    this.#attributeParts = '';
  }
  onattribdata(start: number, end: number): void {
    this.#attributeParts += this.#xml.slice(start, end);
  }
  onattribentity(): void {}
  onattribend(): void {
    const name = this.#attributeName;
    if (this.#attributeCount >= MAX_ATTRIBUTES || name in this.#attributes) return;
    if (this.#attributeCount++ === 0) this.#attributes = Object.create(null);
    this.#attributes[name] = decodeReferences(this.#attributeParts, this.#entities);
  }
  onopentagend(end: number): void {
    this.#open(end + 1, false);
  }
  onselfclosingtag(end: number): void {
    this.#open(end + 1, true);
  }
  onclosetag(start: number, end: number): void {
    this.#close(this.#xml.slice(start, Math.min(end, start + 200)).trim(), start - 2);
  }
  ontext(start: number, end: number): void {
    this.#text(decodeReferences(this.#xml.slice(start, end), this.#entities));
  }
  ontextentity(): void {}
  oncdata(start: number, end: number, endOffset: number): void {
    this.#text(this.#xml.slice(start, end - endOffset));
  }
  oncomment(): void {}
  ondeclaration(): void {}
  onprocessinginstruction(): void {}
  onend(): void {}

  #text(text: string): void {
    const top = this.#stack[this.#stack.length - 1];
    if (top !== undefined) top.parts.push(text);
  }

  #open(after: number, closed: boolean): void {
    const raw = this.#tagName;
    const first = raw.charCodeAt(0) | 32;
    // "5 <6": what does not begin with a letter is text that someone forgot to escape.
    if (!((first >= 97 && first <= 122) || first > 127 || raw[0] === '_')) {
      this.#text(decodeReferences(this.#xml.slice(this.#tagStart, after), this.#entities));
      return;
    }
    if (this.#stack.length >= MAX_DEPTH) {
      if (!closed) this.#skipped++;
      return;
    }
    const parent = this.#stack[this.#stack.length - 1]?.scope ?? this.#outermost;
    const scope = this.#attributeCount === 0 ? parent : scopeInside(parent, this.#attributes);
    const name = nameIn(scope, raw, this.#root);
    const isEntry = (name === 'item' || name === 'entry') && this.#mayHoldEntries();
    if (isEntry || CONTAINERS.has(name)) this.#closeEntry(this.#tagStart);
    else if (FIELDS.has(name)) this.#closeField(name, this.#tagStart);
    if (this.#root.name === null && (ROOTS.has(name) || (isEntry && this.#firstName === null)))
      this.#setRoot(name, raw);
    this.#firstName ??= name;
    this.#note(raw, isEntry);
    this.#stack.push({
      name,
      rawName: raw,
      attributes: this.#attributes,
      parts: [],
      children: [],
      innerStart: after,
      scope,
      isEntry,
    });
    if (CONTAINERS.has(name)) this.#container();
    if (closed) this.#pop(after, false);
  }

  #close(raw: string, at: number): void {
    if (this.#skipped > 0) {
      this.#skipped--;
      return;
    }
    const lower = raw.toLowerCase();
    for (let index = this.#stack.length - 1; index >= 0; index--) {
      const open = this.#stack[index]!;
      if (open.rawName === raw || open.rawName.toLowerCase() === lower) {
        while (this.#stack.length > index) this.#pop(at, this.#stack.length > index + 1);
        return;
      }
      if (open.isEntry && !/(?:^|:)(?:rss|rdf|channel|feed)$/.test(lower)) return;
    }
  }

  #pop(at: number, implied: boolean): void {
    const open = this.#stack.pop()!;
    const parent = this.#stack[this.#stack.length - 1];
    const element: XmlElement = {
      name: open.name,
      attributes: open.attributes,
      text: open.parts.length === 1 ? open.parts[0]! : open.parts.join(''),
      inner: open.children.length > 0 ? this.#xml.slice(open.innerStart, at) : null,
      children: open.children,
      base: open.scope.base,
    };
    if (open.isEntry) {
      // Where the document was cut off, the entry under way is not whole.
      if (!implied || at < this.#xml.length || this.#isFragment) {
        this.#entries.push(element);
        this.#scopes.push(parent?.scope ?? this.#outermost);
      }
    } else if (CONTAINERS.has(open.name)) {
      this.#channelText.push(element.text);
    } else if (parent === undefined || CONTAINERS.has(parent.name)) {
      if (this.#root.name !== null) this.#channel.push(element);
    } else parent.children.push(element);
  }

  /** An entry that opens while another is open ends that one; so does a container. */
  #closeEntry(at: number): void {
    const index = this.#stack.findIndex((open) => open.isEntry);
    if (index >= 0) while (this.#stack.length > index) this.#pop(at, true);
    else this.#closeLeaf(at);
  }

  #closeField(name: string, at: number): void {
    this.#closeLeaf(at);
    if (!NEVER_IN_MARKUP.has(name)) return;
    const index = this.#stack.findIndex((open) => open.isEntry);
    const field = this.#stack[index + 1];
    if (index >= 0 && field !== undefined && LEADS.has(field.name))
      while (this.#stack.length > index + 1) this.#pop(at, true);
  }

  #closeLeaf(at: number): void {
    const top = this.#stack[this.#stack.length - 1];
    if (top !== undefined && LEAVES.has(top.name) && this.#stack.length > 1) this.#pop(at, true);
  }

  /** Entries stand in the feed's own elements; what an extension (`<x:foo>`) or a source holds is its own matter. */
  #mayHoldEntries(): boolean {
    for (let index = this.#stack.length - 1; index >= 0; index--) {
      const { name, isEntry } = this.#stack[index]!;
      if (isEntry || CONTAINERS.has(name)) return true;
      if (name === 'source' || name.includes(':')) return false;
    }
    return true;
  }

  #setRoot(name: string, raw: string): void {
    this.#root = {
      name: name === 'entry' ? 'feed' : name === 'item' ? 'channel' : name,
      defaultNamespace: raw.includes(':') ? undefined : this.#attributes.xmlns,
    };
  }

  #container(): void {
    const top = this.#stack[this.#stack.length - 1]!;
    this.#channelAttributes = { ...top.attributes, ...this.#channelAttributes };
    this.#channelBase = top.scope.base ?? this.#channelBase;
  }

  #note(raw: string, isEntry: boolean): void {
    if (isEntry || this.#attributeCount === 0 || this.#stack.some((open) => open.isEntry)) return;
    let note = '';
    for (const name in this.#attributes) {
      if (name.startsWith('xml')) note += ` ${name}=${JSON.stringify(this.#attributes[name])}`;
    }
    if (note !== '') this.#context += `<${raw}${note}>`;
  }
}

const NO_ATTRIBUTES: Record<string, string> = Object.freeze(Object.create(null));
