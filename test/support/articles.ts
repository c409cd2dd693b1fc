import { addressKey, canonicalUrl } from '../../src/item/address.ts';
import { announce, storeArticles, type Told } from '../../src/store/articles.ts';
import type { Database } from '../../src/store/database.ts';
import { tagItem } from '../../src/tag/tagger.ts';
import { addFeed } from './house.ts';

export type GivenArticle = {
  readonly url: string;
  readonly title: string;
  readonly lead?: string | null;
  readonly at?: Date | string | null;
  readonly country?: string;
};

/** Stores articles as a feed would tell them, and returns their ids in order. Announced, not related. */
export async function storeGiven(db: Database, feedId: number, given: readonly GivenArticle[]): Promise<number[]> {
  const told = given.map(({ url, title, lead = null, at = null, country = 'RS' }): Told => {
    const address = canonicalUrl(url) ?? url;
    return {
      keys: [addressKey(address)!],
      url: address,
      title,
      lead,
      imageUrl: null,
      author: null,
      publishedAt: at === null ? null : new Date(at).toISOString(),
      guid: url,
      entryHash: url,
      textHash: title,
      itemId: null,
      ownSite: true,
      tags: tagItem({ title, summary: lead, outletCountry: country }),
    };
  });
  return db.tx(async (tx) => {
    const teller = { feedId, outlet: 'Dnevnik', outletCountry: 'RS', readerVersion: 1, tagger: 'test' };
    const { newIds } = await storeArticles(tx, teller, told);
    await announce(tx, newIds);
    return [...newIds];
  });
}

/** A feed to store under. */
export const someFeed = (db: Database, name = 'dnevnik'): Promise<number> =>
  addFeed(db, { url: `https://${name}.example/rss`, outlet: name, outletCountry: 'RS', title: name });

/** The n-th of many agreements between Serbia and Hungary, one a day. */
export const deal = (
  n: number,
  at: string | null = new Date(Date.UTC(2026, 2, n + 1, 10)).toISOString(),
): GivenArticle => ({
  url: `https://dnevnik.example/vest/${n}`,
  title: `Serbia and Hungary sign defence cooperation agreement number ${n}`,
  lead: 'The defence ministers of Serbia and Hungary signed a plan of military cooperation in Belgrade.',
  at,
});
