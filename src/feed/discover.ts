import { setTimeout as wait } from 'node:timers/promises';
import { hostPauseMs } from './courtesy.ts';
import { FeedError, type ParsedFeed } from './entry.ts';
import type { FetchFailureReason } from './failure.ts';
import type { Client, FetchResult } from './fetch.ts';
import { type FeedLink, feedLinks, wellKnownLinks } from './links.ts';
import { isAllowedByRobots } from './robots.ts';

/** A feed that was found and read. */
export type FoundFeed = {
  /** Its address: where a permanent redirect led, else as asked. */
  readonly url: string;
  readonly title: string | null;
  readonly entries: number;
  readonly newestAt: string | null;
  /** How it was found; `given` is the address that was asked about. */
  readonly source: FeedLink['source'] | 'given';
  readonly isComments: boolean;
  readonly isOwnSite: boolean;
};

export type Discovery =
  /** The address is a feed itself. */
  | { readonly kind: 'feed'; readonly feed: FoundFeed }
  /** It is a page: its feeds, best first; `best` is null where a person must choose. */
  | { readonly kind: 'page'; readonly feeds: readonly FoundFeed[]; readonly best: FoundFeed | null }
  /** It is a page on which no feed was found. */
  | { readonly kind: 'none'; readonly detail: string }
  | { readonly kind: 'failed'; readonly reason: FetchFailureReason | 'robots'; readonly detail: string };

export type DiscoveryParts = {
  readonly client: Client;
  /** Reads a feed document; throws FeedError for anything else. */
  readonly read: (
    bytes: Uint8Array,
    options: { readonly contentType?: string | undefined; readonly url: string },
  ) => Promise<ParsedFeed>;
  readonly signal?: AbortSignal | undefined;
};

/** So many links of a page are tried; a page with more sections is better asked about one of them. */
const MAX_TRIED = 12;
/** Entries in common from which on two feeds are the same one in two formats. */
const SAME_SHARE = 0.9;

/**
 * What feeds an address offers: itself, or those that the page announces or links to, else those at well-known places. Every request
 * goes through the guarded client, one at a time, with the usual pause. Each feed is read and reported with its entries and newest
 * date; a feed in two formats is reported once. Unless one feed stands out (the only one, or the only one announced by the page on its
 * own site that is no comment feed) the choice is left to the asker.
 */
export async function discoverFeeds(url: string, parts: DiscoveryParts): Promise<Discovery> {
  const asker = politely(parts);
  const page = await asker.ask(url);
  if (page.kind === 'forbidden')
    return { kind: 'failed', reason: 'robots', detail: `robots.txt asks us by name to leave ${url} alone.` };
  if (page.kind === 'failed') return { kind: 'failed', reason: page.reason, detail: page.detail };
  if (page.kind === 'gone') return { kind: 'failed', reason: 'http-410', detail: page.detail };
  if (page.kind !== 'document') return { kind: 'none', detail: `${url} answered without a document.` };
  const itself = await readFeed(page, { url, title: null, isComments: false, isOwnSite: true }, 'given', parts.read);
  if (itself !== null) return { kind: 'feed', feed: itself.found };

  const html = new TextDecoder().decode(page.bytes);
  const offered = await readAll(feedLinks(html, page.finalUrl).slice(0, MAX_TRIED), asker, parts.read);
  const feeds = offered.length > 0 ? offered : await readAll(wellKnownLinks(page.finalUrl), asker, parts.read, 1);
  if (feeds.length === 0)
    return { kind: 'none', detail: `${url} is no feed, announces none, and has none at the usual places.` };
  return { kind: 'page', feeds, best: bestOf(feeds) };
}

type Asker = { readonly ask: (url: string) => Promise<FetchResult | { readonly kind: 'forbidden' }> };

/** Asks one thing at a time, pauses as the host's answers take, and asks each origin's robots.txt once. */
function politely({ client, signal }: DiscoveryParts): Asker {
  const robots = new Map<string, string>();
  const request = async (url: string): Promise<FetchResult> => {
    const result = await client.fetch({ url, signal });
    await wait(hostPauseMs(result.ms), undefined, { signal });
    return result;
  };
  const robotsOf = async (origin: string): Promise<string> => {
    const known = robots.get(origin);
    if (known !== undefined) return known;
    const result = await request(`${origin}/robots.txt`);
    const text = result.kind === 'document' ? new TextDecoder().decode(result.bytes) : '';
    robots.set(origin, text);
    return text;
  };
  return {
    ask: async (url) => {
      const address = URL.canParse(url) ? new URL(url) : null;
      const isWeb = address?.protocol === 'http:' || address?.protocol === 'https:';
      if (isWeb && !isAllowedByRobots(await robotsOf(address.origin), url)) return { kind: 'forbidden' };
      return request(url);
    },
  };
}

type Read = { readonly found: FoundFeed; readonly entryUrls: ReadonlySet<string> };

/** Reads the linked feeds in turn, at most `enough` of them, each feed once. */
async function readAll(
  links: readonly FeedLink[],
  asker: Asker,
  read: DiscoveryParts['read'],
  enough = MAX_TRIED,
): Promise<readonly FoundFeed[]> {
  const feeds: Read[] = [];
  for (const link of links) {
    if (feeds.length >= enough) break;
    const answer = await asker.ask(link.url);
    if (answer.kind !== 'document') continue;
    const feed = await readFeed(answer, link, link.source, read);
    if (feed !== null && !feeds.some((other) => isSameFeed(other, feed))) feeds.push(feed);
  }
  return feeds.map(({ found }) => found);
}

async function readFeed(
  answer: FetchResult & { readonly kind: 'document' },
  link: Pick<FeedLink, 'url' | 'title' | 'isComments' | 'isOwnSite'>,
  source: FoundFeed['source'],
  read: DiscoveryParts['read'],
): Promise<Read | null> {
  try {
    const feed = await read(answer.bytes, { contentType: answer.contentType ?? undefined, url: answer.finalUrl });
    const dates = feed.items
      .map(({ publishedAt, updatedAt }) => publishedAt ?? updatedAt)
      .filter((date) => date !== null);
    const found: FoundFeed = {
      url: answer.permanentUrl ?? link.url,
      title: feed.title ?? link.title,
      entries: feed.items.length,
      newestAt: dates.sort().at(-1) ?? null,
      source,
      isComments: link.isComments,
      isOwnSite: link.isOwnSite,
    };
    return { found, entryUrls: new Set(feed.items.map(({ url }) => url).filter((url) => url !== null)) };
  } catch (error) {
    if (error instanceof FeedError) return null;
    throw error;
  }
}

function isSameFeed(one: Read, other: Read): boolean {
  if (one.found.url === other.found.url) return true;
  const smaller = Math.min(one.entryUrls.size, other.entryUrls.size);
  const larger = Math.max(one.entryUrls.size, other.entryUrls.size);
  const shared = [...one.entryUrls].filter((url) => other.entryUrls.has(url)).length;
  // A section's feed within the whole outlet's is another feed: both must be about as long.
  return smaller > 0 && shared >= SAME_SHARE * smaller && smaller >= 0.5 * larger;
}

/** The feed that stands out, or null. */
function bestOf(feeds: readonly FoundFeed[]): FoundFeed | null {
  if (feeds.length === 1) return feeds[0]!;
  const filled = feeds.filter(({ entries, isComments }) => entries > 0 && !isComments);
  const own = filled.filter(({ isOwnSite }) => isOwnSite);
  const announced = own.filter(({ source }) => source === 'announced');
  for (const group of [announced, own, filled]) if (group.length > 0) return group.length === 1 ? group[0]! : null;
  return null;
}
