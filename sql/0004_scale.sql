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
