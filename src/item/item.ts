import { hash } from 'node:crypto';
import type { Entry } from '../feed/entry.ts';
import { addressKey, canonicalUrl, isOpaqueWrapper } from './address.ts';

/** A lead is at most this many characters (UTF-16 units, as the reader's page counts them). */
export const MAX_LEAD = 600;
const MAX_TITLE = 500;
const MAX_TITLE_FROM_LEAD = 120;
const MAX_AUTHOR = 200;
const MAX_GUID_BYTES = 1000;

/** What an entry becomes when it can be kept: one article, as this feed tells it. */
export type ItemCandidate = {
  /** Which entry of the document this is. */
  readonly entry: number;
  /** The address that is shown and opened. */
  readonly url: string;
  /** The address key by which the article is the same in every feed. */
  readonly key: string;
  /** An opaque name within its feed, or null; over-long ones are stood for by their hash. */
  readonly guid: string | null;
  readonly title: string;
  readonly lead: string | null;
  readonly author: string | null;
  readonly imageUrl: string | null;
  /** ISO 8601 in UTC, as the entry says. */
  readonly publishedAt: string | null;
  readonly categories: readonly string[];
  /** Changes with title and lead: tags and story must be looked at again. */
  readonly textHash: string;
  /** Changes with title, lead, author or picture: `updated_at` moves. A new date alone changes neither. */
  readonly shownHash: string;
};

/** Why an entry cannot be kept. */
export type UnusableReason = 'no-address' | 'address-unusable' | 'no-text';

/** What became of a document's entries. An unusable entry never costs the others. */
export type DocumentItems = {
  readonly items: readonly ItemCandidate[];
  readonly unusable: readonly { readonly entry: number; readonly reason: UnusableReason }[];
  /** Entries that repeat an article of the same document. */
  readonly repeated: number;
};

/**
 * The items of a document's entries, in their order, each article once (the first entry that has it wins).
 *
 * - An entry's address is its link; where that is missing, or a redirecting service that hides the article, its guid if that is an
 *   address on its own.
 * - Two entries that differ only by a fragment are two items: the fragment stays in their keys.
 * - Entries that link to a front page (no path, or `homepage`, the feed's own link) are no addresses of articles: their guid, else
 *   their title, completes the key.
 */
export function itemsOf(entries: readonly Entry[], homepage: string | null = null): DocumentItems {
  const twins = fragmentTwins(entries);
  const homepageKey = homepage === null ? null : addressKey(homepage);
  const items = new Map<string, ItemCandidate>();
  const unusable: { entry: number; reason: UnusableReason }[] = [];
  let repeated = 0;
  for (const [index, entry] of entries.entries()) {
    const item = itemOf(entry, index, twins, homepageKey);
    if (typeof item === 'string') unusable.push({ entry: index, reason: item });
    else if (items.has(item.key)) repeated++;
    else items.set(item.key, item);
  }
  return { items: [...items.values()], unusable, repeated };
}

function itemOf(
  entry: Entry,
  index: number,
  twins: ReadonlySet<string>,
  homepageKey: string | null,
): ItemCandidate | UnusableReason {
  const published = addressOf(entry);
  if (published === null) return 'no-address';
  const url = canonicalUrl(published);
  const plainKey = addressKey(published);
  if (url === null || plainKey === null) return 'address-unusable';

  const lead = cut(clean(entry.summary), MAX_LEAD);
  const title = cut(clean(entry.title), MAX_TITLE) ?? cut(lead, MAX_TITLE_FROM_LEAD);
  if (title === null) return 'no-text';
  const guid = guidOf(entry);
  const author = cut(clean(entry.author), MAX_AUTHOR);
  const imageUrl = entry.imageUrl === null ? null : imageAddress(entry.imageUrl);
  return {
    entry: index,
    url,
    key: keyOf(published, plainKey, twins, homepageKey, guid ?? title),
    guid,
    title,
    lead,
    author,
    imageUrl,
    publishedAt: entry.publishedAt,
    categories: entry.categories.map((category) => clean(category)).filter((category) => category !== null),
    textHash: contentHash([title, lead]),
    shownHash: contentHash([title, lead, author, imageUrl]),
  };
}

/** The link, or the guid where the link is none or hides the article behind a redirecting service. */
function addressOf({ url, id }: Entry): string | null {
  const guidIsAddress = id !== null && /^https?:\/\//i.test(id) && canonicalUrl(id) !== null && !isOpaqueWrapper(id);
  if (url === null) return guidIsAddress ? id : null;
  return guidIsAddress && isOpaqueWrapper(url) ? id : url;
}

/** Keys under which the document has entries with different fragments. */
function fragmentTwins(entries: readonly Entry[]): ReadonlySet<string> {
  const wholeKeys = new Map<string, Set<string>>();
  for (const entry of entries) {
    if (!entry.url?.includes('#')) continue;
    const plain = addressKey(entry.url);
    const whole = addressKey(entry.url, { keepFragment: true });
    if (plain === null || whole === null) continue;
    wholeKeys.set(plain, (wholeKeys.get(plain) ?? new Set()).add(whole));
  }
  return new Set([...wholeKeys].filter(([, wholes]) => wholes.size > 1).map(([plain]) => plain));
}

function keyOf(
  address: string,
  plainKey: string,
  twins: ReadonlySet<string>,
  homepageKey: string | null,
  name: string,
): string {
  if (twins.has(plainKey)) return addressKey(address, { keepFragment: true }) ?? plainKey;
  const isFrontPage = plainKey === homepageKey || !/[/?#]/.test(plainKey);
  return isFrontPage ? `${plainKey}#entry:${contentHash([name])}` : plainKey;
}

function guidOf({ id }: Entry): string | null {
  const guid = clean(id);
  if (guid === null) return null;
  return Buffer.byteLength(guid) <= MAX_GUID_BYTES ? guid : `sha1:${hash('sha1', guid)}`;
}

/** A picture's address is shown as published; anything that is no http(s) address is none. */
function imageAddress(published: string): string | null {
  const address = published.trim();
  if (!/^https?:\/\//i.test(address) || address.includes('\u0000') || !URL.canParse(address)) return null;
  const { href } = new URL(address);
  return href.length <= 2000 ? href : null;
}

/**
 * Text as it may be stored and shown: well-formed, without control and direction-overriding characters (a terminal or a page must
 * not be steered by a headline), blanks collapsed; null if nothing is left.
 */
export function clean(text: string | null): string | null {
  if (text === null) return null;
  const plain = text
    .toWellFormed()
    .replace(
      /[\u0000-\u0008\u000e-\u001f\u007f-\u0084\u0086-\u009f\u200b\u202a-\u202e\u2060\u2066-\u2069\ufeff\ufffe\uffff]/g,
      '',
    )
    .replace(/\s+/g, ' ')
    .trim();
  return plain === '' ? null : plain;
}

/** `text` in at most `limit` UTF-16 units, ended at a word with an ellipsis where it was cut; never half a surrogate pair. */
export function cut(text: string | null, limit: number): string | null {
  if (text === null || text.length <= limit) return text;
  const room = text.slice(0, limit - 1).replace(/[\ud800-\udbff]$/, '');
  const wordEnd = room.lastIndexOf(' ');
  // One unbroken word of more than half the room (Thai, or a prank) is cut where the room ends.
  const kept = text[room.length] === ' ' || wordEnd < limit / 2 ? room : room.slice(0, wordEnd);
  return `${kept.replace(/[\s.,;:–—-]+$/, '')}…`;
}

/** 80 bits of SHA-1 over the fields, in hex: enough to tell versions of one article apart. */
function contentHash(fields: readonly (string | null)[]): string {
  return hash('sha1', fields.map((field) => field ?? '').join('\u001f')).slice(0, 20);
}
