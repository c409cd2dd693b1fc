/**
 * Fills a migrated, empty database with made news as the product would have stored it: feeds, stories, items with their addresses,
 * feeds, tags, features, keys and search words, Read next lists and changes. Texts go through the tagger and the story room; beyond
 * MOST_TEXTS of them the same texts are told again under other addresses and in another time. Set-based, without indexes and
 * foreign keys while it fills: a million items in a few minutes. Needs a superuser (session_replication_role).
 */
import type pg from 'pg';
import { addressKey } from '../src/item/address.ts';
import { keepable } from '../src/readnext/expect.ts';
import { LISTED, listKeys } from '../src/readnext/keys.ts';
import { WORTH_A_LIST } from '../src/readnext/rank.ts';
import type { Told } from '../src/store/articles.ts';
import type { Database } from '../src/store/database.ts';
import { storyFeatures } from '../src/story/features.ts';
import { MOMENT_AT, packSketch, sketchOf } from '../src/story/sketch.ts';
import { foldText } from '../src/tag/fold.ts';
import { TAGGER_VERSION, tagItem, weighSoftly } from '../src/tag/tagger.ts';
import type { Tags } from '../src/tag/tags.ts';
import { type MadeItem, makeNews } from './made-news.ts';

export type Filling = {
  readonly items: number;
  /** Items a day: a hundred thousand are twenty days at 5,000. The newest is of a minute ago. */
  readonly perDay: number;
  readonly seed: number;
  /** So many more come after these: they are given back, not stored. */
  readonly coming: number;
};

/** What comes next, in order of time, as a feed would tell it. */
export type Coming = Told & { readonly feedId: number; readonly outlet: string; readonly outletCountry: string };

const MOST_TEXTS = 100_000;
const FEEDS = 240;
const DAY = 86_400_000;

/** Tables that are filled, with their indexes away meanwhile. */
const FILLED = [
  'items',
  'item_addresses',
  'item_feeds',
  'item_features',
  'item_keys',
  'tags',
  'read_next',
  'stories',
  'changes',
];

export async function fillDatabase(db: Database, filling: Filling): Promise<readonly Coming[]> {
  const cycles = Math.ceil(filling.items / MOST_TEXTS);
  const texts = Math.ceil(filling.items / cycles);
  const news = makeNews(texts + filling.coming, filling.perDay, filling.seed);
  const span = Math.round((texts / filling.perDay) * DAY);
  const from = Date.now() - 60_000 - news[texts - 1]!.at - (cycles - 1) * span;
  const client = await db.session('fill');
  try {
    await client.query(`set session_replication_role = replica; set synchronous_commit = off; set maintenance_work_mem = '1GB';
      set work_mem = '256MB'; set max_parallel_maintenance_workers = 0; set max_parallel_workers_per_gather = 0; set jit = off`);
    await client.query(`insert into glasnik.feeds (url, host, site, outlet, outlet_country, next_fetch_at)
      select 'https://outlet-' || n || '.example/rss', 'outlet-' || n || '.example', 'outlet-' || n || '.example', 'Outlet ' || n, 'RS', 'infinity'
        from generate_series(0, ${FEEDS - 1}) n`);
    await stage(client, news.slice(0, texts));
    const restore = await dropIndexes(client);
    await store(client, {
      texts,
      cycles,
      span,
      from,
      events: 1 + news.reduce((most, { event }) => Math.max(most, event), 0),
    });
    await makeLists(client);
    for (const statement of restore) await client.query(statement);
    await announceAll(client);
    await client.query('drop table glasnik.made');
    for (const table of FILLED) await client.query(`vacuum (analyze) glasnik.${table}`);
    await client.query('checkpoint');
  } finally {
    await client.end();
  }
  return news.slice(texts).map((item, n) => comes(item, filling.items + n + 1, from + (cycles - 1) * span));
}

const tagsOf = ({ title, lead, lang, outletCountry }: MadeItem): Tags =>
  tagItem({ title, summary: lead, lang, outletCountry });

const urlOf = (outlet: number, n: number): string => `https://outlet-${outlet}.example/news/${n}`;

function comes(item: MadeItem, n: number, from: number): Coming {
  const url = urlOf(item.outlet, n);
  return {
    ...{ keys: [addressKey(url)!], url, title: item.title, lead: item.lead, imageUrl: null, author: null },
    ...{ guid: url, entryHash: `entry ${n}`, textHash: `text ${n}`, itemId: null, ownSite: true },
    publishedAt: new Date(from + item.at).toISOString(),
    tags: tagsOf(item),
    ...{ feedId: item.outlet + 1, outlet: `Outlet ${item.outlet}`, outletCountry: item.outletCountry },
  };
}

/** The texts with all that the program computes of them. */
async function stage(client: pg.Client, news: readonly MadeItem[]): Promise<void> {
  await client.query(`create unlogged table glasnik.made (
    n bigint, event bigint, copy_of bigint, at bigint, lang text, outlet integer, outlet_country text, title text, lead text,
    topic text, relevant boolean, relevance real, countries text[], cooperation text[], orgs text[], kicker text, evidence jsonb,
    sketch bytea, soft jsonb, keys integer[], tag_keys integer[], words tsvector)`);
  for (let i = 0; i < news.length; i += 5000)
    await client.query(
      `insert into glasnik.made
       select n, event, copy_of, at, lang, outlet, outlet_country, title, lead, topic, relevant, relevance, countries, cooperation,
              orgs, kicker, evidence, decode(sketch, 'base64'), soft, keys, tag_keys, glasnik.words_of(lang, title_words, lead_words)
         from json_to_recordset($1::json) as t (n bigint, event bigint, copy_of bigint, at bigint, lang text, outlet integer,
              outlet_country text, title text, lead text, topic text, relevant boolean, relevance real, countries text[],
              cooperation text[], orgs text[], kicker text, evidence jsonb, sketch text, soft jsonb, keys integer[], tag_keys integer[], title_words text,
              lead_words text)`,
      [JSON.stringify(news.slice(i, i + 5000).map((item, k) => stagedRow(item, i + k + 1)))],
    );
  await client.query('analyze glasnik.made');
}

function stagedRow({ copyOf, outletCountry, ...item }: MadeItem, n: number): object {
  const tags = tagsOf({ copyOf, outletCountry, ...item });
  const features = storyFeatures({
    lang: item.lang,
    title: item.title,
    summary: item.lead,
    publishedAt: new Date(0),
    tags,
  });
  const isListed = tags.relevant || tags.topic !== 'other' || tags.relevance >= WORTH_A_LIST;
  const own = new Set(features.keys);
  const given = { title: item.title, summary: item.lead, lang: item.lang, outletCountry };
  const soft = isListed ? keepable(weighSoftly(given)) : undefined;
  const tagKeys = isListed ? listKeys(tags, [], soft).map(({ key }) => key) : null;
  return {
    ...{ n, ...item, ...tags, copy_of: copyOf === null ? null : copyOf + 1, outlet_country: outletCountry },
    ...{
      sketch: packSketch(sketchOf(features)).toString('base64'),
      soft,
      keys: [...own],
      tag_keys: tagKeys && [...new Set(tagKeys)],
      title_words: foldText(item.title),
      lead_words: foldText(item.lead),
    },
  };
}

type Telling = {
  readonly texts: number;
  readonly cycles: number;
  readonly span: number;
  readonly from: number;
  readonly events: number;
};

async function store(client: pg.Client, { texts, cycles, span, from, events }: Telling): Promise<void> {
  const told = `(select m.*, c.cycle, c.cycle * ${texts} + m.n as item_id, c.cycle * ${events} + m.event + 1 as story_id,
      to_timestamp((${from} + c.cycle * ${span}::bigint + m.at) / 1000.0) as moment
    from generate_series(0, ${cycles - 1}) as c (cycle) cross join glasnik.made m) t`;
  await client.query(`insert into glasnik.stories (story_id, first_at, last_at, relevant) overriding system value
    select story_id, min(moment), max(moment), bool_or(relevant) from ${told} group by story_id`);
  await client.query(
    `insert into glasnik.items (item_id, story_id, copy_of, url, title, lead, lang, published_at, first_seen_at, updated_at, sort_at,
            address_key, text_hash, feed_id, told_by, own_site, outlet, outlet_country, topic, relevance, countries, cooperation, orgs,
            kicker, tagger, tagged_relevant, words) overriding system value
     select item_id, story_id, item_id - n + copy_of, 'https://outlet-' || outlet || '.example/news/' || item_id, title, lead, lang,
            moment, moment + interval '1 minute', moment + interval '1 minute', moment, 'outlet-' || outlet || '.example/news/' || item_id,
            md5(item_id::text), outlet + 1, outlet + 1, true, 'Outlet ' || outlet, outlet_country, topic, relevance, countries, cooperation,
            orgs, kicker, $1, relevant, words from ${told} order by item_id`,
    [TAGGER_VERSION],
  );
  await client.query(`insert into glasnik.item_addresses (key_hash, key, item_id)
    select glasnik.key_hash(address_key), address_key, item_id from glasnik.items`);
  await client.query(`insert into glasnik.item_feeds (feed_id, item_id, guid, entry_hash, reader_version, first_seen_at)
    select f.feed_id, i.item_id, i.url, md5(i.url), 1, i.first_seen_at from glasnik.items i
     cross join lateral (select i.feed_id union select i.feed_id % ${FEEDS} + 1 where i.item_id % 10 = 0) f`);
  await client.query(`insert into glasnik.tags (item_id, scheme, tag, score, evidence)
    select distinct on (t.item_id, e.scheme, e.tag) t.item_id, e.scheme, e.tag, e.score, e.words from ${told}
     cross join lateral jsonb_to_recordset(t.evidence) as e (scheme text, tag text, score real, words jsonb)`);
  await client.query(`insert into glasnik.item_features (item_id, sketch, evidence, soft)
    select item_id, overlay(sketch placing ${AT} from ${1 + MOMENT_AT}), '${EVIDENCE}', soft from ${told}`);
  await client.query(`insert into glasnik.item_keys (key, sort_at, item_id)
    select k.key, t.moment, t.item_id from ${told} cross join lateral (
      select r.key from unnest(t.keys) as o (key) cross join lateral ${renamed(cycles)} r
       union
      select r.key # ${LISTED} from unnest(t.keys) as o (key) cross join lateral ${renamed(cycles)} r where t.tag_keys is not null
       union
      select unnest(t.tag_keys)) k`);
  for (const [table, key] of [
    ['items', 'item_id'],
    ['stories', 'story_id'],
  ] as const)
    await client.query(
      `select setval(pg_get_serial_sequence('glasnik.${table}', '${key}'), (select max(${key}) from glasnik.${table}))`,
    );
}

/** The moment in a sketch: a little-endian double, which PostgreSQL sends with its bytes the other way round. */
const AT = `(select string_agg(substr(float8send(floor(extract(epoch from moment) * 1000)::float8), n, 1), '' order by n desc)
              from generate_series(1, 8) n)`;

/**
 * Other times have other names: told again, four of five keys of a text are other ones, the same within one telling. Else every new
 * item would find all its own earlier tellings.
 */
const renamed = (cycles: number): string =>
  `(select case when t.cycle < ${cycles - 1} and abs(hashint4(o.key # t.cycle::integer) % 10) < 8
                then o.key # ((t.cycle + 1) * 40503)::integer else o.key end as key)`;

/** As large as what relating writes. */
const WHY = ['vsomename', 'ssmnm', 'n1234', 'xRS', 'cminister', 'bact:sign', 'gsklt', 'tpotpis'].map((term) => ({
  term,
  weight: 5.371,
}));
const EVIDENCE = JSON.stringify({
  nearest: { id: 1, same: 0.97, why: WHY },
  runnerUp: { id: 2, story: 2, same: 0.11, why: WHY.slice(4) },
});

/** Lists of the items that have some: the stories nearest in time that share a state, best first. */
async function makeLists(client: pg.Client): Promise<void> {
  await client.query(`create temporary table listed as
    select item_id, story_id, country, row_number() over (partition by country order by sort_at, item_id) as n
      from (select item_id, story_id, sort_at, coalesce(countries[1], topic) as country from glasnik.items
             where relevant or topic <> 'other') i`);
  await client.query('create index on listed (country, n) include (story_id)');
  await client.query('analyze listed');
  await client.query(`insert into glasnik.read_next (item_id, story_id, score, reasons)
    select distinct on (a.item_id, b.story_id) a.item_id, b.story_id, ${SCORE}, array['politics in Serbia', 'also an agreement']
      from listed a join listed b on b.country = a.country and b.n between a.n - 13 and a.n + 13 and b.story_id <> a.story_id
     order by a.item_id, b.story_id`);
  await client.query('drop table listed');
}

/** Spread as scores are in lists that the product made of this news and that offers have since improved: 3.9 to 6.9, half above 5.7. */
const SCORE = '6.9 - 3.0 * power(((a.item_id * 7919 + b.story_id * 104729) % 1000) / 1000.0, 1.3)';

/** What wire.changes keeps: thirty days. */
async function announceAll(client: pg.Client): Promise<void> {
  await client.query('update glasnik.items i set announced = glasnik.shown(i) where relevant');
  await client.query(`insert into glasnik.changes (seq, item_id, kind, at)
    select row_number() over (order by first_seen_at, item_id), item_id, 'new', first_seen_at
      from glasnik.items where relevant and first_seen_at > now() - interval '30 days'`);
  await client.query(`select setval('glasnik.changes_seq', (select max(seq) from glasnik.changes))`);
}

/** Takes away what slows filling down; returns the statements that bring it back. Keys that others refer to stay. */
async function dropIndexes(client: pg.Client): Promise<string[]> {
  const { rows } = await client.query<{ away: string; back: string }>(
    `select format('alter table %s drop constraint %I', c.conrelid::regclass, c.conname) as away,
            format('alter table %s add constraint %I %s', c.conrelid::regclass, c.conname, pg_get_constraintdef(c.oid)) as back
       from pg_constraint c
      where c.conrelid = any ($1::text[]::regclass[]) and c.contype in ('p', 'u')
        and not exists (select from pg_constraint f where f.contype = 'f' and f.conindid = c.conindid)
      union all
     select format('drop index %s', i.indexrelid::regclass), pg_get_indexdef(i.indexrelid)
       from pg_index i
      where i.indrelid = any ($1::text[]::regclass[]) and not exists (select from pg_constraint c where c.conindid = i.indexrelid)`,
    [FILLED.map((table) => `glasnik.${table}`)],
  );
  for (const { away } of rows) await client.query(away);
  return rows.map(({ back }) => back);
}
