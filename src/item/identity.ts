/**
 * Whether an entry that brings a guid known in its feed, but another address, is the same article moved or another article under
 * a guid used again. Feeds sin in both ways: some rewrite the slug when a headline is corrected, some count their entries 1, 2, 3
 * and start over each day. (The same address is always the same article, whatever its guid.)
 */
export type KnownArticle = { readonly key: string; readonly title: string; readonly publishedAt: string | null };

/** Half of the words in common: a corrected headline keeps more, two headlines of a day rarely share so many. */
const ENOUGH_SHARED_WORDS = 0.5;
const SAME_ARTICLE_WITHIN_MS = 3 * 86_400_000;

/**
 * True when `found`, an entry with the guid of `known`, tells the same article under a new address: the number that names it in
 * both addresses is the same, or the headlines share half of their words and the dates are within three days of each other.
 */
export function isSameArticle(known: KnownArticle, found: KnownArticle): boolean {
  if (known.key === found.key) return true;
  const [knownHost, foundHost] = [hostOf(known.key), hostOf(found.key)];
  const number = articleNumber(known.key);
  if (knownHost === foundHost && number !== null && number === articleNumber(found.key)) return true;
  return datesAreClose(known, found) && sharedWords(known.title, found.title) >= ENOUGH_SHARED_WORDS;
}

const hostOf = (key: string): string => key.split(/[/?#]/, 1)[0]!;

/** The last number of five or more digits in an address that is no date: most content systems put the article's own there. */
function articleNumber(key: string): string | null {
  const numbers = key.slice(hostOf(key).length).match(/(?<![0-9])[0-9]{5,}(?![0-9])/g) ?? [];
  const own = numbers.filter((digits) => !/^(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:[0-2][0-9]|3[01])?$/.test(digits));
  return own.at(-1) ?? null;
}

function datesAreClose(known: KnownArticle, found: KnownArticle): boolean {
  if (known.publishedAt === null || found.publishedAt === null) return true;
  return Math.abs(Date.parse(known.publishedAt) - Date.parse(found.publishedAt)) <= SAME_ARTICLE_WITHIN_MS;
}

/** Jaccard overlap of the words of two headlines, 0 to 1. */
function sharedWords(one: string, other: string): number {
  const words = (title: string): Set<string> => new Set(title.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []);
  const [a, b] = [words(one), words(other)];
  const shared = [...a].filter((word) => b.has(word)).length;
  const all = a.size + b.size - shared;
  return all === 0 ? 0 : shared / all;
}
