-- The ground of the house. Everything that is dear to change later is decided here: identity, order, changes, the outbox.
-- Private tables live in schema glasnik; downstream sites read schema wire (0002) and nothing else.

create schema glasnik;

-- One row. `installation` names this database for good: queue prefixes and the tag: URIs of feeds are made from it.
create table glasnik.installation (
  only_row     boolean primary key default true check (only_row),
  installation uuid not null default gen_random_uuid(),
  created_at   timestamptz not null default now(),
  version      text not null default '',
  tagger       text not null default '',
  address_rules text not null default '',  -- hash of the rule table that glasnik.address_key was made from
  pruned_at    timestamptz                 -- when retention was last applied
);
insert into glasnik.installation default values;

-- An address key is up to 2 kB of text; its index holds 16 bytes. convert_to is only stable in general; a database never
-- changes its encoding, so for a given database it is immutable.
create function glasnik.key_hash(key text) returns bytea
  language sql immutable strict parallel safe
  return substr(sha256(convert_to(key, 'UTF8')), 1, 16);

-- Feeds and their hosts ----------------------------------------------------------------------------------------------

create table glasnik.feeds (
  feed_id         bigint generated always as identity primary key,
  url             text not null unique,
  title           text,
  outlet          text,
  outlet_country  text check (outlet_country ~ '^[A-Z]{2}$'),
  lang            text,
  kind            text,
  homepage        text,
  added_at        timestamptz not null default now(),
  removed_at      timestamptz,             -- hidden and never asked, its items stay
  state           text not null default 'active' check (state in ('active', 'failing', 'gone', 'disabled')),
  host            text not null,           -- lower-case host name: the unit of politeness
  site            text not null,           -- registrable domain: an article of the same site is told by this feed first

  -- what the origin told us, sent back exactly as received
  etag            text,
  last_modified   text,
  validators_url  text,                    -- the final address that gave them; they go back to no other
  body_hash       text,
  entry_hashes    text not null default '', -- of the last document, separated by spaces: such entries need no parsing
  reader_version  integer not null default 0,
  hints           jsonb,

  -- the schedule
  rhythm          bytea,                   -- what feed/rhythm.ts learned of the feed's week
  next_fetch_at   timestamptz not null default now(),
  next_why        text not null default 'new',
  interval_s      integer,
  retry_until     timestamptz,             -- Retry-After of this feed
  failures        integer not null default 0,
  health          text check (health in ('empty', 'stale', 'html')),
  last_fetched_at timestamptz,
  last_success_at timestamptz,
  last_reason     text,                    -- the contract's word for the last failure
  last_error      text,                    -- a sentence for people
  newest_entry_at timestamptz,
  entries         integer,                 -- how many the last document held

  -- a permanent move waits for three equal answers over a day
  move_url        text,
  move_answers    smallint not null default 0,
  move_since      timestamptz,

  -- who is at it: a lease is named by the moment it was given, which the job carries as `asked`
  leased_at       timestamptz,
  leased_until    timestamptz,
  begun           boolean not null default false, -- a worker has it; else its job is still waiting, or lost
  attempts        integer not null default 0 -- how many ever; the last 50 are kept
);
create index feeds_due on glasnik.feeds (next_fetch_at) where removed_at is null and state in ('active', 'failing');
create index feeds_host on glasnik.feeds (host);

create table glasnik.feed_aliases (
  url     text primary key,
  feed_id bigint not null references glasnik.feeds on delete cascade
);

-- One request at a time per host name across all workers; `free_at` is the pause after an answer, `retry_until` a Retry-After
-- that two feeds of the host have been given.
create table glasnik.hosts (
  host         text primary key,
  leased_until timestamptz,
  leased_feed  bigint,                     -- the feed whose fetch holds the lease
  free_at      timestamptz not null default '-infinity',
  retry_until  timestamptz,
  retry_feed   bigint
);

-- The last 50 attempts of each feed, a ring: an attempt overwrites the one 50 before it, so nothing has to be deleted.
create table glasnik.attempts (
  feed_id bigint   not null references glasnik.feeds on delete cascade,
  slot    smallint not null,
  at      timestamptz not null,
  outcome text     not null,
  reason  text,
  status  smallint,
  ms      integer  not null,
  bytes   integer  not null,
  new     integer  not null default 0,
  why     text,
  primary key (feed_id, slot)
);

-- Articles -----------------------------------------------------------------------------------------------------------

create table glasnik.stories (
  story_id bigint generated always as identity primary key,
  first_at timestamptz not null,
  last_at  timestamptz not null,
  relevant boolean not null default false  -- has a relevant, visible report: what lists of stories show
);
create index stories_latest on glasnik.stories (last_at desc, story_id desc) where relevant;

-- Stories are joined, never split; the older id survives, and every chain is kept one step long.
create table glasnik.story_redirects (
  from_story_id bigint primary key,
  to_story_id   bigint not null references glasnik.stories on delete cascade
);
create index story_redirects_to on glasnik.story_redirects (to_story_id);

create table glasnik.items (
  item_id         bigint generated always as identity primary key,
  story_id        bigint not null references glasnik.stories,
  copy_of         bigint references glasnik.items on delete set null,
  url             text not null,
  title           text not null,
  lead            text,
  image_url       text,
  author          text,
  lang            text not null,
  published_at    timestamptz,
  first_seen_at   timestamptz not null default now(),
  updated_at      timestamptz not null default now(),
  sort_at         timestamptz not null,    -- published_at, else first_seen_at: the one order of all lists
  address_key     text not null,           -- of `url`; breaks ties of sort_at the same way whatever the order of arrival
  text_hash       text not null,           -- of title and lead as the telling feed gave them
  feed_id         bigint references glasnik.feeds, -- whose outlet the item shows
  told_by         bigint references glasnik.feeds, -- whose text the item shows: own site first, then the lowest feed id
  own_site        boolean not null,        -- told_by is a feed on the article's own site
  outlet          text,
  outlet_country  text,

  topic           text not null check (topic in ('defence-cooperation', 'defence', 'security', 'politics', 'other')),
  relevance       real not null,
  countries       text[] not null,
  cooperation     text[] not null,
  orgs            text[] not null,
  kicker          text,
  tagger          text not null,           -- version that gave these
  mark            text check (mark in ('relevant', 'irrelevant', 'hidden')),
  tagged_relevant boolean not null,
  relevant        boolean not null generated always as
                    (case mark when 'relevant' then true when 'irrelevant' then false else tagged_relevant end) stored,

  announced       text                     -- hash of what wire.changes last said of it; null: nothing, or gone
);
create index items_latest   on glasnik.items (sort_at desc, item_id desc);
create index items_relevant on glasnik.items (sort_at desc, item_id desc) where relevant and mark is distinct from 'hidden';
create index items_story    on glasnik.items (story_id);
create index items_copy     on glasnik.items (copy_of) where copy_of is not null;
create index items_feed     on glasnik.items (feed_id) where relevant;
create index items_seen     on glasnik.items (first_seen_at);
create index items_tagger   on glasnik.items (tagger, item_id);

-- Every address an article was ever seen under.
create table glasnik.item_addresses (
  key_hash bytea primary key,
  key      text not null,
  item_id  bigint not null references glasnik.items on delete cascade deferrable initially deferred
);
create index item_addresses_item on glasnik.item_addresses (item_id);

create table glasnik.item_feeds (
  feed_id        bigint not null references glasnik.feeds,
  item_id        bigint not null references glasnik.items on delete cascade,
  guid           text,
  entry_hash     text not null,
  reader_version integer not null,
  first_seen_at  timestamptz not null default now(),
  primary key (feed_id, item_id)
);
create index item_feeds_item on glasnik.item_feeds (item_id);
create index item_feeds_guid on glasnik.item_feeds (feed_id, md5(guid)) where guid is not null;

-- What was pruned never comes back as new; an editor's mark outlives its item here.
create table glasnik.pruned_keys (
  key_hash  bytea primary key,
  pruned_at timestamptz not null default now(),
  mark      text
);

create table glasnik.tags (
  item_id  bigint not null references glasnik.items on delete cascade,
  scheme   text not null,
  tag      text not null,
  score    real not null,
  evidence jsonb not null,
  primary key (item_id, scheme, tag)
);

-- The outbox: items that still have to find their story and their neighbours. Written with the item, so a crash between
-- commit and the relate job loses nothing; the sweep asks again as long as a row is here.
create table glasnik.unrelated (
  item_id     bigint primary key references glasnik.items on delete cascade,
  sort_at     timestamptz not null,
  address_key text not null,
  added_at    timestamptz not null default now()
);
create index unrelated_order on glasnik.unrelated (sort_at, address_key collate "C");

-- What relating computed of an item, and the keys under which it is found: rare words and pairs of concepts (its story), parties
-- and kinds of cooperation (its neighbours). An index on (key, sort_at) answers "who near this date shares this" without a sort.
create table glasnik.item_features (
  item_id  bigint primary key references glasnik.items on delete cascade,
  features jsonb not null,
  evidence jsonb                           -- why it is in its story, and the nearest story that it did not join
);
create table glasnik.item_keys (
  key      integer not null,
  sort_at  timestamptz not null,
  item_id  bigint not null references glasnik.items on delete cascade,
  primary key (key, sort_at, item_id)
);
create index item_keys_item on glasnik.item_keys (item_id);

-- Read next, by item and story; which report of the story is shown is decided on reading.
create table glasnik.read_next (
  item_id  bigint not null references glasnik.items on delete cascade,
  story_id bigint not null references glasnik.stories on delete cascade,
  score    real   not null,
  reasons  text[] not null,
  primary key (item_id, story_id)
);
create index read_next_story on glasnik.read_next (story_id);

-- Changes ------------------------------------------------------------------------------------------------------------

create table glasnik.changes (
  seq     bigint primary key,
  item_id bigint not null,
  kind    text not null check (kind in ('new', 'changed', 'gone')),
  at      timestamptz not null default now()
);
create index changes_at on glasnik.changes (at);
create sequence glasnik.changes_seq owned by glasnik.changes.seq;

-- What a site sees of an item, as one hash: when it differs from the last one announced, there is a change to tell.
create function glasnik.shown(i glasnik.items) returns text
  language sql stable
  return case when i.relevant and i.mark is distinct from 'hidden' then
    md5(row(i.story_id, i.copy_of, i.url, i.title, i.lead, i.image_url, i.author, i.lang, i.published_at, i.feed_id, i.outlet,
            i.outlet_country, i.topic, i.relevance, i.countries, i.cooperation, i.orgs, i.kicker, i.mark)::text) end;

-- Writes wire.changes for those of `ids` whose picture changed, and sends NOTIFY. Call it last in the transaction: it takes the
-- one installation-wide lock under which seq is drawn, and holds it to the commit, so that seq is in commit order: who has read
-- up to a seq can never meet a lower one later. `leaving`: the items are about to be deleted.
create function glasnik.announce(ids bigint[], leaving boolean default false) returns void
  language plpgsql as $$
declare
  due_ids bigint[];
  kinds   text[];
  change  record;
begin
  with due as (
    select i.item_id, i.announced, case when leaving then null else glasnik.shown(i) end as shown
      from glasnik.items i
     where i.item_id = any (ids)
  ), told as (
    update glasnik.items i
       set announced = due.shown
      from due
     where i.item_id = due.item_id and due.announced is distinct from due.shown
    returning i.item_id, case when due.announced is null then 'new' when due.shown is null then 'gone' else 'changed' end as kind
  )
  select array_agg(item_id order by item_id), array_agg(kind order by item_id) into due_ids, kinds from told;
  if due_ids is null then
    return;
  end if;

  perform pg_advisory_xact_lock(hashtext('glasnik.changes'));
  for change in
    insert into glasnik.changes (seq, item_id, kind)
    select nextval('glasnik.changes_seq'), d.item_id, d.kind
      from unnest(due_ids, kinds) with ordinality as d (item_id, kind, n)
     order by n
    returning seq, item_id, kind
  loop
    perform pg_notify('wire_items', json_build_object('seq', change.seq, 'kind', change.kind, 'item_id', change.item_id,
                                                      'story_id', i.story_id, 'url', i.url)::text)
       from glasnik.items i
      where i.item_id = change.item_id;
  end loop;
end $$;
