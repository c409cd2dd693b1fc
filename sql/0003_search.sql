-- What only reading over HTTP needs: full-text search, and counts of fetches that never go back.

-- Words of title (weight A) and lead (B), folded to one Latin form in the program (src/tag/fold.ts) before they come here, so that
-- "Вучић", "Vučić" and "Vucic" are one lexeme. Every word stands as it is (for prefixes) and as its stem, where PostgreSQL has a
-- stemmer for the language. The stemmers see folded words on both sides, in the index and in the question, so they agree.
alter table glasnik.items add column words tsvector;

-- Lists are of the beat unless asked otherwise; its own small index keeps a common word ("srbija") from reading the other items.
create index items_words      on glasnik.items using gin (words) with (gin_pending_list_limit = 1024);
create index items_beat_words on glasnik.items using gin (words) with (gin_pending_list_limit = 1024)
 where relevant and mark is distinct from 'hidden';

create function glasnik.stemmer(lang text) returns regconfig
  language sql immutable parallel safe
  return case split_part(lang, '-', 1)
    when 'en' then 'pg_catalog.english'::regconfig
    when 'sr' then 'pg_catalog.serbian'::regconfig
    when 'hr' then 'pg_catalog.serbian'::regconfig
    when 'bs' then 'pg_catalog.serbian'::regconfig
    when 'cnr' then 'pg_catalog.serbian'::regconfig
    when 'ro' then 'pg_catalog.romanian'::regconfig
    when 'hu' then 'pg_catalog.hungarian'::regconfig
    when 'tr' then 'pg_catalog.turkish'::regconfig
    else 'pg_catalog.simple'::regconfig end;

create function glasnik.words_of(lang text, title text, lead text) returns tsvector
  language sql immutable parallel safe
  return setweight(to_tsvector('pg_catalog.simple', title) || to_tsvector(glasnik.stemmer(lang), title), 'A')
      || setweight(to_tsvector('pg_catalog.simple', coalesce(lead, '')) || to_tsvector(glasnik.stemmer(lang), coalesce(lead, '')), 'B');

-- A question: every word must be there, as the beginning of a word (three letters or more) or by its stem in any of the languages.
-- Words are folded: a-z and 0-9 only, so nothing of them can be an operator.
create function glasnik.words_asked(folded text) returns tsquery
  language sql immutable parallel safe
  return (
    select string_agg('(' || a.any_of || ')', ' & ')::tsquery
      from (select w.n, string_agg(distinct f.form, ' | ') as any_of
              from regexp_split_to_table(folded, ' ') with ordinality as w (word, n)
             cross join lateral (
                   select case when length(w.word) >= 3 then quote_literal(w.word) || ':*' else quote_literal(w.word) end as form
                    union all
                   select quote_literal(s.stem)
                     from unnest(ts_lexize('pg_catalog.english_stem', w.word) || ts_lexize('pg_catalog.serbian_stem', w.word)
                                 || ts_lexize('pg_catalog.romanian_stem', w.word) || ts_lexize('pg_catalog.hungarian_stem', w.word)
                                 || ts_lexize('pg_catalog.turkish_stem', w.word)) as s (stem)
                    where length(s.stem) >= 3) f
             where w.word <> ''
             group by w.n) a);

-- Of each feed how many fetches had which outcome, reason and duration, and what they brought: {"fetched": 12, "failed/timeout": 1}.
-- It stands on the feed's own row, which a fetch writes anyway: one shared counter would make all fetches wait for each other.
alter table glasnik.feeds add column tally jsonb not null default '{}';

create function glasnik.tallied(tally jsonb, names text[], counts bigint[]) returns jsonb
  language sql immutable parallel safe
  return tally || coalesce((
    select jsonb_object_agg(n.name, coalesce((tally ->> n.name)::bigint, 0) + n.count)
      from unnest(names, counts) as n (name, count)
     where n.count > 0), '{}');
