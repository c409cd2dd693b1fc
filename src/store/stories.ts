import type { Queryable } from './database.ts';
import { ITEM_COLUMNS, type ItemFilter, type ItemRow, itemConditions } from './items.ts';

/** A row of wire.stories. */
export type StoryRow = {
  story_id: number;
  title: string;
  first_at: Date;
  last_at: Date;
  items: number;
  outlets: number;
  langs: string[];
  countries: string[];
  cooperation: string[];
};

/** A place in the order of stories, newest first. */
export type StoryPlace = { readonly lastAt: string; readonly storyId: number };

/** What stories may be narrowed by: a relevant report must answer the filter. */
export type StoryFilter = Omit<ItemFilter, 'relevant' | 'story'> & {
  /** The newest report is not older. */
  readonly from?: Date | undefined;
  /** States that one report names together. */
  readonly together?: readonly string[] | undefined;
};

/** A page of stories of the beat, that with the newest report first; `last_at_text` is for the next page's place. */
export async function pageOfStories(
  db: Queryable,
  { from, together, ...filter }: StoryFilter,
  after: StoryPlace | null,
  limit: number,
): Promise<(StoryRow & { last_at_text: string })[]> {
  const values: unknown[] = [limit];
  const param = (value: unknown) => `$${values.push(value)}`;
  const where = ['s.relevant'];
  if (together?.length || Object.values(filter).some((value) => value !== undefined)) {
    const conditions = itemConditions({ ...filter, relevant: true } as ItemFilter, param);
    if (together?.length) conditions.push(`i.countries @> ${param(together)}::text[]`);
    where.push(`exists (select from glasnik.items i where i.story_id = s.story_id and ${conditions.join(' and ')})`);
  }
  if (from) where.push(`s.last_at >= ${param(from)}`);
  if (after)
    where.push(`(s.last_at, s.story_id) < (${param(after.lastAt)}::timestamptz, ${param(after.storyId)}::bigint)`);
  const { rows } = await db.query<StoryRow & { last_at_text: string }>(
    `select w.*, p.last_at_text
       from (select s.story_id, s.last_at, s.last_at::text as last_at_text
               from glasnik.stories s
              where ${where.join('\n                and ')}
              order by s.last_at desc, s.story_id desc
              limit $1) p
       join wire.stories w using (story_id)
      order by p.last_at desc, p.story_id desc`,
    values,
  );
  return rows;
}

/** One story, or null. */
export async function storyById(db: Queryable, storyId: number): Promise<StoryRow | null> {
  const { rows } = await db.query<StoryRow>('select * from wire.stories where story_id = $1', [storyId]);
  return rows[0] ?? null;
}

/** The story that one was joined into, or null. */
export async function joinedInto(db: Queryable, storyId: number): Promise<number | null> {
  const { rows } = await db.query<{ to_story_id: number }>(
    'select to_story_id from wire.story_redirects where from_story_id = $1',
    [storyId],
  );
  return rows[0]?.to_story_id ?? null;
}

/** The reports of a story, in the order in which they appeared; the first `most`. */
export async function reportsOfStory(db: Queryable, storyId: number, most: number): Promise<ItemRow[]> {
  const { rows } = await db.query<ItemRow>(
    `select ${ITEM_COLUMNS}
       from glasnik.items i
      where i.story_id = $1 and i.mark is distinct from 'hidden'
      order by i.sort_at, i.item_id
      limit $2`,
    [storyId, most],
  );
  return rows;
}
