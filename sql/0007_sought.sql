-- What is looked for in the index of words: as words_asked, without what the beginning of the word finds anyway, since the index reads
-- each form by itself. Hits are ranked by words_asked, where the whole word counts beside its beginning.
create function glasnik.words_sought(folded text) returns tsquery
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
                    where length(s.stem) >= 3 and not starts_with(s.stem, w.word)) f
             where w.word <> ''
             group by w.n) a);
