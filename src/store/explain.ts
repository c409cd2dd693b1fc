import type { Queryable } from './database.ts';
import type { ItemRow } from './items.ts';

/** All that is known of why an item stands where it stands. */
export type Explanation = {
  readonly item: ItemRow & { readonly mark: string | null; readonly tagger: string };
  readonly addresses: readonly string[];
  readonly feeds: readonly { feed_id: number; url: string; first_seen_at: Date }[];
  readonly tags: readonly {
    scheme: string;
    tag: string;
    score: number;
    evidence: readonly { field: string; start: number; end: number; text: string }[];
  }[];
  readonly story: readonly {
    item_id: number;
    lang: string;
    outlet: string | null;
    title: string;
    copy_of: number | null;
    sort_at: Date;
  }[];
  /** What relating noted: the nearest report of its story, and the nearest story that it did not join. */
  readonly evidence: StoryEvidence | null;
  readonly read_next: readonly {
    rank: number;
    related_item_id: number;
    title: string;
    score: number;
    reasons: string[];
  }[];
};

export type StoryEvidence = {
  readonly nearest: { readonly id: number; readonly same: number; readonly why: readonly unknown[] } | null;
  readonly runnerUp: {
    readonly id: number;
    readonly story: number;
    readonly same: number;
    readonly why: readonly unknown[];
  } | null;
};

/** Reads the explanation of an item, hidden ones included; null where there is none. */
export async function explainItem(db: Queryable, itemId: number): Promise<Explanation | null> {
  const { rows: items } = await db.query<Explanation['item']>(
    `select item_id, story_id, copy_of, url, title, lead, image_url, author, lang, published_at, first_seen_at, updated_at, feed_id,
            outlet, outlet_country, topic, relevant, relevance, countries, cooperation, orgs, kicker, mark as marked, mark, tagger
       from glasnik.items where item_id = $1`,
    [itemId],
  );
  const item = items[0];
  if (!item) return null;
  const many = async <T extends object>(sql: string): Promise<T[]> => (await db.query<T>(sql, [itemId])).rows;
  return {
    item,
    addresses: (
      await many<{ key: string }>('select key from glasnik.item_addresses where item_id = $1 order by key')
    ).map((r) => r.key),
    feeds: await many(
      `select f.feed_id, f.url, c.first_seen_at from glasnik.item_feeds c join glasnik.feeds f using (feed_id)
        where c.item_id = $1 order by c.first_seen_at, f.feed_id`,
    ),
    tags: await many(
      'select scheme, tag, score, evidence from glasnik.tags where item_id = $1 order by scheme, score desc, tag',
    ),
    story: await many(
      `select i.item_id, i.lang, i.outlet, i.title, i.copy_of, i.sort_at from glasnik.items i
        where i.story_id = (select story_id from glasnik.items where item_id = $1) order by i.sort_at, i.item_id limit 50`,
    ),
    evidence:
      (await many<{ evidence: StoryEvidence }>('select evidence from glasnik.item_features where item_id = $1'))[0]
        ?.evidence ?? null,
    read_next: await many(
      'select rank, related_item_id, title, score, reasons from wire.read_next where item_id = $1 order by rank',
    ),
  };
}
