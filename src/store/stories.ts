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

/** A place in the order of stories, newest first, as it was when the walk began (a snapshot, as PostgreSQL writes it). */
export type StoryPlace = { readonly lastAt: string; readonly storyId: number; readonly began: string };

/** What stories may be narrowed by: a relevant report must answer the filter. */
export type StoryFilter = Omit<ItemFilter, 'relevant' | 'story'> & {
  /** The newest report is not older. */
  readonly from?: Date | undefined;
  /** States that one report names together. */
  readonly together?: readonly string[] | undefined;
};

export type ListedStory = StoryRow & { readonly place: StoryPlace };

/**
 * A page of stories of the beat, that with the newest report first; `place` is for the next page. Stories that move while somebody
 * walks stay where they were for that walk.
 */
export async function pageOfStories(
  db: Queryable,
  { from, together, ...filter }: StoryFilter,
  after: StoryPlace | null,
  limit: number,
): Promise<readonly ListedStory[]> {
  const values: unknown[] = [limit];
  const param = (value: unknown) => `$${values.push(value)}`;
  const where = ['s.relevant'];
  if (together?.length || Object.values(filter).some((value) => value !== undefined)) {
    const conditions = itemConditions({ ...filter, relevant: true } as ItemFilter, param);
    if (together?.length) conditions.push(`i.countries @> ${param(together)}::text[]`);
    where.push(`exists (select from glasnik.items i where i.story_id = s.story_id and ${conditions.join(' and ')})`);
  }
  if (from) where.push(`s.last_at >= ${param(from)}`);
  const { rows } = await db.query<StoryRow & { place_at: string; began: string }>(
    `select w.*, p.last_at::text as place_at, ${after ? `${param(after.began)}::text` : 'pg_current_snapshot()::text'} as began
       from (${after ? placesAfter(after, where, param) : placesNow(where)}) p
       join wire.stories w using (story_id)
      order by p.last_at desc, p.story_id desc`,
    values,
  );
  return rows.map(({ place_at: lastAt, began, ...story }) => ({
    ...story,
    place: { lastAt, storyId: story.story_id, began },
  }));
}

const placesNow = (where: readonly string[]): string =>
  `select s.story_id, s.last_at
     from glasnik.stories s
    where ${where.join(' and ')}
    order by s.last_at desc, s.story_id desc
    limit $1`;

/** Where stories stood when the walk began: those that moved since stand where they left first. */
function placesAfter(after: StoryPlace, where: readonly string[], param: (value: unknown) => string): string {
  const began = `${param(after.began)}::pg_snapshot`;
  const place = `(${param(after.lastAt)}::timestamptz, ${param(after.storyId)}::bigint)`;
  return `with moved as materialized (
       select distinct on (m.story_id) m.story_id, m.last_at
         from glasnik.story_moves m
        where m.left_in >= pg_snapshot_xmin(${began}) and not pg_visible_in_snapshot(m.left_in, ${began})
        order by m.story_id, m.move_id
     )
     select * from (
       (select s.story_id, s.last_at
          from glasnik.stories s
         where ${where.join(' and ')} and (s.last_at, s.story_id) < ${place}
           and not exists (select from moved m where m.story_id = s.story_id)
         order by s.last_at desc, s.story_id desc
         limit $1)
        union all
       select s.story_id, m.last_at
         from moved m join glasnik.stories s using (story_id)
        where ${where.join(' and ')} and (m.last_at, m.story_id) < ${place}) placed
      order by last_at desc, story_id desc
      limit $1`;
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
