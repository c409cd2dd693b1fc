import type { FastifyPluginAsync, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { installationId } from '../store/installation.ts';
import type { ItemRow } from '../store/items.ts';
import type { HttpHouse } from './app.ts';
import { atomFeed } from './feed-atom.ts';
import { jsonFeed } from './feed-json.ts';
import { rssFeed } from './feed-rss.ts';
import { type ItemQuery, listItems } from './items.ts';
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
  /** `tag:` URI of the feed; it and the items' never change with the address. */
  readonly id: string;
  readonly items: readonly FeedOutItem[];
};

export type FeedOutItem = Omit<ItemRow, 'url'> & {
  readonly id: string;
  /** Null where the address is not one to follow. */
  readonly url: string | null;
  /** When it was published, or first seen. */
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
        const newest = items.reduce((latest, item) => Math.max(latest, item.updated_at.getTime()), 0);
        if (newest) reply.header('last-modified', new Date(newest).toUTCString());
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
              id: tagUri(installation, 'items'),
              items: items.map((item) => toFeedItem(item, installation)),
            }),
          );
      },
    );
};

/** RFC 4151. The name is the program's, the rest says which installation and which item. */
const tagUri = (installation: string, what: string): string => `tag:glasnik,2026:${installation}:${what}`;

function toFeedItem(item: ItemRow, installation: string): FeedOutItem {
  return {
    ...item,
    id: tagUri(installation, `item:${item.item_id}`),
    url: /^https?:\/\//i.test(item.url) ? item.url : null,
    date: item.published_at ?? item.first_seen_at,
    categories: [item.topic, ...item.cooperation, ...item.countries, ...item.orgs],
  };
}

/**
 * The address under which this service is seen: PUBLIC_URL, else the request's own Host, with a scheme and host that only a proxy
 * can know where it says so. A Host that is none is not repeated.
 */
export function baseOf(request: FastifyRequest, publicUrl: string | null): string {
  if (publicUrl) return publicUrl.replace(/\/+$/, '');
  const base = `http://${request.headers.host ?? 'localhost'}`;
  return URL.canParse(base) ? new URL(base).origin : 'http://localhost';
}
