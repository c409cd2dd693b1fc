import { FeedError } from '../src/feed/entry.ts';
import type { Client } from '../src/feed/fetch.ts';
import { parseFeed } from '../src/feed/parse.ts';
import { itemsOf } from '../src/item/item.ts';
import { tagItem } from '../src/tag/tagger.ts';
import type { FetchLine } from './fetch.ts';

/** An item as `fetch --dry-run` shows it. */
export type ShownItem = {
  readonly url: string;
  readonly title: string;
  readonly lead: string | null;
  readonly lang: string;
  readonly published_at: string | null;
  readonly topic: string;
  readonly relevant: boolean;
  readonly relevance: number;
  readonly countries: readonly string[];
  readonly cooperation: readonly string[];
  readonly orgs: readonly string[];
  readonly kicker: string | null;
};

export type Shown = { readonly line: FetchLine; readonly items: readonly ShownItem[] };

/** Fetches, parses and tags without storing anything. */
export async function showFeed(client: Client, url: string, outletCountry: string | null = null): Promise<Shown> {
  const answer = await client.fetch({ url });
  const base = {
    feed_id: null,
    url,
    http_status: answer.status,
    entries: 0,
    new: 0,
    updated: 0,
    duplicate: 0,
    relevant: 0,
    bytes: answer.wireBytes,
    ms: answer.ms,
    next_fetch_at: null,
  };
  if (answer.kind !== 'document')
    return {
      line: {
        ...base,
        outcome: answer.kind === 'gone' ? 'gone' : 'failed',
        reason: answer.kind === 'failed' ? answer.reason : null,
      },
      items: [],
    };
  try {
    const feed = await parseFeed(answer.bytes, {
      contentType: answer.contentType ?? undefined,
      url: answer.finalUrl,
      outletCountry: outletCountry ?? undefined,
      now: Date.now(),
    });
    const items = itemsOf(feed.items, feed.link).items.map((item): ShownItem => {
      const { evidence: _, ...tags } = tagItem({ title: item.title, summary: item.lead, outletCountry });
      return { url: item.url, title: item.title, lead: item.lead, published_at: item.publishedAt, ...tags };
    });
    const relevant = items.filter((item) => item.relevant).length;
    return { line: { ...base, outcome: 'fetched', reason: null, entries: feed.items.length, relevant }, items };
  } catch (error) {
    if (error instanceof FeedError) return { line: { ...base, outcome: 'failed', reason: error.reason }, items: [] };
    throw error;
  }
}
