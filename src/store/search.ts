import { foldText } from '../tag/fold.ts';
import type { Queryable } from './database.ts';
import { ITEM_COLUMNS, type ItemFilter, type ItemRow, itemConditions } from './items.ts';

/** A place in a ranked list: `upTo` holds the list still while items arrive (they have higher ids), the rest is the last line given. */
export type SearchPlace = { readonly upTo: number; readonly rank: number; readonly itemId: number };

export type Found = { readonly items: readonly ItemRow[]; readonly next: SearchPlace | null };

/** The newest hits that are ranked. */
export const MOST_HITS = 1000;

/**
 * Days before now, each window reaching back to the next: a common word has its thousand hits in the first one, and only the heap
 * pages of that window are read; a rare word goes through all in a millisecond each.
 */
const WINDOWS: readonly (readonly [from: number | null, to: number | null])[] = [
  [10, null],
  [60, 10],
  [365, 60],
  [null, 365],
];

/**
 * Searches titles and leads: script, diacritics, case and endings do not matter. Of the newest thousand hits the best first.
 * @param after where the last page ended; null for the first
 */
export async function searchItems(
  db: Queryable,
  q: string,
  filter: ItemFilter,
  after: SearchPlace | null,
  limit: number,
): Promise<Found> {
  const folded = foldText(q);
  if (!folded) return { items: [], next: null };
  const upTo = after?.upTo ?? (await newestId(db));
  const hits: { item_id: number; rank: number }[] = [];
  for (const [from, to] of WINDOWS) {
    if (hits.length >= MOST_HITS) break;
    hits.push(...(await hitsWithin(db, folded, filter, { from, to, upTo }, MOST_HITS - hits.length)));
  }
  hits.sort((a, b) => b.rank - a.rank || b.item_id - a.item_id);
  const left = after
    ? hits.filter((h) => h.rank < after.rank || (h.rank === after.rank && h.item_id < after.itemId))
    : hits;
  const page = left.slice(0, limit);
  const last = left.length > limit ? page.at(-1) : undefined;
  return {
    items: await inOrder(
      db,
      page.map((h) => h.item_id),
    ),
    next: last ? { upTo, rank: last.rank, itemId: last.item_id } : null,
  };
}

async function newestId(db: Queryable): Promise<number> {
  const { rows } = await db.query<{ id: number }>('select coalesce(max(item_id), 0) as id from glasnik.items');
  return rows[0]!.id;
}

async function hitsWithin(
  db: Queryable,
  folded: string,
  filter: ItemFilter,
  window: { from: number | null; to: number | null; upTo: number },
  most: number,
): Promise<{ item_id: number; rank: number }[]> {
  const values: unknown[] = [folded, most, window.upTo];
  const param = (value: unknown) => `$${values.push(value)}`;
  const where = itemConditions(filter, param);
  if (window.from !== null) where.push(`i.sort_at >= now() - make_interval(days => ${param(window.from)})`);
  if (window.to !== null) where.push(`i.sort_at < now() - make_interval(days => ${param(window.to)})`);
  const { rows } = await db.query<{ item_id: number; rank: number }>(
    `select h.item_id, ts_rank(h.words, glasnik.words_asked($1)) as rank
       from (select i.item_id, i.words
               from glasnik.items i
              where i.words @@ glasnik.words_asked($1) and i.item_id <= $3
                and ${where.join('\n                and ')}
              order by i.sort_at desc, i.item_id desc
              limit $2) h`,
    values,
  );
  return rows;
}

async function inOrder(db: Queryable, ids: readonly number[]): Promise<ItemRow[]> {
  if (!ids.length) return [];
  const { rows } = await db.query<ItemRow>(
    `select ${ITEM_COLUMNS}
       from unnest($1::bigint[]) with ordinality as p (item_id, n)
       join glasnik.items i using (item_id)
      order by p.n`,
    [ids],
  );
  return rows;
}
