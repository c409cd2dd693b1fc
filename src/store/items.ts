import type { Queryable } from './database.ts';

/** A row of wire.items. */
export type ItemRow = {
  item_id: number;
  story_id: number;
  copy_of: number | null;
  url: string;
  title: string;
  lead: string | null;
  image_url: string | null;
  author: string | null;
  lang: string;
  published_at: Date | null;
  first_seen_at: Date;
  updated_at: Date;
  feed_id: number | null;
  outlet: string | null;
  outlet_country: string | null;
  topic: string;
  relevant: boolean;
  relevance: number;
  countries: string[];
  cooperation: string[];
  orgs: string[];
  kicker: string | null;
  marked: string | null;
};

/** What a list of items may be narrowed by; several values of one filter mean "or". */
export type ItemFilter = {
  readonly relevant: boolean | null;
  readonly topic?: readonly string[];
  readonly country?: readonly string[];
  readonly cooperation?: readonly string[];
  readonly org?: readonly string[];
  readonly lang?: readonly string[];
  readonly story?: readonly number[];
  readonly feed?: readonly number[];
  readonly since?: Date;
};

/** A place in the one order of lists: after this item. */
export type After = { readonly sortAt: string; readonly itemId: number };

/** The columns of wire.items, of glasnik.items `i`. */
export const ITEM_COLUMNS = `i.item_id, i.story_id, i.copy_of, i.url, i.title, i.lead, i.image_url, i.author, i.lang, i.published_at,
            i.first_seen_at, i.updated_at, i.feed_id, i.outlet, i.outlet_country, i.topic, i.relevant, i.relevance, i.countries,
            i.cooperation, i.orgs, i.kicker, i.mark as marked`;

/** The conditions of a filter on glasnik.items `i`; `param` adds a value and gives its place. Hidden items are never there. */
export function itemConditions(filter: ItemFilter, param: (value: unknown) => string): string[] {
  const where = ["i.mark is distinct from 'hidden'"];
  if (filter.relevant !== null) where.push(filter.relevant ? 'i.relevant' : 'not i.relevant');
  if (filter.topic?.length) where.push(`i.topic = any (${param(filter.topic)}::text[])`);
  if (filter.country?.length) where.push(`i.countries && ${param(filter.country)}::text[]`);
  if (filter.cooperation?.length) where.push(`i.cooperation && ${param(filter.cooperation)}::text[]`);
  if (filter.org?.length) where.push(`i.orgs && ${param(filter.org)}::text[]`);
  if (filter.lang?.length) where.push(`glasnik.speaks(i.lang, ${param(filter.lang)}::text[])`);
  if (filter.story?.length)
    where.push(`i.story_id in (select coalesce(r.to_story_id, s.id) from unnest(${param(filter.story)}::bigint[]) as s (id)
                 left join glasnik.story_redirects r on r.from_story_id = s.id)`);
  if (filter.feed?.length)
    where.push(
      `exists (select from glasnik.item_feeds f where f.item_id = i.item_id and f.feed_id = any (${param(filter.feed)}::bigint[]))`,
    );
  if (filter.since) where.push(`i.updated_at >= ${param(filter.since)}`);
  return where;
}

/**
 * A page of items, newest first. Rows carry `sort_at` as PostgreSQL writes it, for the next page's `after`.
 */
export async function pageOfItems(
  db: Queryable,
  filter: ItemFilter,
  after: After | null,
  limit: number,
): Promise<(ItemRow & { sort_at: string })[]> {
  const values: unknown[] = [limit];
  const param = (value: unknown) => `$${values.push(value)}`;
  const where = itemConditions(filter, param);
  if (after)
    where.push(`(i.sort_at, i.item_id) < (${param(after.sortAt)}::timestamptz, ${param(after.itemId)}::bigint)`);
  const { rows } = await db.query<ItemRow & { sort_at: string }>(
    `select ${ITEM_COLUMNS}, i.sort_at::text as sort_at
       from glasnik.items i
      where ${where.join('\n        and ')}
      order by i.sort_at desc, i.item_id desc
      limit $1`,
    values,
  );
  return rows;
}

/** One item as sites see it, or null. */
export async function itemById(db: Queryable, itemId: number): Promise<ItemRow | null> {
  const { rows } = await db.query<ItemRow>('select * from wire.items where item_id = $1', [itemId]);
  return rows[0] ?? null;
}

/** The item that has, or had, this address (any of its addresses), hidden ones included; or null. */
export async function itemByAddress(
  db: Queryable,
  url: string,
): Promise<{ item_id: number; mark: string | null } | null> {
  const { rows } = await db.query<{ item_id: number; mark: string | null }>(
    'select item_id, mark from glasnik.items where item_id = glasnik.item_at($1)',
    [url],
  );
  return rows[0] ?? null;
}

/** A change of the feed table. */
export type ChangeRow = { seq: number; kind: 'new' | 'changed' | 'gone'; at: Date; item_id: number };

/** The changes after `seq`, in order; `oldest` is the lowest seq still kept (null: none). */
export async function changesAfter(db: Queryable, seq: number, limit: number): Promise<ChangeRow[]> {
  const { rows } = await db.query<ChangeRow>(
    'select seq, kind, at, item_id from glasnik.changes where seq > $1 order by seq limit $2',
    [seq, limit],
  );
  return rows;
}

/**
 * The last seq given, and the last one that retention took away (0: none). The newest change is always kept, so that `last` is a
 * committed one: the sequence itself may be ahead of what anybody can see.
 */
export async function changesBounds(db: Queryable): Promise<{ last: number; pruned: number }> {
  const { rows } = await db.query<{ last: number; first: number }>(
    'select coalesce(max(seq), 0) as last, coalesce(min(seq), 1) as first from glasnik.changes',
  );
  const { last, first } = rows[0]!;
  return { last, pruned: first - 1 };
}

/** Items by id, as sites see them. */
export async function itemsById(db: Queryable, ids: readonly number[]): Promise<Map<number, ItemRow>> {
  if (!ids.length) return new Map();
  const { rows } = await db.query<ItemRow>('select * from wire.items where item_id = any ($1)', [ids]);
  return new Map(rows.map((row) => [row.item_id, row]));
}
