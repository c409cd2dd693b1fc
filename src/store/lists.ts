import { WORTH_A_LIST } from '../readnext/rank.ts';
import type { Queryable } from './database.ts';
import { type Memory, type Remembered, recall } from './memory.ts';

/** What an item's neighbours are looked up by. */
export type WantedNeighbours = {
  readonly itemId: number;
  readonly at: Date;
  readonly keys: readonly { readonly key: number; readonly weight: number }[];
};

/** An item that may stand in lists, and be read by who reads them. */
export type Neighbour = Remembered & {
  readonly item_id: number;
  readonly story_id: number;
  readonly copy_of: number | null;
};

/** The neighbours of each wanted item, best first, and the items themselves. */
export type Neighbourhood = {
  readonly near: ReadonlyMap<number, readonly number[]>;
  readonly items: ReadonlyMap<number, Neighbour>;
};

/**
 * Items that may belong in the lists of `wanted` and the other way round: for each key those nearest in time, before and after, so
 * that the work is bounded whatever the number of stored items; of these for each wanted item the `most` that share most. Keys must
 * be list keys (readnext/keys.ts): only items that lists are made for and of have them.
 * @param perKey at most this many of each key on each side of the item's moment
 */
export async function neighbours(
  db: Queryable,
  memory: Memory,
  wanted: readonly WantedNeighbours[],
  { perKey, most }: { perKey: number; most: number },
): Promise<Neighbourhood> {
  const { rows } = await db.query<{ wanted: number; near: number[] | null }>(
    `select w.item_id as wanted, near.ids as near
       from jsonb_to_recordset($1::jsonb) as w (item_id bigint, at timestamptz, keys integer[], weights real[])
      cross join lateral (
            select json_agg(c.item_id order by c.place) as ids
              from (select h.item_id,
                           row_number() over (order by sum(q.weight) desc, min(greatest(h.sort_at - w.at, w.at - h.sort_at)), h.item_id) as place
                      from unnest(w.keys, w.weights) as q (key, weight)
                     cross join lateral (
                           (select k.item_id, k.sort_at from glasnik.item_keys k where k.key = q.key and k.sort_at <= w.at
                             order by k.sort_at desc limit $2)
                            union all
                           (select k.item_id, k.sort_at from glasnik.item_keys k where k.key = q.key and k.sort_at > w.at
                             order by k.sort_at limit $2)) h
                     where h.item_id <> w.item_id
                     group by h.item_id
                     order by place
                     limit $3) c) near`,
    [
      JSON.stringify(
        wanted.map(({ itemId, at, keys }) => ({
          ...{ item_id: itemId, at },
          ...{ keys: keys.map(({ key }) => key), weights: keys.map(({ weight }) => weight) },
        })),
      ),
      perKey,
      most,
    ],
  );
  const near = new Map(rows.map((row) => [row.wanted, row.near ?? []]));
  const { rows: found } = await db.query<{
    item_id: number;
    story_id: number;
    copy_of: number | null;
    version: string;
  }>(
    // a mark takes an item out of the lists at once, its keys a moment later
    `select i.item_id, i.story_id, i.copy_of, f.xmin::text as version
       from glasnik.items i
       join glasnik.item_features f using (item_id)
      where i.item_id = any ($1) and i.mark is distinct from 'hidden' and (i.relevant or i.topic <> 'other' or i.relevance >= $2)`,
    [[...new Set([...near.values()].flat())], WORTH_A_LIST],
  );
  const known = await recall(db, memory, found);
  const items = found.flatMap(({ version: _, ...row }) => {
    const remembered = known.get(row.item_id);
    return remembered ? [[row.item_id, { ...row, ...remembered }] as const] : [];
  });
  return { near, items: new Map(items) };
}

/** A line of a list: how much a reader of the item gains from the story, and why. */
export type ListEntry = {
  readonly itemId: number;
  readonly storyId: number;
  readonly score: number;
  /** Said only where the line is written: most offers are not good enough. */
  readonly reasons: () => readonly string[];
};

/** Replaces the lists of items; items that have none (any more) are named too. */
export async function writeLists(
  tx: Queryable,
  itemIds: readonly number[],
  entries: readonly ListEntry[],
): Promise<void> {
  await tx.query('delete from glasnik.read_next where item_id = any ($1)', [itemIds]);
  await insertEntries(tx, entries);
}

/**
 * Offers stories to the lists of other items: a list takes what is better than its last line, and stays as long as it may be. Lists
 * to which an offer changes nothing are not touched.
 */
export async function offerToLists(tx: Queryable, offers: readonly ListEntry[], length: number): Promise<void> {
  if (!offers.length) return;
  const ids = [...new Set(offers.map((o) => o.itemId))].sort((a, b) => a - b);
  const { rows: lists } = await tx.query<{ item_id: number; n: number; worst: number }>(
    'select item_id, count(*)::int as n, min(score) as worst from glasnik.read_next where item_id = any ($1) group by item_id',
    [ids],
  );
  const known = new Map(lists.map((l) => [l.item_id, l]));
  const worthwhile = offers.filter((offer) => {
    const list = known.get(offer.itemId);
    return !list || list.n < length || offer.score > list.worst;
  });
  await insertEntries(tx, worthwhile);
  const full = [...new Set(worthwhile.map((o) => o.itemId))].filter((id) => (known.get(id)?.n ?? 0) + 1 > length);
  if (!full.length) return;
  await tx.query(
    `delete from glasnik.read_next n
      using (select item_id, story_id, row_number() over (partition by item_id order by score desc, story_id) as place
               from glasnik.read_next where item_id = any ($1)) p
      where n.item_id = p.item_id and n.story_id = p.story_id and p.place > $2`,
    [full, length],
  );
}

async function insertEntries(tx: Queryable, entries: readonly ListEntry[]): Promise<void> {
  const best = new Map<string, ListEntry>();
  for (const entry of entries) {
    const key = `${entry.itemId} ${entry.storyId}`;
    const other = best.get(key);
    if (!other || entry.score > other.score) best.set(key, entry);
  }
  const rows = [...best.values()].sort((a, b) => a.itemId - b.itemId || a.storyId - b.storyId);
  if (!rows.length) return;
  await tx.query(
    `insert into glasnik.read_next as n (item_id, story_id, score, reasons)
     select item_id, story_id, score, reasons
       from jsonb_to_recordset($1::jsonb) as e (item_id bigint, story_id bigint, score real, reasons text[])
     on conflict (item_id, story_id) do update
        set score = excluded.score, reasons = excluded.reasons where excluded.score > n.score`,
    [
      JSON.stringify(
        rows.map((r) => ({ item_id: r.itemId, story_id: r.storyId, score: r.score, reasons: r.reasons() })),
      ),
    ],
  );
}
