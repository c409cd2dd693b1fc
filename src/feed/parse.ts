import { FeedError, type ParsedFeed } from './entry.ts';
import { type ReadDocument, type ReadOptions, readHere } from './read.ts';
import { readInThread } from './thread.ts';

export type ParseOptions = Omit<ReadOptions, 'known' | 'hashes'>;

/** From this size on (bytes) a document is read in a worker thread: 200 KB take about 8 ms, more would be felt. */
const THREAD_FROM = 200_000;
/** More than this (bytes) is no feed that anyone publishes; the fetcher's own limit is lower. */
const MAX_BYTES = 96 * 1024 * 1024;

/**
 * Reads one feed document of any format: RSS 0.90–2.0, RDF, Atom 0.3 and 1.0, JSON Feed 1.0 and 1.1.
 *
 * @param bytes the document as received, after content decoding
 * @throws FeedError and nothing else: `not-a-feed` where the document is something else, `unreadable` where it is damaged
 *   beyond use or would take more than bounded time and memory
 */
export async function parseFeed(bytes: Uint8Array, options: ParseOptions = {}): Promise<ParsedFeed> {
  const { feed, entries } = await readDocument(bytes, { ...options, known: undefined, hashes: false });
  return { title: feed.title, link: feed.link, lang: feed.lang, items: entries.map(({ entry }) => entry) };
}

/**
 * Reads a document that may have been read before: entries whose hash is in `known` are not parsed again. The others are
 * exactly those that `parseFeed` gives. A hash covers the entry's text and all that its meaning depends on.
 *
 * @throws FeedError as `parseFeed`
 */
export async function readDocument(bytes: Uint8Array, options: ReadOptions = {}): Promise<ReadDocument> {
  if (bytes.byteLength === 0) throw new FeedError('not-a-feed', 'the document is empty');
  if (bytes.byteLength > MAX_BYTES)
    throw new FeedError('unreadable', `the document has ${bytes.byteLength} bytes, more than any feed`);
  try {
    return bytes.byteLength < THREAD_FROM ? await readHere(bytes, options) : await readInThread(bytes, options);
  } catch (error) {
    if (error instanceof FeedError) throw error;
    throw new FeedError(
      'unreadable',
      `reading the document failed: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}
