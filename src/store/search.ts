import { foldText } from '../tag/fold.ts';
import type { Queryable } from './database.ts';
import { ITEM_COLUMNS, type ItemFilter, type ItemRow, itemConditions } from './items.ts';

/** A place in a ranked list: `upTo` holds the list still while items arrive (they have higher ids), the rest is the last line given. */
export type SearchPlace = { readonly upTo: number; readonly rank: number; readonly itemId: number };

export type Found = { readonly items: readonly ItemRow[]; readonly next: SearchPlace | null };

/** The newest hits that are ranked. */
export const MOST_HITS = 1000;

/** How often the words are is seen in so many of the newest items: a few milliseconds. */
const PROBE = 3000;
/** Where so many of these are hits, the newest thousand are found faster by reading items in order than by their words. */
const OFTEN = 0.08;
/** A window is made for so many hits, so that the thousand are in it. */
const ENOUGH = 1.3 * MOST_HITS;

/**
 * Searches titles and leads: script, diacritics, case and endings do not matter. Of the newest thousand hits the best first.
 * @param after where the last page ended; null for the first
 */
export async function searchItems(
  db: Queryable,
  q: string,
  filter: ItemFilter,
  after: SearchPlace | null,
  limit: number,
): Promise<Found> {
  const folded = foldText(q);
  if (!folded) return { items: [], next: null };
  const { newest, ...question } = await readQuestion(db, folded);
  const upTo = after?.upTo ?? newest;
  const hits = await newestHits(db, { ...question, filter, upTo });
  hits.sort((a, b) => b.rank - a.rank || b.item_id - a.item_id);
  const left = after
    ? hits.filter((h) => h.rank < after.rank || (h.rank === after.rank && h.item_id < after.itemId))
    : hits;
  const page = left.slice(0, limit);
  const last = left.length > limit ? page.at(-1) : undefined;
  return {
    items: await inOrder(
      db,
      page.map((h) => h.item_id),
    ),
    next: last ? { upTo, rank: last.rank, itemId: last.item_id } : null,
  };
}

/** The question as PostgreSQL has it, made once for all windows, and the newest item. */
async function readQuestion(db: Queryable, folded: string): Promise<{ asked: string; sought: string; newest: number }> {
  const { rows } = await db.query<{ asked: string; sought: string; newest: number }>(
    `select glasnik.words_asked($1)::text as asked, glasnik.words_sought($1)::text as sought, (select coalesce(max(item_id), 0) from glasnik.items) as newest`,
    [folded],
  );
  return rows[0]!;
}

type Hit = { readonly item_id: number; readonly rank: number };
type Question = {
  /** What hits are ranked by. */
  readonly asked: string;
  /** What finds them. */
  readonly sought: string;
  readonly filter: ItemFilter;
  readonly upTo: number;
};

/**
 * The newest hits. The index of words gives all hits of all time, and each costs the reading of its item; so a glance at the newest
 * items says how far back the thousand are, and only that time is read. Rare words are sought in all time at once.
 */
async function newestHits(db: Queryable, asked: Question): Promise<Hit[]> {
  const { seen, hits, newest, since } = await probe(db, asked);
  const share = seen ? hits / seen : 0;
  if (share >= OFTEN) {
    const found = await hitsAmong(db, asked, Math.ceil(ENOUGH / share));
    if (found.length === MOST_HITS) return found;
  }
  const windows: { from: Date | null; to: Date | null }[] = [];
  const surely = hits - 2 * Math.sqrt(hits); // hits come in clusters, and a second window costs as much as the first
  if (seen === PROBE && newest && since && surely > 0) {
    const reach = ((newest.getTime() - since.getTime()) * ENOUGH) / surely;
    const [near, far] = [reach, 4 * reach].map((back) => new Date(Math.max(0, newest.getTime() - back)));
    windows.push({ from: near!, to: null }, { from: far!, to: near! }, { from: null, to: far! });
  } else windows.push({ from: null, to: null });
  const found: Hit[] = [];
  for (const window of windows) {
    if (found.length >= MOST_HITS) break;
    found.push(...(await hitsWithin(db, asked, window, MOST_HITS - found.length)));
  }
  return found;
}

type Probe = {
  readonly seen: number;
  readonly hits: number;
  readonly newest: Date | null;
  readonly since: Date | null;
};

async function probe(db: Queryable, { sought, filter, upTo }: Question): Promise<Probe> {
  const values: unknown[] = [sought, PROBE, upTo];
  const param = (value: unknown) => `$${values.push(value)}`;
  const { rows } = await db.query<Probe>(
    `select count(*)::integer as seen, (count(*) filter (where i.words @@ $1::tsquery and ${itemConditions(filter, param).join(' and ')}))::integer as hits,
            max(i.sort_at) as newest, min(i.sort_at) as since
       from ${newestItems(filter, '$2')} i`,
    values,
  );
  return rows[0]!;
}

/** The newest items, of the beat or of all: what an index gives in order. */
const newestItems = ({ relevant }: ItemFilter, count: string): string =>
  `(select * from glasnik.items n
     where n.item_id <= $3 ${relevant ? `and n.relevant and n.mark is distinct from 'hidden'` : ''}
     order by n.sort_at desc, n.item_id desc limit ${count})`;

/** Hits among the newest `count` items. */
async function hitsAmong(db: Queryable, { asked, sought, filter, upTo }: Question, count: number): Promise<Hit[]> {
  const values: unknown[] = [sought, count, upTo, MOST_HITS, asked];
  const param = (value: unknown) => `$${values.push(value)}`;
  const { rows } = await db.query<Hit>(
    `select h.item_id, ts_rank(h.words, $5::tsquery) as rank
       from (select i.item_id, i.words
               from ${newestItems(filter, '$2')} i
              where i.words @@ $1::tsquery and ${itemConditions(filter, param).join(' and ')}
              order by i.sort_at desc, i.item_id desc
              limit $4) h`,
    values,
  );
  return rows;
}

/** Hits of a time, by the index of words. */
async function hitsWithin(
  db: Queryable,
  { asked, sought, filter, upTo }: Question,
  window: { from: Date | null; to: Date | null },
  most: number,
): Promise<Hit[]> {
  const values: unknown[] = [sought, most, upTo, asked];
  const param = (value: unknown) => `$${values.push(value)}`;
  const where = itemConditions(filter, param);
  if (window.from !== null) where.push(`i.sort_at >= ${param(window.from)}::timestamptz`);
  if (window.to !== null) where.push(`i.sort_at < ${param(window.to)}::timestamptz`);
  const { rows } = await db.query<Hit>(
    `select h.item_id, ts_rank(h.words, $4::tsquery) as rank
       from (select i.item_id, i.words
               from glasnik.items i
              where i.words @@ $1::tsquery and i.item_id <= $3
                and ${where.join('\n                and ')}
              order by i.sort_at desc, i.item_id desc
              limit $2) h`,
    values,
  );
  return rows;
}

async function inOrder(db: Queryable, ids: readonly number[]): Promise<ItemRow[]> {
  if (!ids.length) return [];
  const { rows } = await db.query<ItemRow>(
    `select ${ITEM_COLUMNS}
       from unnest($1::bigint[]) with ordinality as p (item_id, n)
       join glasnik.items i using (item_id)
      order by p.n`,
    [ids],
  );
  return rows;
}
