import { hash } from 'node:crypto';
import type { ReadEntry } from '../src/feed/read.ts';
import { isSameArticle } from '../src/item/identity.ts';
import { type ItemCandidate, itemsOf } from '../src/item/item.ts';
import { siteOf } from '../src/item/site.ts';
import type { Told } from '../src/store/articles.ts';
import type { Candidate, Known } from '../src/store/known.ts';
import type { LeasedFeed } from '../src/store/lease.ts';
import { tagItem } from '../src/tag/tagger.ts';
import type { Desk } from './desk.ts';

/** What a document's entries come to before anything is written. */
export type ToldDocument = {
  /** Articles to write: new ones, corrected ones, and those that this feed carries for the first time. */
  readonly told: readonly Told[];
  /** Entries that cannot be kept, by reason. */
  readonly unusable: Readonly<Record<string, number>>;
};

/**
 * From entries to articles: each entry's item, what is stored of it, and the tags of what will be written. All that takes time is
 * done here, before the transaction.
 * @param oldest articles published before are not stored at first sight (ITEM_MAX_AGE_DAYS); null for no bound
 */
export async function tellArticles(
  desk: Desk,
  feed: LeasedFeed,
  homepage: string | null,
  entries: readonly ReadEntry[],
  oldest: Date | null,
): Promise<ToldDocument> {
  const { items, unusable } = itemsOf(
    entries.map((e) => e.entry),
    homepage,
  );
  const candidates = items.map((item) => toCandidate(item, entries[item.entry]!.hash));
  const known = candidates.length ? await desk.find({ feedId: feed.feed_id, candidates }) : [];
  const knownOf = new Map(known.map((k) => [k.n, k]));
  const told: Told[] = [];
  for (const [n, candidate] of candidates.entries()) {
    const found = matching(knownOf.get(n), candidate);
    if (found?.pruned && found.item_id === null) continue;
    if (!found && oldest && candidate.publishedAt && new Date(candidate.publishedAt) < oldest) continue;
    const ownSite = siteOf(candidate.url) === feed.site;
    const tags = mustBeWritten(found, candidate, feed.feed_id, ownSite)
      ? tagItem({ title: candidate.title, summary: candidate.lead, outletCountry: feed.outlet_country })
      : null;
    told.push({ ...candidate, itemId: found?.item_id ?? null, ownSite, tags });
  }
  return { told, unusable: countBy(unusable.map((u) => u.reason)) };
}

function toCandidate(item: ItemCandidate, entryHash: string): Candidate {
  return {
    keys: [item.key],
    url: item.url,
    title: item.title,
    lead: item.lead,
    imageUrl: item.imageUrl,
    author: item.author,
    publishedAt: item.publishedAt,
    guid: item.guid,
    entryHash: entryHash || hash('sha1', item.key, 'base64').slice(0, 16),
    textHash: item.textHash,
  };
}

/** A guid known in this feed is the same article only if the texts agree: feeds use guids again. */
function matching(known: Known | undefined, candidate: Candidate): Known | undefined {
  if (known?.by !== 'guid') return known;
  const before = {
    key: known.address_key ?? '',
    title: known.title ?? '',
    publishedAt: known.published_at?.toISOString() ?? null,
  };
  const now = { key: candidate.keys[0]!, title: candidate.title, publishedAt: candidate.publishedAt };
  return isSameArticle(before, now) ? known : undefined;
}

/**
 * Whether this feed's text is to be shown: of a new article; where this feed tells it and the text changed; where this feed comes
 * before the one that tells it (own site first, then the lower id). The update itself judges once more, under its lock.
 */
function mustBeWritten(known: Known | undefined, candidate: Candidate, feedId: number, ownSite: boolean): boolean {
  if (!known || known.item_id === null) return true;
  if (known.told_by === feedId)
    return (
      known.text_hash !== candidate.textHash ||
      known.author !== candidate.author ||
      known.image_url !== candidate.imageUrl
    );
  if (ownSite !== known.own_site) return ownSite;
  return known.told_by === null || feedId < known.told_by;
}

function countBy(words: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const word of words) counts[word] = (counts[word] ?? 0) + 1;
  return counts;
}
