import { hash } from 'node:crypto';
import { type FeedFacts, readChannel } from './channel.ts';
import { decodeDocument, isPlainUtf8 } from './decode.ts';
import type { XmlElement } from './element.ts';
import { type Entry, FeedError } from './entry.ts';
import { type EntryContext, readEntry } from './fields.ts';
import { looksLikeJson, readJsonDocument, readJsonEntry } from './jsonfeed.ts';
import { authorOf } from './person.ts';
import { takeDoctype } from './references.ts';
import { repairMarkup } from './repair.ts';
import { frameOf, type Split, splitEntries } from './split.ts';
import { readFragment, readTree, type Tree } from './tolerant.ts';

/** Moves whenever the same bytes would give other entries: every entry is then read once more. */
export const READER_VERSION = 1;

export type ReadOptions = {
  /** The Content-Type header as received. */
  readonly contentType?: string | undefined;
  /** The address that the document was fetched from, after redirects. */
  readonly url?: string | undefined;
  /** ISO 3166-1 alpha-2: times without a zone are this country's. */
  readonly outletCountry?: string | undefined;
  /** ms since 1970, or a Date. Without it nothing counts as future. */
  readonly now?: number | Date | undefined;
  /** Hashes of entries that were read before: they are skipped and come back in `seen`. */
  readonly known?: ReadonlySet<string> | undefined;
  /** Entries after this many are left out (default 50,000). */
  readonly maxEntries?: number | undefined;
  /** false: hashes are not computed and come back empty. */
  readonly hashes?: boolean | undefined;
};

export type ReadEntry = { readonly hash: string; readonly entry: Entry };

export type ReadDocument = {
  readonly feed: FeedFacts;
  /** In document order, without the known ones. */
  readonly entries: readonly ReadEntry[];
  /** The hashes of known entries that the document still holds. */
  readonly seen: readonly string[];
  readonly version: number;
};

const DEFAULT_MAX_ENTRIES = 50_000;
/** From this size on (bytes) the tolerant reader is used alone: it takes a third of the memory and time. */
const LARGE = 200_000;

/**
 * Reads a document in this thread. `readDocument` and `parseFeed` of parse.ts are the calls for everyone else.
 *
 * The cut is made in a view of one character a byte, which costs nothing to make and shows every `<` of UTF-8 where it
 * is; so of a document that was seen before only the new entries are ever decoded.
 */
export async function readHere(bytes: Uint8Array, options: ReadOptions): Promise<ReadDocument> {
  const url = options.url !== undefined && URL.canParse(options.url) ? options.url : null;
  const given = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const buffer = isPlainUtf8(given, options.contentType) ? given : Buffer.from(decodeDocument(given, options));
  const view = buffer.toString('latin1');
  if (looksLikeJson(view)) return readJson(buffer.toString('utf8'), url, options);
  const split = hasDoctype(view) ? null : splitEntries(view);
  if (split !== null) {
    const frame = readTree(frameOf(buffer, view, split));
    // What the cut took for an entry may stand where none can stand (in an extension's element): then nothing is cut.
    if (frame.entries.length === split.entries.length) return readParts(buffer, split, frame, url, options);
  }
  return readUndivided(buffer.toString('utf8'), url, options);
}

const hasDoctype = (view: string): boolean => /<!doctype/i.test(view.slice(0, 5_000));

/** The document is cut into entries: only those that are not known are parsed. */
async function readParts(
  buffer: Buffer,
  split: Split,
  frame: Tree,
  url: string | null,
  options: ReadOptions,
): Promise<ReadDocument> {
  const { facts, context } = contextOf(frame, url, options);
  const salt = saltOf(context, frame.context);
  const parts = split.entries.slice(0, options.maxEntries ?? DEFAULT_MAX_ENTRIES);
  const hashes =
    options.hashes === false
      ? parts.map(() => '')
      : parts.map(({ start, end }) => salt + digest(buffer.subarray(start, end), 16));
  const isNew = (_: unknown, index: number) => options.known === undefined || !options.known.has(hashes[index]!);
  const fresh = [...parts.keys()].filter((index) => isNew(null, index));
  const seen = fresh.length === parts.length ? [] : hashes.filter((each, index) => !isNew(each, index));
  const elements = fresh.length === 0 ? [] : await readElements(buffer, split, frame, fresh);
  const entries = elements.map((element, at) => ({ hash: hashes[fresh[at]!]!, entry: readEntry(element, context) }));
  return { feed: facts, entries, seen, version: READER_VERSION };
}

/**
 * Reads the entries of the given places: all of a clean document with rss-parser, else each by itself with the tolerant
 * reader. Either way an entry comes out the same, whichever others are read along with it.
 */
async function readElements(
  buffer: Buffer,
  split: Split,
  frame: Tree,
  fresh: readonly number[],
): Promise<readonly XmlElement[]> {
  if (fresh.length === split.entries.length && buffer.length < LARGE && !split.isOdd) {
    // Loaded when first needed: threads, which read large documents only, never need it.
    clean ??= await import('./clean.ts');
    const xml = buffer.toString('utf8');
    const elements = clean.isClean(xml, frame.context) ? await clean.readClean(xml) : null;
    if (elements?.length === fresh.length) return elements;
  }
  return fresh.map((index) => {
    const { start, end } = split.entries[index]!;
    return readFragment(buffer.toString('utf8', start, end), frame, index) ?? NOTHING;
  });
}

let clean: typeof import('./clean.ts') | undefined;

/** An entry in which no tag could be found. */
const NOTHING: XmlElement = { name: 'item', attributes: {}, text: '', inner: null, children: [], base: null };

/** A document that cannot be cut, or none at all. */
function readUndivided(text: string, url: string | null, options: ReadOptions): ReadDocument {
  const { xml, entities } = takeDoctype(text);
  const tree = readTree(repairMarkup(xml), entities);
  if (!isFeed(tree)) throw notAFeed(tree);
  const { facts, context } = contextOf(tree, url, options);
  const entries = tree.entries
    .slice(0, options.maxEntries ?? DEFAULT_MAX_ENTRIES)
    .map((element) => readEntry(element, context))
    .map((entry) => ({ hash: hashOf(entry, context, options), entry }));
  return { feed: facts, ...sorted(entries, options) };
}

function readJson(text: string, url: string | null, options: ReadOptions): ReadDocument {
  const { facts, feedAuthor, items } = readJsonDocument(text, url);
  const base = url ?? facts.self ?? facts.link;
  const dates = { outletCountry: options.outletCountry, now: timeOf(options.now) };
  const entries = items
    .slice(0, options.maxEntries ?? DEFAULT_MAX_ENTRIES)
    .map((item) => readJsonEntry(item, base, feedAuthor, dates))
    .map((entry) => ({ hash: hashOf(entry, { url: base, format: 'json', feedAuthor, ...dates }, options), entry }));
  return { feed: facts, ...sorted(entries, options) };
}

function sorted(all: readonly ReadEntry[], { known }: ReadOptions): Omit<ReadDocument, 'feed'> {
  const isKnown = (each: ReadEntry) => known?.has(each.hash) === true;
  return {
    entries: all.filter((each) => !isKnown(each)),
    seen: all.filter(isKnown).map((each) => each.hash),
    version: READER_VERSION,
  };
}

/** Entries of a document that is not cut are known by what they came out as. */
const hashOf = (entry: Entry, context: Salted, { hashes }: ReadOptions): string =>
  hashes === false ? '' : saltOf(context, '') + digest(JSON.stringify(entry), 16);

type Salted = Pick<EntryContext, 'url' | 'feedAuthor' | 'outletCountry'> & { readonly format: string };

/** What an entry's meaning depends on beside its own text, in six characters. */
const saltOf = ({ format, url, outletCountry, feedAuthor }: Salted, tags: string): string =>
  digest(JSON.stringify([READER_VERSION, format, url, outletCountry, feedAuthor, tags]), 6);

const digest = (content: string | Buffer, length: number): string =>
  hash('sha1', content, 'base64url').slice(0, length);

function contextOf(tree: Tree, url: string | null, options: ReadOptions): { facts: FeedFacts; context: EntryContext } {
  const format = tree.root.name === 'feed' ? 'atom' : 'rss';
  const facts = readChannel(tree.channel, format, url);
  const context: EntryContext = {
    url: url ?? facts.self ?? facts.link,
    format,
    feedAuthor: format === 'atom' ? authorOf(tree.channel) : null,
    outletCountry: options.outletCountry,
    now: timeOf(options.now),
  };
  return { facts, context };
}

const timeOf = (now: number | Date | undefined): number | undefined => (now instanceof Date ? now.getTime() : now);

/** Junk before the root is no hindrance, but a page that merely contains an element of such a name is no feed. */
const isFeed = (tree: Tree): boolean =>
  tree.root.name !== null &&
  (tree.entries.length > 0 || !/^(?:xhtml:)?(?:html|head|body|svg|opml)$/.test(tree.firstName ?? ''));

function notAFeed(tree: Tree): FeedError {
  if (tree.firstName === null) return new FeedError('not-a-feed', 'the document holds no element at all');
  return new FeedError(
    'not-a-feed',
    `the document is no feed: it begins with <${tree.firstName.slice(0, 60).replace(/[^\w:.-]/g, '?')}>`,
  );
}
