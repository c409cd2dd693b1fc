import type { Tags } from '../tag/tags.ts';
import { addToOutbox, announce, writeTags } from './articles.ts';
import type { Database } from './database.ts';
import { refreshStories } from './prune.ts';

/** An item that carries tags of an older tagger. */
export type Untagged = {
  readonly item_id: number;
  readonly title: string;
  readonly lead: string | null;
  readonly outlet_country: string | null;
};

/** The next items whose tags another version than `tagger` gave, after `afterId`. */
export async function olderTagged(db: Database, tagger: string, afterId: number, most: number): Promise<Untagged[]> {
  const { rows } = await db.query<Untagged>(
    `select item_id, title, lead, outlet_country from glasnik.items
      where tagger <> $1 and item_id > $2 order by item_id limit $3`,
    [tagger, afterId, most],
  );
  return rows;
}

/** How many items carry tags of another version. */
export async function olderTaggedCount(db: Database, tagger: string): Promise<number> {
  const { rows } = await db.query<{ n: number }>('select count(*) as n from glasnik.items where tagger <> $1', [
    tagger,
  ]);
  return rows[0]?.n ?? 0;
}

export type Retagged = Untagged & { readonly tags: Tags };

const COLUMNS = `item_id bigint, title text, lead text, lang text, topic text, relevant boolean, relevance real, countries text[],
  cooperation text[], orgs text[], kicker text`;

const rowsOf = (items: readonly Retagged[]): string =>
  JSON.stringify(
    items.map(({ item_id, title, lead, tags }) => {
      const { evidence: _, ...given } = tags;
      return { item_id, title, lead, ...given };
    }),
  );

const DIFFERS = `(i.lang, i.topic, i.tagged_relevant, i.countries, i.cooperation, i.orgs, i.kicker)
  is distinct from (t.lang, t.topic, t.relevant, t.countries, t.cooperation, t.orgs, t.kicker)`;

/** How many of the items would get other tags. */
export async function countRetagged(db: Database, items: readonly Retagged[]): Promise<number> {
  const { rows } = await db.query<{ n: number }>(
    `select count(*) as n from jsonb_to_recordset($1::jsonb) as t (${COLUMNS}) join glasnik.items i using (item_id) where ${DIFFERS}`,
    [rowsOf(items)],
  );
  return rows[0]?.n ?? 0;
}

/**
 * Gives items new tags, a batch a transaction. An item whose text changed since it was read keeps what the fetch gave it. What
 * changed is related again and announced; a mark stays.
 * @returns how many got other tags
 */
export async function retagItems(db: Database, tagger: string, items: readonly Retagged[]): Promise<number> {
  return db.tx(async (tx) => {
    await tx.query('select from glasnik.items where item_id = any ($1) order by item_id for update', [
      items.map((i) => i.item_id),
    ]);
    const { rows } = await tx.query<{ item_id: number; story_id: number; changed: boolean }>(
      `with before as (
         select i.item_id, ${DIFFERS} as changed
           from jsonb_to_recordset($1::jsonb) as t (${COLUMNS}) join glasnik.items i using (item_id)
          where i.tagger <> $2 and i.title = t.title and i.lead is not distinct from t.lead
       )
       update glasnik.items i
          set lang = t.lang, topic = t.topic, tagged_relevant = t.relevant, relevance = t.relevance, countries = t.countries,
              cooperation = t.cooperation, orgs = t.orgs, kicker = t.kicker, tagger = $2
         from before b join jsonb_to_recordset($1::jsonb) as t (${COLUMNS}) using (item_id)
        where i.item_id = b.item_id
       returning i.item_id, i.story_id, b.changed`,
      [rowsOf(items), tagger],
    );
    const written = new Set(rows.map((row) => row.item_id));
    await writeTags(
      tx,
      items.filter((i) => written.has(i.item_id)).map((i) => ({ itemId: i.item_id, tags: i.tags })),
    );
    const changed = rows.filter((row) => row.changed);
    await addToOutbox(
      tx,
      changed.map((row) => row.item_id),
    );
    await refreshStories(
      tx,
      [...new Set(changed.map((row) => row.story_id))].sort((a, b) => a - b),
    );
    await announce(
      tx,
      rows.map((row) => row.item_id),
    );
    return changed.length;
  });
}
