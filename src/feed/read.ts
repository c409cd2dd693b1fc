import { hash } from 'node:crypto';
import { type FeedFacts, readChannel } from './channel.ts';
import { isClean, readClean } from './clean.ts';
import { decodeDocument } from './decode.ts';
import type { XmlElement } from './element.ts';
import { type Entry, FeedError } from './entry.ts';
import { type EntryContext, readEntry } from './fields.ts';
import { looksLikeJson, readJsonDocument, readJsonEntry } from './jsonfeed.ts';
import { authorOf } from './person.ts';
import { noEntities, takeDoctype } from './references.ts';
import { repairMarkup } from './repair.ts';
import { frameOf, type Split, splitEntries, withEntries } from './split.ts';
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

/** Reads a document in this thread. `readDocument` and `parseFeed` of parse.ts are the calls for everyone else. */
export async function readHere(bytes: Uint8Array, options: ReadOptions): Promise<ReadDocument> {
  const text = decodeDocument(bytes, options);
  const url = usable(options.url);
  if (looksLikeJson(text)) return readJson(text, url, options);
  return readXml(text, url, options);
}

const usable = (url: string | undefined): string | null => (url !== undefined && URL.canParse(url) ? url : null);

async function readXml(text: string, url: string | null, options: ReadOptions): Promise<ReadDocument> {
  const doctype = takeDoctype(text);
  const xml = doctype.xml;
  const split = doctype.entities === noEntities || doctype.entities.size === 0 ? splitEntries(xml) : null;
  if (split === null) return readWhole(readTree(repairMarkup(xml), doctype.entities), url, options);
  const frame = readTree(frameOf(xml, split));
  if (!isFeed(frame)) throw notAFeed(frame);
  // What the cut took for an entry stands where none can stand (in an extension's element): then nothing is cut.
  if (frame.entries.length !== split.entries.length) return readWhole(readTree(repairMarkup(xml)), url, options);
  return readParts(xml, split, frame, url, options);
}

/** The document is cut into entries: only those that are not known are parsed. */
async function readParts(
  xml: string,
  split: Split,
  frame: Tree,
  url: string | null,
  options: ReadOptions,
): Promise<ReadDocument> {
  const { facts, context } = contextOf(frame, url, options);
  const salt = hash(
    'sha1',
    `${READER_VERSION}\n${url}\n${options.outletCountry}\n${context.feedAuthor}\n${frame.context}`,
    'base64',
  ).slice(0, 12);
  const parts = split.entries.slice(0, options.maxEntries ?? DEFAULT_MAX_ENTRIES);
  const hashes = parts.map(({ start, end }) =>
    options.hashes === false ? '' : shortHash(salt + xml.slice(start, end)),
  );
  const isNew = (index: number) => index < parts.length && !options.known?.has(hashes[index]!);
  const fresh = hashes.map((_, index) => index).filter(isNew);
  const seen = hashes.filter((_, index) => !isNew(index));
  if (fresh.length === 0) return { feed: facts, entries: [], seen, version: READER_VERSION };
  const elements = await readElements(xml, split, frame, fresh);
  const entries = elements.map((element, at) => ({
    hash: hashes[fresh[at]!]!,
    entry: readEntry(element, context),
  }));
  return { feed: facts, entries, seen, version: READER_VERSION };
}

/** From this length on (characters) the tolerant reader is used alone: it takes a third of the memory and time. */
const LARGE = 200_000;

/**
 * Reads the entries of the given places: with rss-parser where the document is clean, else each by itself with the
 * tolerant reader. Either way an entry comes out the same whichever others are read along with it.
 */
async function readElements(
  xml: string,
  split: Split,
  frame: Tree,
  fresh: readonly number[],
): Promise<readonly XmlElement[]> {
  if (!split.hasMarkup && xml.length < LARGE) {
    const wanted = new Set(fresh);
    const document =
      fresh.length === split.entries.length ? xml : withEntries(xml, split, (index) => wanted.has(index));
    const elements = isClean(document) ? await readClean(document) : null;
    if (elements?.length === fresh.length) return elements;
  }
  return fresh.map((index) => {
    const { start, end } = split.entries[index]!;
    return readFragment(xml.slice(start, end), frame, index) ?? NOTHING;
  });
}

/** An entry in which no tag could be found. */
const NOTHING: XmlElement = { name: 'item', attributes: {}, text: '', inner: null, children: [], base: null };

function readWhole(tree: Tree, url: string | null, options: ReadOptions): ReadDocument {
  if (!isFeed(tree)) throw notAFeed(tree);
  const { facts, context } = contextOf(tree, url, options);
  const entries = tree.entries
    .slice(0, options.maxEntries ?? DEFAULT_MAX_ENTRIES)
    .map((element) => readEntry(element, context));
  return { feed: facts, ...sorted(entries, options) };
}

/** Entries of a document that cannot be cut are known by what they came out as. */
function sorted(entries: readonly Entry[], options: ReadOptions): Omit<ReadDocument, 'feed'> {
  const all = entries.map((entry) => ({
    hash: options.hashes === false ? '' : shortHash(`${READER_VERSION}${JSON.stringify(entry)}`),
    entry,
  }));
  return {
    entries: all.filter((each) => !options.known?.has(each.hash)),
    seen: all.filter((each) => options.known?.has(each.hash)).map((each) => each.hash),
    version: READER_VERSION,
  };
}

function readJson(text: string, url: string | null, options: ReadOptions): ReadDocument {
  const { facts, feedAuthor, items } = readJsonDocument(text, url);
  const dates = { outletCountry: options.outletCountry, now: timeOf(options.now) };
  const entries = items
    .slice(0, options.maxEntries ?? DEFAULT_MAX_ENTRIES)
    .map((item) => readJsonEntry(item, url ?? facts.self ?? facts.link, feedAuthor, dates));
  return { feed: facts, ...sorted(entries, options) };
}

function contextOf(tree: Tree, url: string | null, options: ReadOptions): { facts: FeedFacts; context: EntryContext } {
  const format = tree.rootName === 'feed' ? 'atom' : 'rss';
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
  tree.rootName !== null &&
  (tree.entries.length > 0 || !/^(?:xhtml:)?(?:html|head|body|svg|opml)$/.test(tree.firstName ?? ''));

function notAFeed(tree: Tree): FeedError {
  if (tree.firstName === null) return new FeedError('not-a-feed', 'the document holds no element at all');
  return new FeedError('not-a-feed', `the document is no feed: it begins with <${tree.firstName.slice(0, 60)}>`);
}

const shortHash = (text: string): string => hash('sha1', text, 'base64').slice(0, 16);
