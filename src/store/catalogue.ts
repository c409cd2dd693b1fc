import { z } from 'zod';
import { canonicalFeedUrl } from '../feed/address.ts';
import { hostOf, siteOf } from '../item/site.ts';
import type { CatalogueFeed, FeedRow, Placed } from './feeds.ts';

const text = z.string().trim().max(500).nullish();

/** The catalogue's own JSON is an array of these. */
export const catalogueFeed = z.strictObject({
  url: z.string().trim().max(2000),
  title: text,
  outlet: text,
  outletCountry: z
    .string()
    .regex(/^[A-Z]{2}$/, 'must be two capital letters (ISO 3166-1, XK for Kosovo)')
    .nullish(),
  lang: z
    .string()
    .regex(/^[a-z]{2,3}(-[A-Za-z]{4})?(-[A-Z]{2})?$/, 'must be a language tag such as sr-Latn')
    .nullish(),
  kind: text,
  homepage: text,
});

/**
 * Where a feed stands: host and site. A feed on a foreign host (FeedBurner, an admin host) belongs to its homepage's site.
 * @returns null for an address that no feed can have
 */
export function placeFeed(feed: CatalogueFeed): Placed | null {
  const url = canonicalFeedUrl(feed.url);
  if (url === null) return null;
  return { ...feed, url, host: hostOf(url)!, site: (feed.homepage && siteOf(feed.homepage)) || siteOf(url)! };
}

/** A row of wire.feeds as the catalogue's own JSON. */
export const toCatalogue = (feed: FeedRow): CatalogueFeed => ({
  url: feed.url,
  title: feed.title,
  outlet: feed.outlet,
  outletCountry: feed.outlet_country,
  lang: feed.lang,
  kind: feed.kind,
  homepage: feed.homepage,
});

const escapeXml = (value: string): string =>
  value
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '')
    .replace(/[&<>"]/g, (c) => `&${{ '&': 'amp', '<': 'lt', '>': 'gt', '"': 'quot' }[c]};`);

/** Feeds as OPML 2.0; reading it back gives the same feeds. */
export function writeOpml(feeds: readonly FeedRow[]): string {
  const outlines = feeds.map((feed) => {
    const attributes = {
      type: 'rss',
      text: feed.title ?? feed.outlet ?? feed.url,
      title: feed.title,
      xmlUrl: feed.url,
      htmlUrl: feed.homepage,
      language: feed.lang,
      outlet: feed.outlet,
      outletCountry: feed.outlet_country,
      kind: feed.kind,
    };
    const written = Object.entries(attributes).filter((pair): pair is [string, string] => pair[1] !== null);
    return `    <outline ${written.map(([key, value]) => `${key}="${escapeXml(value)}"`).join(' ')}/>`;
  });
  return `<?xml version="1.0" encoding="UTF-8"?>\n<opml version="2.0">\n  <head><title>glasnik</title></head>\n  <body>\n${outlines.join('\n')}\n  </body>\n</opml>\n`;
}
