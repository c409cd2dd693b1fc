import type { Queryable } from './database.ts';
import type { ItemRow } from './items.ts';

/** A story as a page shows it: its best report for the reader, and who else reports. */
export type StoryCard = Pick<
  ItemRow,
  'story_id' | 'item_id' | 'url' | 'title' | 'lead' | 'kicker' | 'lang' | 'outlet' | 'countries' | 'cooperation'
> & {
  readonly last_at: Date;
  readonly reports: number;
  /** The outlets in the order of their first reports, each with its languages. */
  readonly told: readonly { readonly outlet: string | null; readonly langs: readonly string[] }[];
};

/**
 * Stories for a page, in the order of `ids`; stories that show nothing are missing.
 * @param langs only reports in these may stand for a story; null for any, English first
 */
export async function storyCards(
  db: Queryable,
  ids: readonly number[],
  langs: readonly string[] | null,
): Promise<StoryCard[]> {
  if (!ids.length) return [];
  const { rows } = await db.query<StoryCard>(
    `select b.story_id, b.item_id, b.url, b.title, b.lead, b.kicker, b.lang, b.outlet, w.countries, w.cooperation, w.last_at,
            w.items as reports, t.told
       from unnest($1::bigint[]) with ordinality as s (story_id, n)
       join wire.stories w using (story_id)
      cross join lateral glasnik.best_report(s.story_id, 'en', $2) b
      cross join lateral (
            select json_agg(json_build_object('outlet', o.outlet, 'langs', o.langs) order by o.first_at) as told
              from (select i.outlet, array_agg(distinct i.lang) as langs, min(i.sort_at) as first_at
                      from glasnik.items i
                     where i.story_id = s.story_id and i.mark is distinct from 'hidden'
                     group by i.outlet
                     order by 3
                     limit 12) o) t
      order by s.n`,
    [ids, langs],
  );
  return rows;
}

/** How many stories of the beat two states share. */
export type Pair = { readonly a: string; readonly b: string; readonly stories: number };

/** Who cooperates with whom: pairs of parties of relevant items published since then, by stories. */
export async function pairsSince(db: Queryable, since: Date): Promise<Pair[]> {
  const { rows } = await db.query<Pair>(
    `select a, b, count(distinct i.story_id)::integer as stories
       from glasnik.items i, unnest(i.countries) a, unnest(i.countries) b
      where i.relevant and i.mark is distinct from 'hidden' and i.sort_at >= $1 and a < b
      group by a, b
      order by 3 desc, 1, 2`,
    [since],
  );
  return rows;
}

/** The tags of an item with the words that gave them, strongest first. */
export type TagRow = {
  readonly scheme: string;
  readonly tag: string;
  readonly score: number;
  readonly evidence: readonly {
    readonly field: 'title' | 'summary';
    readonly start: number;
    readonly end: number;
    readonly text: string;
  }[];
};

export async function tagsOf(db: Queryable, itemId: number): Promise<TagRow[]> {
  const { rows } = await db.query<TagRow>(
    'select scheme, tag, score, evidence from wire.tags where item_id = $1 order by scheme, score desc, tag',
    [itemId],
  );
  return rows;
}
