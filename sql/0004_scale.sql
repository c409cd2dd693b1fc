-- What a million items need.

-- What an item is compared by, as bytes (story/sketch.ts): read in a tenth of the time that JSON takes. `features` stays for items that
-- were related before.
alter table glasnik.item_features add column sketch bytea, alter column features drop not null;

-- Lists are looked up among the items that have lists: those carry the keys of the story room a second time, marked as list keys
-- (readnext/keys.ts), so that under a common key everyday news does not stand before them.
insert into glasnik.item_keys (key, sort_at, item_id)
select distinct k.key::integer # 1540483477, i.sort_at, i.item_id
  from glasnik.items i
  join glasnik.item_features f using (item_id)
 cross join lateral jsonb_array_elements_text(f.features -> 'keys') as k (key)
 where i.mark is distinct from 'hidden' and (i.relevant or i.topic <> 'other')
on conflict do nothing;

-- A walk through stories takes the order that they had when it began: a story that gets a report meanwhile moves to the front, past a
-- reader who has not met it. Here stands where stories stood before each move, and in which transaction they left; a cursor carries
-- the snapshot of the walk's first page. Kept for a day.
create table glasnik.story_moves (
  move_id  bigint generated always as identity primary key,
  story_id bigint      not null,
  last_at  timestamptz not null,
  left_in  xid8        not null default pg_current_xact_id(),
  at       timestamptz not null default now()
);
create index story_moves_left on glasnik.story_moves (left_in);

create function glasnik.note_move() returns trigger
  language plpgsql as $$
begin
  insert into glasnik.story_moves (story_id, last_at) values (old.story_id, old.last_at);
  return null;
end $$;

create trigger story_moved after update of last_at, relevant on glasnik.stories
  for each row when (old.relevant and (old.last_at, old.relevant) is distinct from (new.last_at, new.relevant))
  execute function glasnik.note_move();

-- The list of an item that is known already: what wire.read_next_for gives for its address.
create function glasnik.list_of(of_item bigint, how_many integer, langs text[])
  returns table (item_id bigint, rank smallint, related_item_id bigint, story_id bigint, url text, title text, lead text, kicker text,
                 image_url text, outlet text, lang text, published_at timestamptz, score real, reasons text[])
  language sql stable
as $$
  select e.item_id, (row_number() over (order by e.score - e.outlet_step desc, e.score desc, e.story_id))::smallint,
         e.related_item_id, e.story_id, e.url, e.title, e.lead, e.kicker, e.image_url, e.outlet, e.lang, e.published_at, e.score, e.reasons
    from (select n.item_id, b.item_id as related_item_id, n.story_id, b.url, b.title, b.lead, b.kicker, b.image_url, b.outlet, b.lang,
                 b.published_at, n.score, n.reasons,
                 0.1 * (row_number() over (partition by coalesce(b.outlet, b.url) order by n.score desc, n.story_id) - 1) as outlet_step
            from glasnik.items a
            join glasnik.read_next n on n.item_id = a.item_id and n.story_id <> a.story_id
           cross join lateral glasnik.best_report(n.story_id, a.lang, langs) b
           where a.item_id = of_item and a.mark is distinct from 'hidden') e
   order by 2
   limit greatest(how_many, 0)
$$;

create or replace function wire.read_next_for(article_url text, how_many integer default 4, langs text[] default null)
  returns table (item_id bigint, rank smallint, related_item_id bigint, story_id bigint, url text, title text, lead text, kicker text,
                 image_url text, outlet text, lang text, published_at timestamptz, score real, reasons text[])
  language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
  select * from glasnik.list_of(glasnik.item_at(article_url), how_many, langs)
$$;
