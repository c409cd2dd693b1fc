import { foldText } from '../tag/fold.ts';
import type { Tags } from '../tag/tags.ts';
import { type Claimed, claimAddresses } from './claim.ts';
import type { Queryable } from './database.ts';

/** An entry that may be an article we have, or a new one. */
export type Candidate = {
  /** Address keys under which the article may be known; the first is that of `url`. */
  readonly keys: readonly string[];
  readonly url: string;
  readonly title: string;
  readonly lead: string | null;
  readonly imageUrl: string | null;
  readonly author: string | null;
  /** ISO 8601, or null. */
  readonly publishedAt: string | null;
  readonly guid: string | null;
  /** Of the entry as it stood in the document. */
  readonly entryHash: string;
  /** Of title and lead: what counts as a change of the text. */
  readonly textHash: string;
};

/** What is stored of a candidate's article. */
export type Known = {
  /** Index into the candidates. */
  readonly n: number;
  readonly item_id: number | null;
  /** The article was pruned: it never comes back. */
  readonly pruned: boolean;
  /** Found by address, or only by the feed's guid (then the text has to decide whether it is the same article). */
  readonly by: 'address' | 'guid';
  readonly title: string | null;
  readonly lead: string | null;
  readonly address_key: string | null;
  readonly published_at: Date | null;
  readonly author: string | null;
  readonly image_url: string | null;
  readonly text_hash: string | null;
  readonly told_by: number | null;
  readonly own_site: boolean | null;
};

/** A candidate that is to be written: its item where it is known, its tags where its text is to be written. */
export type Told = Candidate & {
  readonly itemId: number | null;
  readonly ownSite: boolean;
  readonly tags: Tags | null;
};

/** The feed that tells the articles. */
export type Teller = {
  readonly feedId: number;
  readonly outlet: string | null;
  readonly outletCountry: string | null;
  readonly readerVersion: number;
  readonly tagger: string;
};

/** What became of the articles. */
export type Stored = {
  readonly newIds: readonly number[];
  readonly updatedIds: readonly number[];
  /** Articles that were there already and that this feed carries for the first time. */
  readonly duplicates: number;
};

/** Finds what is stored of the candidates: by any of their addresses, else by the guid that this feed gave them. */
export async function findKnown(db: Queryable, feedId: number, candidates: readonly Candidate[]): Promise<Known[]> {
  const keys = candidates.flatMap((c, n) => c.keys.map((key) => ({ n, key })));
  const guids = candidates.flatMap((c, n) => (c.guid ? [{ n, guid: c.guid }] : []));
  const { rows } = await db.query<Known>(
    `with by_address as (
       select w.n, min(a.item_id) as item_id, bool_or(p.key_hash is not null) as pruned
         from (select n, glasnik.key_hash(key) as key_hash from unnest($1::int[], $2::text[]) as w (n, key)) w
         left join glasnik.item_addresses a using (key_hash)
         left join glasnik.pruned_keys p using (key_hash)
        group by w.n
       having min(a.item_id) is not null or bool_or(p.key_hash is not null)
     ), by_guid as (
       select w.n, min(f.item_id) as item_id
         from unnest($3::int[], $4::text[]) as w (n, guid)
         join glasnik.item_feeds f on f.feed_id = $5 and md5(f.guid) = md5(w.guid) and f.guid = w.guid
        where w.n not in (select n from by_address)
        group by w.n
     ), known as (
       select n, item_id, pruned, 'address' as by from by_address
        union all
       select n, item_id, false, 'guid' from by_guid
     )
     select k.n, k.item_id, k.pruned, k.by, i.title, i.lead, i.address_key, i.published_at, i.author, i.image_url, i.text_hash, i.told_by, i.own_site
       from known k
       left join glasnik.items i using (item_id)`,
    [keys.map((k) => k.n), keys.map((k) => k.key), guids.map((g) => g.n), guids.map((g) => g.guid), feedId],
  );
  return rows;
}

/**
 * Writes what a feed tells, in the caller's transaction, a statement a table: addresses, items with a story of their own, the
 * feeds that carry them, tags, the outbox. Rows go in key order everywhere, so that two feeds that share articles wait for each
 * other instead of deadlocking. Announcing the changes is the caller's last act.
 */
export async function storeArticles(tx: Queryable, teller: Teller, told: readonly Told[]): Promise<Stored> {
  if (!told.length) return { newIds: [], updatedIds: [], duplicates: 0 };
  const claimed = await claimAddresses(tx, told);
  const fresh = claimed.filter((c) => c.isNew);
  const known = claimed.filter((c) => !c.isNew);
  await insertItems(tx, teller, fresh);
  const updatedIds = await updateItems(tx, teller, known);
  const duplicates = await linkFeed(tx, teller, claimed);
  const byId = new Map(claimed.map((c) => [c.itemId, c]));
  const newIds = fresh.map((c) => c.itemId);
  const written = [...newIds, ...updatedIds].map((id) => byId.get(id)).filter((c) => c !== undefined);
  await writeTags(
    tx,
    written.flatMap((c) => (c.told.tags ? [{ itemId: c.itemId, tags: c.told.tags }] : [])),
    { replacing: updatedIds.length > 0 },
  );
  await addToOutbox(tx, [...newIds, ...updatedIds]);
  return { newIds, updatedIds, duplicates };
}

/** Rows for jsonb_to_recordset: one parameter for a table of articles, arrays included. */
const articleRows = (claimed: readonly Claimed[]): string =>
  JSON.stringify(
    claimed.map(({ told, itemId, storyId }) => ({
      item_id: itemId,
      story_id: storyId,
      url: told.url,
      title: told.title,
      lead: told.lead,
      image_url: told.imageUrl,
      author: told.author,
      published_at: told.publishedAt,
      address_key: told.keys[0],
      text_hash: told.textHash,
      own_site: told.ownSite,
      lang: told.tags?.lang,
      topic: told.tags?.topic,
      relevant: told.tags?.relevant,
      relevance: told.tags?.relevance,
      countries: told.tags?.countries,
      cooperation: told.tags?.cooperation,
      orgs: told.tags?.orgs,
      kicker: told.tags?.kicker,
      // folded here, since search folds its question here too
      title_words: told.tags && foldText(told.title),
      lead_words: told.tags && foldText(told.lead ?? ''),
    })),
  );

const ARTICLE_COLUMNS = `item_id bigint, story_id bigint, url text, title text, lead text, image_url text, author text,
  published_at timestamptz, address_key text, text_hash text, own_site boolean, lang text, topic text, relevant boolean,
  relevance real, countries text[], cooperation text[], orgs text[], kicker text, title_words text, lead_words text`;

async function insertItems(tx: Queryable, teller: Teller, fresh: readonly Claimed[]): Promise<void> {
  if (!fresh.length) return;
  await tx.query(
    `with article as (
       select * from jsonb_to_recordset($1::jsonb) as a (${ARTICLE_COLUMNS})
     ), story as (
       insert into glasnik.stories (story_id, first_at, last_at, relevant)
       overriding system value
       select story_id, coalesce(published_at, now()), coalesce(published_at, now()), relevant from article order by story_id
       returning story_id
     )
     insert into glasnik.items (item_id, story_id, url, title, lead, image_url, author, lang, published_at, sort_at, address_key,
                                text_hash, feed_id, told_by, own_site, outlet, outlet_country, topic, tagged_relevant, relevance,
                                countries, cooperation, orgs, kicker, tagger, words)
     overriding system value
     select item_id, story_id, url, title, lead, image_url, author, lang, published_at, coalesce(published_at, now()), address_key,
            text_hash, $2, $2, own_site, $3, $4, topic, relevant, relevance, countries, cooperation, orgs, kicker, $5,
            glasnik.words_of(lang, title_words, lead_words)
       from article
       join story using (story_id)
      order by item_id`,
    [articleRows(fresh), teller.feedId, teller.outlet, teller.outletCountry, teller.tagger],
  );
}

/**
 * Writes corrected texts. One feed tells an article: one on the article's own site before any other, among equals the one with
 * the lowest id, so that what is shown does not depend on which feed came first. A mere re-dating changes nothing.
 */
async function updateItems(tx: Queryable, teller: Teller, known: readonly Claimed[]): Promise<number[]> {
  const withText = known.filter((c) => c.told.tags !== null);
  if (!withText.length) return [];
  await tx.query('select from glasnik.items where item_id = any ($1) order by item_id for update', [
    withText.map((c) => c.itemId),
  ]);
  const { rows } = await tx.query<{ item_id: number }>(
    `update glasnik.items i
        set title = a.title, lead = a.lead, image_url = a.image_url, author = a.author, lang = a.lang,
            text_hash = a.text_hash, told_by = $2, own_site = a.own_site,
            published_at = case when i.told_by = $2 then coalesce(i.published_at, a.published_at)
                                else coalesce(a.published_at, i.published_at) end,
            sort_at = coalesce(case when i.told_by = $2 then coalesce(i.published_at, a.published_at)
                                    else coalesce(a.published_at, i.published_at) end, i.first_seen_at),
            feed_id = case when a.own_site then $2 else i.feed_id end,
            outlet = case when a.own_site then $3 else i.outlet end,
            outlet_country = case when a.own_site then $4 else i.outlet_country end,
            topic = a.topic, tagged_relevant = a.relevant, relevance = a.relevance, countries = a.countries,
            cooperation = a.cooperation, orgs = a.orgs, kicker = a.kicker, tagger = $5,
            words = glasnik.words_of(a.lang, a.title_words, a.lead_words),
            updated_at = case when (i.title, i.lead, i.author, i.image_url) is distinct from (a.title, a.lead, a.author, a.image_url)
                         then now() else i.updated_at end
       from jsonb_to_recordset($1::jsonb) as a (${ARTICLE_COLUMNS})
      where i.item_id = a.item_id
        and (i.told_by = $2 and (i.title, i.lead, i.author, i.image_url) is distinct from (a.title, a.lead, a.author, a.image_url)
             or (a.own_site, -$2::bigint) > (i.own_site, -i.told_by))
     returning i.item_id`,
    [articleRows(withText), teller.feedId, teller.outlet, teller.outletCountry, teller.tagger],
  );
  return rows.map((row) => row.item_id);
}

/** Notes that this feed carries the articles; returns how many of the known ones it carries for the first time. */
async function linkFeed(tx: Queryable, teller: Teller, claimed: readonly Claimed[]): Promise<number> {
  const ordered = [...claimed].sort((a, b) => a.itemId - b.itemId);
  const { rows } = await tx.query<{ item_id: number; first: boolean }>(
    `insert into glasnik.item_feeds as f (feed_id, item_id, guid, entry_hash, reader_version)
     select $1, item_id, guid, entry_hash, $2 from unnest($3::bigint[], $4::text[], $5::text[]) as e (item_id, guid, entry_hash)
     on conflict (feed_id, item_id) do update
        set guid = excluded.guid, entry_hash = excluded.entry_hash, reader_version = excluded.reader_version
     returning f.item_id, xmax = 0 as first`,
    [
      teller.feedId,
      teller.readerVersion,
      ordered.map((c) => c.itemId),
      ordered.map((c) => c.told.guid),
      ordered.map((c) => c.told.entryHash),
    ],
  );
  const isNew = new Set(claimed.filter((c) => c.isNew).map((c) => c.itemId));
  return rows.filter((row) => row.first && !isNew.has(row.item_id)).length;
}

/** Replaces the tags of items, with their evidence. */
export async function writeTags(
  tx: Queryable,
  items: readonly { itemId: number; tags: Tags }[],
  { replacing = true } = {},
): Promise<void> {
  if (!items.length) return;
  const ordered = [...items].sort((a, b) => a.itemId - b.itemId);
  const rows = ordered.flatMap(({ itemId, tags }) =>
    tags.evidence.map((e) => ({ item_id: itemId, scheme: e.scheme, tag: e.tag, score: e.score, evidence: e.words })),
  );
  if (replacing) await tx.query('delete from glasnik.tags where item_id = any ($1)', [ordered.map((i) => i.itemId)]);
  await tx.query(
    `insert into glasnik.tags (item_id, scheme, tag, score, evidence)
     select item_id, scheme, tag, score, evidence
       from jsonb_to_recordset($1::jsonb) as t (item_id bigint, scheme text, tag text, score real, evidence jsonb)
     on conflict do nothing`,
    [JSON.stringify(rows)],
  );
}

/** Asks for items to be related (again). */
export async function addToOutbox(tx: Queryable, itemIds: readonly number[]): Promise<void> {
  if (!itemIds.length) return;
  await tx.query(
    `insert into glasnik.unrelated (item_id, sort_at, address_key)
     select item_id, sort_at, address_key from glasnik.items where item_id = any ($1) order by item_id
     on conflict do nothing`,
    [itemIds],
  );
}

/** Tells the world; the last act of a transaction. `leaving`: before the items are deleted. */
export async function announce(tx: Queryable, itemIds: readonly number[], leaving = false): Promise<void> {
  if (itemIds.length) await tx.query('select glasnik.announce($1, $2)', [itemIds, leaving]);
}
