import type { Queryable } from './database.ts';

/** An item that relating works on. */
export type RelatedRow = {
  readonly item_id: number;
  readonly story_id: number;
  readonly copy_of: number | null;
  readonly address_key: string;
  readonly lang: string;
  readonly title: string;
  readonly lead: string | null;
  readonly sort_at: Date;
  readonly outlet: string | null;
  readonly topic: string;
  readonly relevant: boolean;
  readonly hidden: boolean;
  readonly countries: string[];
  readonly cooperation: string[];
  readonly orgs: string[];
  /** What an earlier relating computed; null for items that were not related yet. */
  readonly features: unknown;
};

const COLUMNS = `i.item_id, i.story_id, i.copy_of, i.address_key, i.lang, i.title, i.lead, i.sort_at, i.outlet, i.topic, i.relevant,
  i.mark is not distinct from 'hidden' as hidden, i.countries, i.cooperation, i.orgs`;

/**
 * Makes this transaction the one in the installation that relates. A worker that stands still in the middle is thrown out by the
 * server after eight seconds, its lock goes, and what it wrote was never there.
 * @returns false where another one relates now
 */
export async function beginRelating(tx: Queryable): Promise<boolean> {
  await tx.query(`
    set local idle_in_transaction_session_timeout = '8s';
    set local statement_timeout = '30s';
    set local lock_timeout = '10s';
    set local tcp_keepalives_idle = 5;
    set local tcp_keepalives_interval = 2;
    set local tcp_keepalives_count = 3`);
  const { rows } = await tx.query<{ got: boolean }>(
    `select pg_try_advisory_xact_lock(hashtext('glasnik.relate')) as got`,
  );
  return rows[0]?.got === true;
}

/** Takes the next of the outbox, in the order in which articles were published. */
export async function takeUnrelated(tx: Queryable, most: number): Promise<RelatedRow[]> {
  const { rows } = await tx.query<RelatedRow>(
    `with next as (
       select item_id from glasnik.unrelated order by sort_at, address_key collate "C" limit $1
     )
     select ${COLUMNS}, null as features
       from next
       join glasnik.items i using (item_id)
      order by i.item_id
        for update of i`,
    [most],
  );
  return rows;
}

export async function leaveOutbox(tx: Queryable, itemIds: readonly number[]): Promise<void> {
  await tx.query('delete from glasnik.unrelated where item_id = any ($1)', [itemIds]);
}

/** True while items wait in the outbox; with `ids`, while one of these does. */
export async function isUnrelated(db: Queryable, ids: readonly number[] | null = null): Promise<boolean> {
  const { rows } = await db.query<{ waiting: boolean }>(
    'select exists (select from glasnik.unrelated where $1::bigint[] is null or item_id = any ($1)) as waiting',
    [ids],
  );
  return rows[0]?.waiting === true;
}

/** What an item is looked up by. */
export type Wanted = { readonly itemId: number; readonly at: Date; readonly keys: readonly number[] };

/** Stores features and keys of items. */
export async function writeFeatures(
  tx: Queryable,
  items: readonly { itemId: number; at: Date; features: unknown; keys: readonly number[] }[],
): Promise<void> {
  await tx.query(
    `insert into glasnik.item_features (item_id, features)
     select item_id, features from unnest($1::bigint[], $2::jsonb[]) as f (item_id, features)
     on conflict (item_id) do update set features = excluded.features`,
    [items.map((i) => i.itemId), items.map((i) => JSON.stringify(i.features))],
  );
  await tx.query('delete from glasnik.item_keys where item_id = any ($1)', [items.map((i) => i.itemId)]);
  const rows = items.flatMap((i) => [...new Set(i.keys)].map((key) => ({ key, at: i.at, itemId: i.itemId })));
  await tx.query(
    `insert into glasnik.item_keys (key, sort_at, item_id)
     select * from unnest($1::int[], $2::timestamptz[], $3::bigint[])`,
    [rows.map((r) => r.key), rows.map((r) => r.at), rows.map((r) => r.itemId)],
  );
}

/**
 * Items that may report the event of one of `wanted`: those within the window that share keys, the rarest counting most, at most
 * `most` for each; with them the latest `members` reports of their stories. A key that half of the window has says nothing: of each key at
 * most 200 items are looked at, those nearest in time.
 */
export async function storyCandidates(
  tx: Queryable,
  wanted: readonly Wanted[],
  { windowHours, most, members }: { windowHours: number; most: number; members: number },
): Promise<RelatedRow[]> {
  const rows = wanted.flatMap((w) => w.keys.map((key) => ({ ...w, key })));
  const { rows: found } = await tx.query<RelatedRow>(
    `with hit as (
       select w.item_id as wanted, k.item_id, 1.0 / count(*) over (partition by w.item_id, w.key) as rarity
         from unnest($1::bigint[], $2::timestamptz[], $3::int[]) as w (item_id, at, key)
        cross join lateral (
              select k.item_id from glasnik.item_keys k
               where k.key = w.key and k.sort_at between w.at - make_interval(hours => $4) and w.at + make_interval(hours => $4)
               order by k.sort_at desc
               limit 200) k
        where k.item_id <> w.item_id
     ), ranked as (
       select item_id, row_number() over (partition by wanted order by sum(rarity) desc, item_id) as place
         from hit
        group by wanted, item_id
     ), story as (
       select distinct i.story_id from ranked r join glasnik.items i using (item_id) where r.place <= $5
     ), member as (
       select m.item_id
         from story
        cross join lateral (select i.item_id from glasnik.items i
                             where i.story_id = story.story_id order by i.sort_at desc, i.item_id desc limit $6) m
     )
     select ${COLUMNS}, f.features
       from member
       join glasnik.items i using (item_id)
       join glasnik.item_features f using (item_id)
      order by i.item_id
        for update of i`,
    [rows.map((r) => r.itemId), rows.map((r) => r.at), rows.map((r) => r.key), windowHours, most, members],
  );
  return found;
}

/** How many items were published within three days of each moment (a measure of how crowded it is); nulls are now. */
export async function densities(tx: Queryable, moments: readonly Date[]): Promise<number[]> {
  const { rows } = await tx.query<{ n: number }>(
    `select (select count(*) from (select from glasnik.items i
                                    where i.sort_at between m.at - interval '3 days' and m.at + interval '3 days' limit 20000) near)::int as n
       from unnest($1::timestamptz[]) with ordinality as m (at, place)
      order by m.place`,
    [moments],
  );
  return rows.map((row) => row.n);
}

/** Moves items into stories, joins stories, marks copies. The older story id survives; chains of redirects stay one step long. */
export async function applyStories(
  tx: Queryable,
  change: {
    moves: readonly { itemId: number; storyId: number }[];
    joins: readonly { from: number; to: number }[];
    copies: readonly { itemId: number; copyOf: number }[];
  },
): Promise<{ touchedItems: number[]; touchedStories: number[] }> {
  const { moves, joins, copies } = change;
  const { rows: moved } = await tx.query<{ item_id: number; old_story: number; new_story: number }>(
    `with target as (
       select i.item_id, i.story_id as old_story, m.story_id as new_story
         from unnest($1::bigint[], $2::bigint[]) as m (item_id, story_id) join glasnik.items i using (item_id)
        where i.story_id <> m.story_id
        union
       select i.item_id, i.story_id, j.to_story
         from unnest($3::bigint[], $4::bigint[]) as j (from_story, to_story) join glasnik.items i on i.story_id = j.from_story
     )
     update glasnik.items i set story_id = t.new_story
       from target t
      where i.item_id = t.item_id
     returning i.item_id, t.old_story, t.new_story`,
    [moves.map((m) => m.itemId), moves.map((m) => m.storyId), joins.map((j) => j.from), joins.map((j) => j.to)],
  );
  const { rows: copied } = await tx.query<{ item_id: number }>(
    `update glasnik.items i set copy_of = c.copy_of
       from unnest($1::bigint[], $2::bigint[]) as c (item_id, copy_of)
      where i.item_id = c.item_id and i.copy_of is distinct from c.copy_of and exists (select from glasnik.items o where o.item_id = c.copy_of)
     returning i.item_id`,
    [copies.map((c) => c.itemId), copies.map((c) => c.copyOf)],
  );
  // An original that turned out to be a copy hands on its own copies: a large story has more of them than were looked at.
  const { rows: handedOn } = await tx.query<{ item_id: number }>(
    `update glasnik.items i set copy_of = o.copy_of
       from glasnik.items o
      where o.item_id = any ($1) and o.copy_of is not null and i.copy_of = o.item_id
     returning i.item_id`,
    [copied.map((row) => row.item_id)],
  );
  const emptied = [...new Map(moved.map((m) => [m.old_story, m.new_story]))];
  if (emptied.length)
    await redirect(
      tx,
      emptied.map(([from]) => from),
      emptied.map(([, to]) => to),
    );
  return {
    touchedItems: [...new Set([...moved, ...copied, ...handedOn].map((row) => row.item_id))],
    touchedStories: [...new Set(moved.flatMap((m) => [m.old_story, m.new_story]))],
  };
}

/** Stories that have no reports left lead to where these went; lists follow. */
async function redirect(tx: Queryable, from: readonly number[], to: readonly number[]): Promise<void> {
  await tx.query(
    `with ended as (
       select e.from_story, e.to_story from unnest($1::bigint[], $2::bigint[]) as e (from_story, to_story)
        where not exists (select from glasnik.items i where i.story_id = e.from_story)
     ), chain as (
       update glasnik.story_redirects r set to_story_id = e.to_story from ended e where r.to_story_id = e.from_story
     )
     insert into glasnik.story_redirects (from_story_id, to_story_id)
     select from_story, to_story from ended order by from_story
     on conflict (from_story_id) do update set to_story_id = excluded.to_story_id`,
    [from, to],
  );
  await tx.query(
    `with ended as (
       select e.from_story, e.to_story from unnest($1::bigint[], $2::bigint[]) as e (from_story, to_story)
        where not exists (select from glasnik.items i where i.story_id = e.from_story)
     ), listed as (
       delete from glasnik.read_next n using ended e where n.story_id = e.from_story
       returning n.item_id, e.to_story, n.score, n.reasons
     )
     insert into glasnik.read_next as n (item_id, story_id, score, reasons)
     select distinct on (l.item_id, l.to_story) l.item_id, l.to_story, l.score, l.reasons
       from listed l join glasnik.items a on a.item_id = l.item_id and a.story_id <> l.to_story
      order by l.item_id, l.to_story, l.score desc
     on conflict (item_id, story_id) do update
        set score = excluded.score, reasons = excluded.reasons where excluded.score > n.score`,
    [from, to],
  );
}

/** Why items are in their stories, for `explain`. */
export async function writeStoryEvidence(
  tx: Queryable,
  evidence: readonly { itemId: number; evidence: unknown }[],
): Promise<void> {
  await tx.query(
    `update glasnik.item_features f set evidence = e.evidence
       from unnest($1::bigint[], $2::jsonb[]) as e (item_id, evidence)
      where f.item_id = e.item_id`,
    [evidence.map((e) => e.itemId), evidence.map((e) => JSON.stringify(e.evidence))],
  );
}
