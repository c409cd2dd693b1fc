import type { Queryable } from './database.ts';

/** A row of `wire.read_next_for`. */
export type ReadNextRow = {
  item_id: number;
  rank: number;
  related_item_id: number;
  story_id: number;
  url: string;
  title: string;
  lead: string | null;
  kicker: string | null;
  image_url: string | null;
  outlet: string | null;
  lang: string;
  published_at: Date | null;
  score: number;
  reasons: string[];
};

/** The ready-made list of a stored article, by any of its addresses. */
export async function readNextFor(
  db: Queryable,
  url: string,
  howMany: number,
  langs: readonly string[] | null,
): Promise<ReadNextRow[]> {
  const { rows } = await db.query<ReadNextRow>('select * from wire.read_next_for($1, $2, $3)', [url, howMany, langs]);
  return rows;
}

/** By which report each story is shown to a reader of `ownLang`; stories without one in `langs` are missing. */
export async function reportsOf(
  db: Queryable,
  stories: readonly number[],
  ownLang: string,
  langs: readonly string[] | null,
): Promise<Map<number, Omit<ReadNextRow, 'item_id' | 'rank' | 'score' | 'reasons'>>> {
  const { rows } = await db.query<Omit<ReadNextRow, 'item_id' | 'rank' | 'score' | 'reasons'>>(
    `select b.item_id as related_item_id, b.story_id, b.url, b.title, b.lead, b.kicker, b.image_url, b.outlet, b.lang, b.published_at
       from unnest($1::bigint[]) as s (story_id)
      cross join lateral glasnik.best_report(s.story_id, $2, $3) b`,
    [stories, ownLang, langs],
  );
  return new Map(rows.map((row) => [row.story_id, row]));
}
