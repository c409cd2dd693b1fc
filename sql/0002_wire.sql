-- What downstream sites read. Columns are only ever added at the end of a view.

create schema wire;

create view wire.items as
select item_id, story_id, copy_of, url, title, lead, image_url, author, lang, published_at, first_seen_at, updated_at, feed_id,
       outlet, outlet_country, topic, relevant, relevance, countries, cooperation, orgs, kicker, mark as marked
  from glasnik.items
 where mark is distinct from 'hidden';

-- `sr` covers sr-Cyrl and sr-Latn, here and everywhere.
create function glasnik.speaks(lang text, langs text[]) returns boolean
  language sql immutable parallel safe
  return lang = any (langs) or split_part(lang, '-', 1) = any (langs);

-- The report by which a story is shown in a list: the article's own language, the original rather than a copy, one with a lead to
-- speak of, the earliest; with `langs` only reports in these.
create function glasnik.best_report(of_story bigint, own_lang text, langs text[]) returns setof glasnik.items
  language sql stable rows 1
as $$
  select i.*
    from glasnik.items i
   where i.story_id = of_story and i.mark is distinct from 'hidden' and (i.relevant or i.topic <> 'other')
     and (langs is null or glasnik.speaks(i.lang, langs))
   order by i.lang = own_lang desc, i.copy_of is null desc, length(coalesce(i.lead, '')) >= 60 desc, i.sort_at, i.item_id
   limit 1
$$;

-- The item that has, or had, an address. Where one document has entries that differ by their fragments, those have keys of their own.
create function glasnik.item_at(address text) returns bigint
  language sql stable
as $$
  select a.item_id
    from (select glasnik.key_hash(glasnik.address_key(address, true)) as whole,
                 glasnik.key_hash(glasnik.address_key(address)) as plain
          offset 0) k -- keys are made once, not once a comparison
    join glasnik.item_addresses a on a.key_hash in (k.whole, k.plain)
   order by a.key_hash = k.whole desc
   limit 1
$$;

-- One list an article, best first, one story once, never its own. Outlets vary: each further entry of an outlet counts a tenth less
-- (as readnext/rank.ts does, whose scores these are).
create view wire.read_next as
select item_id, (row_number() over (partition by item_id order by score - outlet_step desc, score desc, story_id))::smallint as rank,
       related_item_id, story_id, url, title, lead, kicker, image_url, outlet, lang, published_at, score, reasons
  from (select n.item_id, b.item_id as related_item_id, n.story_id, b.url, b.title, b.lead, b.kicker, b.image_url, b.outlet, b.lang,
               b.published_at, n.score, n.reasons,
               0.1 * (row_number() over (partition by n.item_id, coalesce(b.outlet, b.url) order by n.score desc, n.story_id) - 1) as outlet_step
          from glasnik.read_next n
          join glasnik.items a on a.item_id = n.item_id and a.mark is distinct from 'hidden' and a.story_id <> n.story_id
         -- glasnik.best_report written out: a view reads tables by its owner's rights, but calls functions by the reader's
         cross join lateral (
               select i.*
                 from glasnik.items i
                where i.story_id = n.story_id and i.mark is distinct from 'hidden' and (i.relevant or i.topic <> 'other')
                order by i.lang = a.lang desc, i.copy_of is null desc, length(coalesce(i.lead, '')) >= 60 desc, i.sort_at, i.item_id
                limit 1) b) entry;

-- security definer, so that a reader needs no rights on the private tables; the fixed search_path keeps it from being led astray.
create function wire.read_next_for(article_url text, how_many integer default 4, langs text[] default null)
  returns table (item_id bigint, rank smallint, related_item_id bigint, story_id bigint, url text, title text, lead text, kicker text,
                 image_url text, outlet text, lang text, published_at timestamptz, score real, reasons text[])
  language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
  select e.item_id, (row_number() over (order by e.score - e.outlet_step desc, e.score desc, e.story_id))::smallint,
         e.related_item_id, e.story_id, e.url, e.title, e.lead, e.kicker, e.image_url, e.outlet, e.lang, e.published_at, e.score, e.reasons
    from (select n.item_id, b.item_id as related_item_id, n.story_id, b.url, b.title, b.lead, b.kicker, b.image_url, b.outlet, b.lang,
                 b.published_at, n.score, n.reasons,
                 0.1 * (row_number() over (partition by coalesce(b.outlet, b.url) order by n.score desc, n.story_id) - 1) as outlet_step
            from glasnik.items a
            join glasnik.read_next n on n.item_id = a.item_id and n.story_id <> a.story_id
           cross join lateral glasnik.best_report(n.story_id, a.lang, langs) b
           where a.item_id = glasnik.item_at(article_url) and a.mark is distinct from 'hidden') e
   order by 2
   limit greatest(how_many, 0)
$$;

create view wire.changes as
select seq, item_id, kind, at from glasnik.changes;

-- The title is that of the story's first original report, a relevant one where there is one.
create view wire.stories as
select s.story_id, r.title, r.first_at, r.last_at, r.items, r.outlets, r.langs, r.countries, r.cooperation
  from glasnik.stories s
 cross join lateral (
       select (array_agg(i.title order by i.relevant desc, i.copy_of is null desc, i.sort_at, i.item_id))[1] as title,
              min(i.sort_at) as first_at, max(i.sort_at) as last_at,
              count(*)::integer as items, count(distinct i.outlet)::integer as outlets,
              array_agg(distinct i.lang) as langs,
              (select coalesce(array_agg(distinct c), '{}') from glasnik.items j, unnest(j.countries) c
                where j.story_id = s.story_id and j.mark is distinct from 'hidden') as countries,
              (select coalesce(array_agg(distinct c), '{}') from glasnik.items j, unnest(j.cooperation) c
                where j.story_id = s.story_id and j.mark is distinct from 'hidden') as cooperation
         from glasnik.items i
        where i.story_id = s.story_id and i.mark is distinct from 'hidden') r
 where r.items > 0;

create view wire.story_redirects as
select from_story_id, to_story_id from glasnik.story_redirects;

create view wire.tags as
select t.item_id, t.scheme, t.tag, t.score, t.evidence
  from glasnik.tags t
  join glasnik.items i on i.item_id = t.item_id and i.mark is distinct from 'hidden';

create view wire.item_feeds as
select f.item_id, f.feed_id, f.first_seen_at
  from glasnik.item_feeds f
  join glasnik.items i on i.item_id = f.item_id and i.mark is distinct from 'hidden';

create view wire.feeds as
select f.feed_id, f.url, f.title, f.outlet, f.outlet_country, f.lang, f.state, f.last_fetched_at, f.last_success_at, f.next_fetch_at,
       f.interval_s, f.failures, f.last_error,
       (select count(*) from glasnik.item_feeds i where i.feed_id = f.feed_id) as items_total,
       (select count(*) from glasnik.item_feeds c join glasnik.items i on i.item_id = c.item_id and i.relevant
         where c.feed_id = f.feed_id) as items_relevant,
       f.kind, f.homepage, f.health, f.next_why
  from glasnik.feeds f
 where f.removed_at is null;

create view wire.about as
select 1::smallint as contract, version, tagger from glasnik.installation;
