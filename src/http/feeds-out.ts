import type { FastifyPluginAsync, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { installationId } from '../store/installation.ts';
import type { ItemRow } from '../store/items.ts';
import type { HttpHouse } from './app.ts';
import { atomFeed } from './feed-atom.ts';
import { jsonFeed } from './feed-json.ts';
import { rssFeed } from './feed-rss.ts';
import { type ItemQuery, listItems } from './items.ts';
import { plainText } from './pages/html.ts';
import { itemFilters, pageOf } from './parameters.ts';

/** What a feed document is made of; the three formats say the same. */
export type FeedOut = {
  readonly title: string;
  readonly description: string;
  /** This very document, with its filters. */
  readonly selfUrl: string;
  /** The page that shows the same to people. */
  readonly homeUrl: string;
  readonly nextUrl: string | null;
  /** `tag:` URI of the feed with its filters; it and the items' never change with the address. */
  readonly id: string;
  readonly updated: Date;
  readonly items: readonly FeedOutItem[];
};

export type FeedOutItem = Omit<ItemRow, 'url'> & {
  readonly id: string;
  /** Never blank: who wrote it, else who published it. */
  readonly by: string;
  /** Null where the address is not one to follow. */
  readonly url: string | null;
  /** When it was published or first seen, whichever was earlier: a date ahead of its reader is none to a feed. */
  readonly date: Date;
  readonly categories: readonly string[];
};

const FORMATS = {
  json: { type: 'application/feed+json; charset=utf-8', write: jsonFeed },
  rss: { type: 'application/rss+xml; charset=utf-8', write: rssFeed },
  atom: { type: 'application/atom+xml; charset=utf-8', write: atomFeed },
} as const;

/** Outside /v1 unknown parameters are passed over; wrong ones are still said. */
const query = z.object({ ...itemFilters, ...pageOf });

/** `/feed.json`, `/feed.rss`, `/feed.atom`: the items of `/v1/items`, with its filters. */
export const feedOutRoutes: FastifyPluginAsync<HttpHouse> = async (app, { config, db }) => {
  const installation = await installationId(db);
  for (const [format, { type, write }] of Object.entries(FORMATS))
    app.get(
      `/feed.${format}`,
      { schema: { tags: ['feeds out'], summary: 'The items as a feed', querystring: query } },
      async (request, reply) => {
        const { items, nextCursor } = await listItems(db, request.query as ItemQuery);
        const base = baseOf(request, config.publicUrl);
        const search = new URL(request.url, base).search;
        const nextSearch = new URLSearchParams(search);
        if (nextCursor) nextSearch.set('cursor', nextCursor);
        const updated = newestOf(items);
        if (items.length) reply.header('last-modified', updated.toUTCString());
        return reply
          .type(type)
          .header('cache-control', 'public, max-age=60')
          .send(
            write({
              title: 'glasnik: Balkan defence cooperation',
              description: 'Reports on defence cooperation in the Balkans, from the feeds of the region',
              selfUrl: `${base}/feed.${format}${search}`,
              homeUrl: `${base}/`,
              nextUrl: nextCursor && `${base}/feed.${format}?${nextSearch}`,
              id: tagUri(installation, `items${filtersOf(search)}`),
              updated,
              items: items.map((item) => toFeedItem(item, installation)),
            }),
          );
      },
    );
};

/** When the newest of the items changed; of none, the beginning of today. */
function newestOf(items: readonly ItemRow[]): Date {
  if (!items.length) return new Date(new Date().setUTCHours(0, 0, 0, 0));
  return new Date(Math.max(...items.map((item) => item.updated_at.getTime())));
}

/** The filters of a query, the same for the same ones in any order; the pages of a feed are one feed. */
function filtersOf(search: string): string {
  const given = new URLSearchParams(search);
  given.delete('cursor');
  given.delete('limit');
  given.sort();
  return given.size ? `?${given}` : '';
}

/** RFC 4151. The name is the program's, the rest says which installation and which item. */
const tagUri = (installation: string, what: string): string => `tag:glasnik,2026:${installation}:${what}`;

function toFeedItem(item: ItemRow, installation: string): FeedOutItem {
  const { published_at: published, first_seen_at: seen } = item;
  return {
    ...item,
    id: tagUri(installation, `item:${item.item_id}`),
    title: shown(item.title) || shown(item.lead) || 'Untitled',
    lead: shown(item.lead) || null,
    by: shown(item.author) || shown(item.outlet) || 'unknown',
    url: /^https?:\/\//i.test(item.url) ? item.url : null,
    date: published && published < seen ? published : seen,
    categories: [item.topic, ...item.cooperation, ...item.countries, ...item.orgs],
  };
}

/** What is seen of a text; empty where nothing is. */
const shown = (text: string | null): string => plainText(text ?? '').trim();

/**
 * The address under which this service is seen: PUBLIC_URL, else the request's own Host, with a scheme and host that only a proxy
 * can know where it says so. A Host that is none is not repeated.
 */
export function baseOf(request: FastifyRequest, publicUrl: string | null): string {
  if (publicUrl) return publicUrl.replace(/\/+$/, '');
  const base = `http://${request.headers.host ?? 'localhost'}`;
  return URL.canParse(base) ? new URL(base).origin : 'http://localhost';
}
