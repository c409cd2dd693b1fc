import { readFileSync } from 'node:fs';
import { Parser } from 'htmlparser2';
import { z } from 'zod';
import { canonicalFeedUrl } from '../feed/address.ts';
import { hostOf, siteOf } from '../item/site.ts';
import { inRoot } from '../root.ts';
import type { CatalogueFeed, FeedRow, Placed } from '../store/feeds.ts';
import { CommandError } from './errors.ts';

const text = z.string().trim().max(500).nullish();

/** The catalogue's own JSON: an array of these. */
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
 * @throws CommandError for an address that no feed can have
 */
export function place(feed: CatalogueFeed): Placed {
  const url = canonicalFeedUrl(feed.url);
  if (url === null) throw new CommandError(`"${feed.url}" is no http or https address`);
  return { ...feed, url, host: hostOf(url)!, site: (feed.homepage && siteOf(feed.homepage)) || siteOf(url)! };
}

/** The feeds that come with glasnik. */
export const bundledCatalogue = (): Placed[] =>
  readCatalogue(readFileSync(inRoot('catalogue', 'feeds.json'), 'utf8'), 'catalogue/feeds.json');

/** Reads a catalogue, JSON or OPML 2.0. @throws CommandError naming the row and what is wrong with it */
export function readCatalogue(source: string, name: string): Placed[] {
  const trimmed = source.replace(/^\ufeff/, '').trimStart();
  if (trimmed.startsWith('<')) return readOpml(trimmed, name);
  let parsed: unknown;
  try {
    parsed = JSON.parse(trimmed);
  } catch (error) {
    throw new CommandError(`${name} is neither OPML nor JSON: ${(error as Error).message}`);
  }
  if (!Array.isArray(parsed)) throw new CommandError(`${name} must be a JSON array of feeds`);
  return parsed.map((row, i) => {
    const feed = catalogueFeed.safeParse(row);
    if (!feed.success) {
      const { path, message } = feed.error.issues[0]!;
      throw new CommandError(`${name}: feed ${i + 1}: ${path.join('.')} ${message}`.replace(/ {2,}/g, ' '));
    }
    return place(feed.data);
  });
}

/** An outline's own attributes for what OPML 2.0 has no word for; other programs pass them over. */
const OPML_ATTRIBUTES = { outlet: 'outlet', outletCountry: 'outletCountry', kind: 'kind' } as const;

function readOpml(source: string, name: string): Placed[] {
  const feeds: Placed[] = [];
  let isOpml = false;
  const parser = new Parser(
    {
      onopentag(tag, attributes) {
        if (tag.toLowerCase() === 'opml') isOpml = true;
        if (tag.toLowerCase() !== 'outline') return;
        const given = new Map(Object.entries(attributes).map(([key, value]) => [key.toLowerCase(), value]));
        const url = given.get('xmlurl');
        if (!url) return;
        const row = {
          url,
          title: given.get('title') || textAsTitle(given, url),
          lang: given.get('language') || null,
          homepage: given.get('htmlurl') || null,
          ...Object.fromEntries(Object.keys(OPML_ATTRIBUTES).map((key) => [key, given.get(key.toLowerCase()) || null])),
        };
        const feed = catalogueFeed.safeParse(row);
        if (!feed.success) {
          const issue = feed.error.issues[0]!;
          throw new CommandError(`${name}: outline ${url}: ${issue.path.join('.')} ${issue.message}`);
        }
        feeds.push(place(feed.data));
      },
    },
    { xmlMode: true, decodeEntities: true },
  );
  parser.write(source);
  parser.end();
  if (!isOpml) throw new CommandError(`${name} is no OPML: there is no <opml> element in it`);
  return feeds;
}

/** OPML wants a text on every outline; one that only repeats the address or the outlet is no title. */
function textAsTitle(given: ReadonlyMap<string, string>, url: string): string | null {
  const text = given.get('text')?.trim();
  return text && text !== url && text !== given.get('outlet') ? text : null;
}

const escapeXml = (value: string): string =>
  value.replace(/[&<>"]/g, (c) => `&${{ '&': 'amp', '<': 'lt', '>': 'gt', '"': 'quot' }[c]};`);

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
