import { readFileSync } from 'node:fs';
import { Parser } from 'htmlparser2';
import { inRoot } from '../root.ts';
import { catalogueFeed, placeFeed } from '../store/catalogue.ts';
import type { CatalogueFeed, Placed } from '../store/feeds.ts';
import { CommandError } from './errors.ts';

/** Where a feed stands. @throws CommandError for an address that no feed can have */
export function place(feed: CatalogueFeed): Placed {
  const placed = placeFeed(feed);
  if (placed === null) throw new CommandError(`"${feed.url}" is no http or https address`);
  return placed;
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
