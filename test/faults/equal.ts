import type { Queryable } from '../../src/store/database.ts';

/**
 * What must be the same whatever died on the way: everything stored, but for times and the numbers that rows got. Articles are
 * named by their address key, feeds by their address.
 */
export type Picture = {
  readonly items: Readonly<Record<string, unknown>>;
  readonly pruned: readonly string[];
  readonly feeds: readonly string[];
};

/** Reads the comparable state. */
export async function readPicture(db: Queryable): Promise<Picture> {
  const { rows: items } = await db.query<{ key: string; item: unknown }>(
    `select i.address_key as key,
            jsonb_build_object(
              'url', i.url, 'title', i.title, 'lead', i.lead, 'lang', i.lang, 'author', i.author, 'image', i.image_url,
              'published', i.published_at, 'topic', i.topic, 'relevant', i.relevant, 'relevance', i.relevance,
              'countries', i.countries, 'cooperation', i.cooperation, 'orgs', i.orgs, 'kicker', i.kicker, 'mark', i.mark,
              'own_site', i.own_site, 'told_by', (select url from glasnik.feeds f where f.feed_id = i.told_by),
              -- of an article on no feed's own site the outlet is whoever came first
              'outlet', case when i.own_site then i.outlet end,
              'tags', (select jsonb_agg(jsonb_build_array(t.scheme, t.tag, t.score, t.evidence) order by t.scheme, t.tag)
                         from glasnik.tags t where t.item_id = i.item_id),
              'addresses', (select jsonb_agg(a.key order by a.key) from glasnik.item_addresses a where a.item_id = i.item_id),
              'feeds', (select jsonb_agg(jsonb_build_array(f.url, c.guid) order by f.url)
                          from glasnik.item_feeds c join glasnik.feeds f using (feed_id) where c.item_id = i.item_id)) as item
       from glasnik.items i
      order by i.address_key`,
  );
  const { rows: pruned } = await db.query<{ key: string }>(
    `select encode(key_hash, 'hex') || ' ' || coalesce(mark, '') as key from glasnik.pruned_keys order by 1`,
  );
  const { rows: feeds } = await db.query<{ feed: string }>(
    `select concat_ws(' ', url, state, title, outlet, outlet_country, entries, etag, body_hash, removed_at is not null) as feed
       from glasnik.feeds order by url`,
  );
  const byKey: Record<string, unknown> = {};
  for (const { key, item } of items) byKey[key] = item;
  return { items: byKey, pruned: pruned.map((row) => row.key), feeds: feeds.map((row) => row.feed) };
}

/** Stories, copies and lists by address key: the same where feeds are fetched one after another, each settled before the next. */
export async function readArrangement(db: Queryable): Promise<unknown> {
  const { rows: stories } = await db.query<{ reports: string[] }>(
    'select array_agg(address_key order by address_key) as reports from glasnik.items group by story_id order by 1',
  );
  const { rows: copies } = await db.query<{ copy: string; of: string }>(
    `select i.address_key as copy, o.address_key as of from glasnik.items i join glasnik.items o on o.item_id = i.copy_of order by 1`,
  );
  const { rows: lists } = await db.query<{ item: string; list: unknown }>(
    `select i.address_key as item,
            jsonb_agg(jsonb_build_array(r.rank, o.address_key, r.score, r.reasons) order by r.rank) as list
       from wire.read_next r
       join glasnik.items i using (item_id)
       join glasnik.items o on o.item_id = r.related_item_id
      group by i.address_key order by 1`,
  );
  return { stories: stories.map((row) => row.reports), copies, lists };
}

const INVARIANTS: readonly (readonly [says: string, sql: string])[] = [
  ['the outbox is empty', 'select item_id::text as what from glasnik.unrelated'],
  [
    'no story is empty, but those that lead to another',
    `select s.story_id::text as what from glasnik.stories s
      where not exists (select from glasnik.items i where i.story_id = s.story_id)`,
  ],
  [
    'a redirect ends at a living story',
    `select r.from_story_id::text as what from glasnik.story_redirects r
      where not exists (select from glasnik.items i where i.story_id = r.to_story_id)
         or exists (select from glasnik.story_redirects n where n.from_story_id = r.to_story_id)
         or exists (select from glasnik.items i where i.story_id = r.from_story_id)`,
  ],
  [
    'no list holds its own story',
    `select n.item_id::text as what from wire.read_next n join glasnik.items i using (item_id) where n.story_id = i.story_id`,
  ],
  [
    'no list shows a story twice',
    `select item_id::text as what from wire.read_next group by item_id, story_id having count(*) > 1`,
  ],
  [
    'every address leads to an item, and every item has the address that it shows',
    `select i.address_key as what from glasnik.items i
      where not exists (select from glasnik.item_addresses a where a.item_id = i.item_id and a.key = i.address_key)
     union all
     select a.key from glasnik.item_addresses a left join glasnik.items i using (item_id) where i.item_id is null`,
  ],
  ['no article is stored twice', 'select address_key as what from glasnik.items group by 1 having count(*) > 1'],
  [
    'every item is carried by a feed',
    `select address_key as what from glasnik.items i
      where not exists (select from glasnik.item_feeds f where f.item_id = i.item_id)`,
  ],
  [
    'a copy is of an original, never of itself or of another copy',
    `select i.address_key as what from glasnik.items i join glasnik.items o on o.item_id = i.copy_of
      where i.item_id = o.item_id or o.copy_of is not null`,
  ],
  [
    'the dates and relevance of stories are those of their reports',
    `select s.story_id::text as what
       from glasnik.stories s
       join (select story_id, bool_or(relevant and mark is distinct from 'hidden') as relevant from glasnik.items group by 1) r
            using (story_id)
      where s.relevant is distinct from r.relevant`,
  ],
  [
    'what was told last of an item is what is shown',
    'select i.address_key as what from glasnik.items i where i.announced is distinct from glasnik.shown(i)',
  ],
];

/**
 * What must hold whatever the order of arrival was.
 * @returns a sentence for each that does not, with the first few rows that break it
 */
export async function brokenInvariants(db: Queryable): Promise<string[]> {
  const broken: string[] = [];
  for (const [says, sql] of INVARIANTS) {
    const { rows } = await db.query<{ what: string }>(sql);
    if (rows.length) broken.push(`not true: ${says} (${rows.length}: ${rows.slice(0, 3).map((r) => r.what)})`);
  }
  const replayed = await replayChanges(db);
  const { rows } = await db.query<{ item_id: number }>('select item_id from wire.items where relevant order by 1');
  const shown = rows.map((row) => row.item_id);
  if (JSON.stringify(replayed) !== JSON.stringify(shown))
    broken.push(`wire.changes replayed gives ${replayed.length} items, wire.items shows ${shown.length} relevant ones`);
  return broken;
}

/** The ids that a site has which followed wire.changes from nothing. */
async function replayChanges(db: Queryable): Promise<number[]> {
  const { rows } = await db.query<{ item_id: number; kind: string }>(
    'select item_id, kind from wire.changes order by seq',
  );
  const ids = new Set<number>();
  for (const { item_id, kind } of rows) {
    if (kind === 'gone') ids.delete(item_id);
    else ids.add(item_id);
  }
  return [...ids].sort((a, b) => a - b);
}
