import { packSketch, type Sketch } from '../story/sketch.ts';
import type { SoftTags } from '../tag/tags.ts';
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
  readonly outlet_country: string | null;
  readonly topic: string;
  readonly relevant: boolean;
  readonly relevance: number;
  readonly hidden: boolean;
  readonly countries: string[];
  readonly cooperation: string[];
  readonly orgs: string[];
};

const COLUMNS = `i.item_id, i.story_id, i.copy_of, i.address_key, i.lang, i.title, i.lead, i.sort_at, i.outlet, i.outlet_country,
  i.topic, i.relevant, i.relevance, i.mark is not distinct from 'hidden' as hidden, i.countries, i.cooperation, i.orgs`;

/**
 * Makes this transaction the one in the installation that relates. A worker that stands still in the middle is thrown out by the
 * server after five seconds, its lock goes, and what it wrote was never there.
 * @returns false where another one relates now
 */
export async function beginRelating(tx: Queryable): Promise<boolean> {
  await tx.query(`
    set local idle_in_transaction_session_timeout = '5s';
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
     select ${COLUMNS}
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

/**
 * Stores what was computed of items: their sketches, the evidence for `explain`, and their keys.
 * @returns the version of these rows, for `Memory`
 */
export async function writeSketches(
  tx: Queryable,
  items: readonly {
    itemId: number;
    at: Date;
    sketch: Sketch;
    soft: SoftTags | undefined;
    evidence: unknown;
    keys: readonly number[];
  }[],
): Promise<string> {
  const { rows: written } = await tx.query<{ version: string }>(
    `insert into glasnik.item_features (item_id, sketch, evidence, soft)
     select item_id, sketch, evidence, soft
       from unnest($1::bigint[], $2::bytea[], $3::jsonb[], $4::jsonb[]) as f (item_id, sketch, evidence, soft)
     on conflict (item_id) do update
        set sketch = excluded.sketch, features = null, evidence = excluded.evidence, soft = excluded.soft
     returning xmin::text as version`,
    [
      items.map((i) => i.itemId),
      items.map((i) => packSketch(i.sketch)),
      items.map((i) => JSON.stringify(i.evidence)),
      items.map((i) => (i.soft ? JSON.stringify(i.soft) : null)),
    ],
  );
  await tx.query('delete from glasnik.item_keys where item_id = any ($1)', [items.map((i) => i.itemId)]);
  const rows = items.flatMap((i) => [...new Set(i.keys)].map((key) => ({ key, at: i.at, itemId: i.itemId })));
  await tx.query(
    `insert into glasnik.item_keys (key, sort_at, item_id)
     select * from unnest($1::int[], $2::timestamptz[], $3::bigint[])`,
    [rows.map((r) => r.key), rows.map((r) => r.at), rows.map((r) => r.itemId)],
  );
  return written[0]?.version ?? '';
}

/** A stored report of a story that a wanted item may belong to. */
export type Member = {
  readonly item_id: number;
  readonly story_id: number;
  readonly copy_of: number | null;
  readonly version: string;
};

/**
 * Stories whose event one of `wanted` may report: those of the items within the window that share keys with it, the rarest counting
 * most, at most `most` items for each; with them the latest `members` reports of these stories, and of those that `wanted` are in. A
 * key that half of the window has says nothing: of each key at most 200 items are looked at, the latest.
 * @returns the stories by wanted item, and the reports
 */
export async function storyCandidates(
  tx: Queryable,
  wanted: readonly Wanted[],
  { windowHours, most, members }: { windowHours: number; most: number; members: number },
): Promise<{ storiesOf: ReadonlyMap<number, readonly number[]>; reports: readonly Member[] }> {
  const { rows: near } = await tx.query<{ item_id: number; stories: number[] | null }>(
    `select w.item_id, near.stories
       from jsonb_to_recordset($1::jsonb) as w (item_id bigint, at timestamptz, keys integer[])
      cross join lateral (
            select json_agg(distinct i.story_id) as stories
              from (select h.item_id
                      from unnest(w.keys) as q (key)
                     cross join lateral (
                           select array_agg(k.item_id) as ids, 1 / nullif(count(*), 0)::float8 as rarity
                             from (select k.item_id from glasnik.item_keys k
                                    where k.key = q.key
                                      and k.sort_at between w.at - make_interval(hours => $2) and w.at + make_interval(hours => $2)
                                    order by k.sort_at desc
                                    limit 200) k) k
                     cross join lateral unnest(k.ids) as h (item_id)
                     where h.item_id <> w.item_id
                     group by h.item_id
                     order by sum(k.rarity) desc, h.item_id
                     limit $3) c
              join glasnik.items i using (item_id)) near`,
    [wantedJson(wanted), windowHours, most],
  );
  const storiesOf = new Map(near.map((row) => [row.item_id, row.stories ?? []]));
  const { rows: reports } = await tx.query<Member>(
    `select m.item_id, s.story_id, m.copy_of, f.xmin::text as version
       from (select unnest($1::bigint[]) union select story_id from glasnik.items where item_id = any ($2)) as s (story_id)
      cross join lateral (select i.item_id, i.copy_of from glasnik.items i
                           where i.story_id = s.story_id order by i.sort_at desc, i.item_id desc limit $3) m
       join glasnik.item_features f using (item_id)`,
    [[...new Set([...storiesOf.values()].flat())], wanted.map((w) => w.itemId), members],
  );
  return { storiesOf, reports };
}

/** Rows for jsonb_to_recordset. */
const wantedJson = (wanted: readonly Wanted[]): string =>
  JSON.stringify(wanted.map(({ itemId, at, keys }) => ({ item_id: itemId, at, keys })));

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

/**
 * Moves items into stories, joins stories, marks copies. The older story id survives; chains of redirects stay one step long. A story
 * that retention took away meanwhile makes the transaction run again.
 */
export async function applyStories(
  tx: Queryable,
  change: {
    moves: readonly { itemId: number; storyId: number }[];
    joins: readonly { from: number; to: number }[];
    copies: readonly { itemId: number; copyOf: number }[];
  },
): Promise<{ touchedItems: number[]; touchedStories: number[] }> {
  const { moves, joins, copies } = change;
  await lockChanged(tx, change);
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

/** Locks what is about to change, in the order in which everybody locks items and stories. */
async function lockChanged(tx: Queryable, { moves, joins, copies }: Parameters<typeof applyStories>[1]): Promise<void> {
  const items = [...moves, ...copies].map(({ itemId }) => itemId);
  await tx.query(
    'select from glasnik.items where item_id = any ($1) or story_id = any ($2) order by item_id for update',
    [items, joins.map(({ from }) => from)],
  );
  const into = [...new Set([...moves.map(({ storyId }) => storyId), ...joins.map(({ to }) => to)])];
  const { rowCount } = await tx.query(
    'select from glasnik.stories where story_id = any ($1) order by story_id for key share',
    [into],
  );
  if (rowCount !== into.length)
    throw Object.assign(new Error('a story that items were to move into is no more'), { code: '40001' });
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
