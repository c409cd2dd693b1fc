import { type FeedFacts, noHints } from './channel.ts';
import { type DateContext, readDate } from './dates.ts';
import { type Entry, FeedError } from './entry.ts';
import { imageOf } from './image.ts';
import { readAddress } from './resolve.ts';
import { cleanText, htmlToText, plainToText } from './text.ts';

type Json = Readonly<Record<string, unknown>>;

export type JsonDocument = {
  readonly facts: FeedFacts;
  readonly feedAuthor: string | null;
  readonly items: readonly Json[];
};

/** Whether a document is JSON by its first character. */
export const looksLikeJson = (text: string): boolean => /^\s*[{[]/.test(text.slice(0, 1_000));

/** Reads the frame of JSON Feed 1.0 or 1.1, or what is nearly one (no version, items that are there). */
export function readJsonDocument(text: string, url: string | null): JsonDocument {
  let feed: unknown;
  try {
    feed = JSON.parse(text);
  } catch {
    const repaired = cutOff(text);
    if (repaired === null) throw new FeedError('unreadable', 'the document begins like JSON and is none');
    feed = repaired;
  }
  if (!isObject(feed) || !(Array.isArray(feed.items) || /jsonfeed/.test(string(feed.version)))) {
    throw new FeedError('not-a-feed', 'the document is JSON, but not a JSON Feed: it has no items');
  }
  const facts: FeedFacts = {
    title: htmlToText(string(feed.title), true) || null,
    link: readAddress(string(feed.home_page_url), url),
    lang: cleanText(string(feed.language)) || null,
    hints: noHints,
    self: readAddress(string(feed.feed_url), url),
    hub: Array.isArray(feed.hubs) && isObject(feed.hubs[0]) ? readAddress(string(feed.hubs[0].url), url) : null,
  };
  return { facts, feedAuthor: authorOf(feed), items: (Array.isArray(feed.items) ? feed.items : []).filter(isObject) };
}

/** Maps one item of a JSON Feed. */
export function readJsonEntry(item: Json, base: string | null, feedAuthor: string | null, context: DateContext): Entry {
  const updatedAt = readDate(string(item.date_modified), context);
  const html = string(item.content_html);
  return {
    title: htmlToText(string(item.title), true) || null,
    url:
      readAddress(string(item.url), base) ??
      readAddress(string(item.external_url), base) ??
      (/^https?:/.test(string(item.id)) ? readAddress(string(item.id), base) : null),
    id: cleanText(string(item.id)) || null,
    publishedAt: readDate(string(item.date_published), context) ?? updatedAt,
    updatedAt,
    summary:
      htmlToText(string(item.summary), true) ||
      htmlToText(html.slice(0, 100_000)) ||
      plainToText(string(item.content_text).slice(0, 100_000)) ||
      null,
    author: authorOf(item) ?? feedAuthor,
    imageUrl: imageOfItem(item, html, base),
    categories: Array.isArray(item.tags)
      ? [
          ...new Set(
            item.tags
              .slice(0, 50)
              .map((tag) => plainToText(string(tag)).slice(0, 200))
              .filter(Boolean),
          ),
        ]
      : [],
  };
}

/** Version 1.1 has a list, 1.0 one author; documents have both, and a single object where the list belongs. */
function authorOf({ authors, author }: Json): string | null {
  const all = [...(Array.isArray(authors) ? authors.slice(0, 20) : [authors]), author];
  const names = all.map((each) => plainToText(isObject(each) ? string(each.name) || string(each.url) : string(each)));
  return [...new Set(names.filter(Boolean))].join(', ') || null;
}

function imageOfItem(item: Json, html: string, base: string | null): string | null {
  const attachments = (Array.isArray(item.attachments) ? item.attachments : []).filter(isObject);
  const urls = [
    item.image,
    item.banner_image,
    ...attachments.filter((each) => /^image\//i.test(string(each.mime_type))).map((each) => each.url),
  ];
  for (const url of urls) {
    const image = readAddress(isObject(url) ? string(url.url) : string(url), base);
    if (image !== null) return image;
  }
  return imageOf({ name: 'item', attributes: {}, text: '', inner: null, children: [], base: null }, [html], base);
}

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const string = (value: unknown): string =>
  typeof value === 'string' ? value : typeof value === 'number' ? String(value) : '';

/** A JSON Feed whose end is missing: its whole items are found again by closing it after the last one that ends. */
function cutOff(text: string): unknown {
  for (
    let end = text.lastIndexOf('}'), tries = 0;
    end > 0 && tries < 50;
    end = text.lastIndexOf('}', end - 1), tries++
  ) {
    try {
      return JSON.parse(`${text.slice(0, end + 1)}]}`);
    } catch {
      // not the end of an item
    }
  }
  return null;
}
