import { announce } from './articles.ts';
import type { Database, Queryable } from './database.ts';

/** How long things are kept, in days; 0 keeps them for good. */
export type Retention = { readonly days: number; readonly otherDays: number };

const BATCH = 1000;

/**
 * Applies retention: items first seen too long ago go (those that nobody would miss sooner), their keys stay behind so that they
 * never come back as new, and with them an editor's mark. Batches of a thousand, each its own transaction; safe to stop anywhere.
 * @returns how many items and changes went
 */
export async function prune(db: Database, retention: Retention): Promise<{ items: number; changes: number }> {
  let items = 0;
  for (;;) {
    const went = await db.tx((tx) => pruneBatch(tx, retention));
    items += went;
    if (went < BATCH) break;
  }
  const { rowCount } = await db.query(`delete from glasnik.changes
      where at < now() - interval '30 days' and seq < (select max(seq) from glasnik.changes)`);
  await db.query(`delete from glasnik.story_moves where at < now() - interval '1 day'`);
  await db.query('update glasnik.installation set pruned_at = now()');
  return { items, changes: rowCount ?? 0 };
}

/** True for one caller a day: retention is to be applied now. */
export async function claimDailyPrune(db: Queryable): Promise<boolean> {
  const { rowCount } = await db.query(
    `update glasnik.installation set pruned_at = now() where pruned_at is null or pruned_at < now() - interval '1 day'`,
  );
  return rowCount === 1;
}

async function pruneBatch(tx: Queryable, { days, otherDays }: Retention): Promise<number> {
  const { rows } = await tx.query<{ item_id: number }>(
    `select item_id
       from glasnik.items
      where ($1 > 0 and first_seen_at < now() - make_interval(days => $1))
         or ($2 > 0 and first_seen_at < now() - make_interval(days => $2) and topic = 'other' and not relevant and mark is null)
      order by item_id
      limit $3
        for update`,
    [days, otherDays, BATCH],
  );
  const ids = rows.map((row) => row.item_id);
  if (!ids.length) return 0;
  await tx.query(
    `insert into glasnik.pruned_keys (key_hash, mark)
     select a.key_hash, i.mark from glasnik.item_addresses a join glasnik.items i using (item_id)
      where i.item_id = any ($1) order by a.key_hash
     on conflict (key_hash) do update set mark = excluded.mark`,
    [ids],
  );
  const { rows: stories } = await tx.query<{ story_id: number }>(
    // locked now: after announcing, no lock may be waited for
    `select story_id from glasnik.stories
      where story_id in (select story_id from glasnik.items where item_id = any ($1)) order by story_id for update`,
    [ids],
  );
  const { rows: copies } = await tx.query<{ item_id: number }>(
    'update glasnik.items set copy_of = null where copy_of = any ($1) and not item_id = any ($1) returning item_id',
    [ids],
  );
  await announce(
    tx,
    copies.map((c) => c.item_id),
  );
  await announce(tx, ids, true); // while the rows still stand
  await tx.query('delete from glasnik.items where item_id = any ($1)', [ids]);
  await refreshStories(
    tx,
    stories.map((s) => s.story_id),
  );
  return ids.length;
}

/** Brings stories up to date with their reports; a story without any is no more. */
export async function refreshStories(tx: Queryable, storyIds: readonly number[]): Promise<void> {
  if (!storyIds.length) return;
  await tx.query(
    `update glasnik.stories s
        set first_at = r.first_at, last_at = r.last_at, relevant = r.relevant
       from (select i.story_id, min(i.sort_at) as first_at, max(i.sort_at) as last_at,
                    bool_or(i.relevant and i.mark is distinct from 'hidden') as relevant
               from glasnik.items i where i.story_id = any ($1) group by i.story_id) r
      where s.story_id = r.story_id
        and (s.first_at, s.last_at, s.relevant) is distinct from (r.first_at, r.last_at, r.relevant)`,
    [storyIds],
  );
  await tx.query(
    'delete from glasnik.stories s where story_id = any ($1) and not exists (select from glasnik.items i where i.story_id = s.story_id)',
    [storyIds],
  );
}
