import { addressKey } from '../item/address.ts';
import type { Queryable } from './database.ts';
import { ITEM_COLUMNS, type ItemRow } from './items.ts';

/** A row of `wire.read_next_for`. */
export type ReadNextRow = {
  item_id: number;
  rank: number;
  related_item_id: number;
  story_id: number;
  url: string;
  title: string;
  lead: string | null;
  kicker: string | null;
  image_url: string | null;
  outlet: string | null;
  lang: string;
  published_at: Date | null;
  score: number;
  reasons: string[];
};

/** The ready-made list of a stored article, by any of its addresses. */
export async function readNextFor(
  db: Queryable,
  url: string,
  howMany: number,
  langs: readonly string[] | null,
): Promise<ReadNextRow[]> {
  const { rows } = await db.query<ReadNextRow>('select * from wire.read_next_for($1, $2, $3)', [url, howMany, langs]);
  return rows;
}

/** The ready-made list of an item. */
export async function readNextOf(db: Queryable, itemId: number, howMany: number): Promise<ReadNextRow[]> {
  const { rows } = await db.query<ReadNextRow>('select * from glasnik.list_of($1, $2, null)', [itemId, howMany]);
  return rows;
}

/** A stored article as sites see it, whether it is hidden from them, and its list. */
export type ArticleWithList = {
  readonly item: ItemRow;
  readonly hidden: boolean;
  readonly list: readonly ReadNextRow[];
};

/**
 * The article that has, or had, an address, with its ready-made list, in one statement; or null. The key is made here, in a tenth of
 * the time that its twin in SQL takes.
 */
export async function articleWithList(
  db: Queryable,
  url: string,
  howMany: number,
  langs: readonly string[] | null,
): Promise<ArticleWithList | null> {
  const { rows } = await db.query<ItemRow & { hidden: boolean; list: Written[] | null }>(
    `select ${ITEM_COLUMNS}, coalesce(i.mark = 'hidden', false) as hidden,
            (select json_agg(l order by l.rank) from glasnik.list_of(i.item_id, $3, $4) l) as list
       from glasnik.items i
      where i.item_id = (select a.item_id from glasnik.item_addresses a
                          where a.key_hash in (glasnik.key_hash($1), glasnik.key_hash($2))
                          order by a.key_hash = glasnik.key_hash($1) desc limit 1)`,
    [addressKey(url, { keepFragment: true }), addressKey(url), howMany, langs],
  );
  if (!rows[0]) return null;
  const { hidden, list, ...item } = rows[0];
  return { item, hidden, list: (list ?? []).map((entry) => ({ ...entry, published_at: dateOf(entry.published_at) })) };
}

/** A row as JSON has it. */
type Written = Omit<ReadNextRow, 'published_at'> & { published_at: string | null };
const dateOf = (text: string | null): Date | null => (text === null ? null : new Date(text));

/** By which report each story is shown to a reader of `ownLang`; stories without one in `langs` are missing. */
export async function reportsOf(
  db: Queryable,
  stories: readonly number[],
  ownLang: string,
  langs: readonly string[] | null,
): Promise<Map<number, Omit<ReadNextRow, 'item_id' | 'rank' | 'score' | 'reasons'>>> {
  const { rows } = await db.query<Omit<ReadNextRow, 'item_id' | 'rank' | 'score' | 'reasons'>>(
    `select b.item_id as related_item_id, b.story_id, b.url, b.title, b.lead, b.kicker, b.image_url, b.outlet, b.lang, b.published_at
       from unnest($1::bigint[]) as s (story_id)
      cross join lateral glasnik.best_report(s.story_id, $2, $3) b`,
    [stories, ownLang, langs],
  );
  return new Map(rows.map((row) => [row.story_id, row]));
}
