import type { Teller, Telling, Told } from './articles.ts';
import type { Queryable } from './database.ts';

/** An article with the item that it is: a new one of its own, or one that was there. */
export type Claimed = {
  readonly teller: Teller;
  readonly told: Told;
  readonly itemId: number;
  readonly storyId: number;
  readonly isNew: boolean;
};

/**
 * Claims the addresses. Inserting waits for anybody who inserts the same key, in key order; who finds a key taken afterwards
 * belongs to that item. An article known under two keys of two items belongs to the earlier one.
 */
export async function claimAddresses(tx: Queryable, tellings: readonly Telling[]): Promise<Claimed[]> {
  const told = tellings.flatMap((telling) => telling.told);
  const fresh = told.filter((t) => t.itemId === null);
  const { rows: ids } = await tx.query<{ item_id: number; story_id: number }>(
    `select nextval(pg_get_serial_sequence('glasnik.items', 'item_id')) as item_id,
            nextval(pg_get_serial_sequence('glasnik.stories', 'story_id')) as story_id
       from generate_series(1, $1)`,
    [fresh.length],
  );
  const own = new Map(fresh.map((t, i) => [t, ids[i]!]));
  const rows = told.flatMap((t) => t.keys.map((key) => ({ key, itemId: t.itemId ?? own.get(t)!.item_id })));
  await tx.query(
    `insert into glasnik.item_addresses (key_hash, key, item_id)
     select glasnik.key_hash(key), key, item_id from unnest($1::text[], $2::bigint[]) as a (key, item_id)
      order by 1
     on conflict do nothing`,
    [rows.map((r) => r.key), rows.map((r) => r.itemId)],
  );
  const { rows: owners } = await tx.query<{ key: string; item_id: number; pruned: boolean }>(
    `select w.key, a.item_id, p.key_hash is not null as pruned
       from unnest($1::text[]) as w (key)
       join glasnik.item_addresses a on a.key_hash = glasnik.key_hash(w.key)
       left join glasnik.pruned_keys p on p.key_hash = a.key_hash`,
    [rows.map((r) => r.key)],
  );
  const ownerOf = new Map(owners.map((o) => [o.key, o]));
  const claimed: Claimed[] = [];
  const lost: number[] = [];
  const won: number[] = [];
  const taken = new Set<string>();
  for (const [t, teller] of tellings.flatMap((telling) => telling.told.map((t) => [t, telling.teller] as const))) {
    const mine = own.get(t);
    const found = t.keys.map((key) => ownerOf.get(key)).filter((o) => o !== undefined);
    if (mine && found.some((o) => o.pruned)) {
      lost.push(mine.item_id); // pruned since we looked: its address rows go with it
      won.push(0);
      continue;
    }
    const others = found.map((o) => o.item_id).filter((id) => id !== mine?.item_id);
    const itemId = t.itemId ?? (others.length ? Math.min(...others) : mine!.item_id);
    if (mine && itemId !== mine.item_id) {
      lost.push(mine.item_id);
      won.push(itemId);
    }
    const link = `${teller.feedId} ${itemId}`;
    if (taken.has(link)) continue; // two entries of one document that are one article: the first tells it
    taken.add(link);
    claimed.push({ teller, told: t, itemId, storyId: mine?.story_id ?? 0, isNew: itemId === mine?.item_id });
  }
  if (lost.length) {
    await tx.query(
      'delete from glasnik.item_addresses a using unnest($1::bigint[], $2::bigint[]) as m (lost, won) where a.item_id = m.lost and m.won = 0',
      [lost, won],
    );
    await tx.query(
      'update glasnik.item_addresses a set item_id = m.won from unnest($1::bigint[], $2::bigint[]) as m (lost, won) where a.item_id = m.lost',
      [lost, won],
    );
  }
  return claimed;
}
