import { foldText } from '../tag/fold.ts';
import type { Tags } from '../tag/tags.ts';
import { type Claimed, claimAddresses } from './claim.ts';
import type { Queryable } from './database.ts';
import type { Candidate } from './known.ts';

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

/** What one feed tells of its document. */
export type Telling = { readonly teller: Teller; readonly told: readonly Told[] };

/** What became of the articles of one telling. */
export type Stored = {
  readonly newIds: readonly number[];
  readonly updatedIds: readonly number[];
  /** Articles that were there already and that this feed carries for the first time. */
  readonly duplicates: number;
};

/**
 * Writes what feeds tell, in the caller's transaction, a statement a table: addresses, items with a story of their own, the
 * feeds that carry them, tags, the outbox. Rows go in key order everywhere, so that two transactions that share articles wait for
 * each other instead of deadlocking. Announcing the changes is the caller's last act. Answers in the order of the tellings.
 */
export async function storeTellings(tx: Queryable, tellings: readonly Telling[]): Promise<Stored[]> {
  if (tellings.every(({ told }) => told.length === 0)) return tellings.map(() => NOTHING);
  const claimed = await claimAddresses(tx, tellings);
  const fresh = claimed.filter((c) => c.isNew);
  await insertItems(tx, fresh);
  const updated = await updateItems(tx, bestTold(claimed.filter((c) => !c.isNew && c.told.tags !== null)));
  const firstLinks = await linkFeeds(tx, claimed);
  const written = [...fresh, ...updated];
  await writeTags(
    tx,
    written.flatMap((c) => (c.told.tags ? [{ itemId: c.itemId, tags: c.told.tags }] : [])),
    { replacing: updated.length > 0 },
  );
  await addToOutbox(
    tx,
    written.map((c) => c.itemId),
  );
  return tellings.map(({ teller }) => {
    const idsOf = (list: readonly Claimed[]) => list.filter((c) => c.teller === teller).map((c) => c.itemId);
    return { newIds: idsOf(fresh), updatedIds: idsOf(updated), duplicates: firstLinks.get(teller.feedId) ?? 0 };
  });
}

/** Writes what one feed tells: see `storeTellings`. */
export async function storeArticles(tx: Queryable, teller: Teller, told: readonly Told[]): Promise<Stored> {
  const [stored] = await storeTellings(tx, [{ teller, told }]);
  return stored!;
}

const NOTHING: Stored = { newIds: [], updatedIds: [], duplicates: 0 };

/** Rows for jsonb_to_recordset: one parameter for a table of articles, arrays included. */
const articleRows = (claimed: readonly Claimed[]): string =>
  JSON.stringify(
    claimed.map(({ told, teller, itemId, storyId }) => ({
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
      teller: teller.feedId,
      outlet: teller.outlet,
      outlet_country: teller.outletCountry,
      tagger: teller.tagger,
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
  published_at timestamptz, address_key text, text_hash text, own_site boolean, teller bigint, outlet text,
  outlet_country text, tagger text, lang text, topic text, relevant boolean,
  relevance real, countries text[], cooperation text[], orgs text[], kicker text, title_words text, lead_words text`;

async function insertItems(tx: Queryable, fresh: readonly Claimed[]): Promise<void> {
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
            text_hash, teller, teller, own_site, outlet, outlet_country, topic, relevant, relevance, countries, cooperation, orgs,
            kicker, tagger, glasnik.words_of(lang, title_words, lead_words)
       from article
       join story using (story_id)
      order by item_id`,
    [articleRows(fresh)],
  );
}

/** One telling an item: of several that come at once, the one that would be shown in the end. */
function bestTold(claimed: readonly Claimed[]): Claimed[] {
  const best = new Map<number, Claimed>();
  const isBetter = (a: Claimed, b: Claimed) =>
    a.told.ownSite === b.told.ownSite ? a.teller.feedId < b.teller.feedId : a.told.ownSite;
  for (const c of claimed) {
    const other = best.get(c.itemId);
    if (other === undefined || isBetter(c, other)) best.set(c.itemId, c);
  }
  return [...best.values()];
}

/**
 * Writes corrected texts. One feed tells an article: one on the article's own site before any other, among equals the one with
 * the lowest id, so that what is shown does not depend on which feed came first. A mere re-dating changes nothing.
 */
async function updateItems(tx: Queryable, withText: readonly Claimed[]): Promise<Claimed[]> {
  if (!withText.length) return [];
  await tx.query('select from glasnik.items where item_id = any ($1) order by item_id for update', [
    withText.map((c) => c.itemId),
  ]);
  const { rows } = await tx.query<{ item_id: number }>(
    `update glasnik.items i
        set title = a.title, lead = a.lead, image_url = a.image_url, author = a.author, lang = a.lang,
            text_hash = a.text_hash, told_by = a.teller, own_site = a.own_site,
            published_at = case when i.told_by = a.teller then coalesce(i.published_at, a.published_at)
                                else coalesce(a.published_at, i.published_at) end,
            sort_at = coalesce(case when i.told_by = a.teller then coalesce(i.published_at, a.published_at)
                                    else coalesce(a.published_at, i.published_at) end, i.first_seen_at),
            feed_id = case when a.own_site then a.teller else i.feed_id end,
            outlet = case when a.own_site then a.outlet else i.outlet end,
            outlet_country = case when a.own_site then a.outlet_country else i.outlet_country end,
            topic = a.topic, tagged_relevant = a.relevant, relevance = a.relevance, countries = a.countries,
            cooperation = a.cooperation, orgs = a.orgs, kicker = a.kicker, tagger = a.tagger,
            words = glasnik.words_of(a.lang, a.title_words, a.lead_words),
            updated_at = case when (i.title, i.lead, i.author, i.image_url) is distinct from (a.title, a.lead, a.author, a.image_url)
                         then now() else i.updated_at end
       from jsonb_to_recordset($1::jsonb) as a (${ARTICLE_COLUMNS})
      where i.item_id = a.item_id
        and (i.told_by = a.teller and (i.title, i.lead, i.author, i.image_url) is distinct from (a.title, a.lead, a.author, a.image_url)
             or (a.own_site, -a.teller) > (i.own_site, -i.told_by))
     returning i.item_id`,
    [articleRows(withText)],
  );
  const written = new Set(rows.map((row) => row.item_id));
  return withText.filter((c) => written.has(c.itemId));
}

/** Notes which feeds carry the articles; returns how many of the known ones each feed carries for the first time. */
async function linkFeeds(tx: Queryable, claimed: readonly Claimed[]): Promise<Map<number, number>> {
  const ordered = [...claimed].sort((a, b) => a.itemId - b.itemId || a.teller.feedId - b.teller.feedId);
  const { rows } = await tx.query<{ feed_id: number; item_id: number; first: boolean }>(
    `insert into glasnik.item_feeds as f (feed_id, item_id, guid, entry_hash, reader_version)
     select feed_id, item_id, guid, entry_hash, reader_version
       from unnest($1::bigint[], $2::bigint[], $3::text[], $4::text[], $5::integer[]) as e (feed_id, item_id, guid, entry_hash, reader_version)
     on conflict (feed_id, item_id) do update
        set guid = excluded.guid, entry_hash = excluded.entry_hash, reader_version = excluded.reader_version
     returning f.feed_id, f.item_id, xmax = 0 as first`,
    [
      ordered.map((c) => c.teller.feedId),
      ordered.map((c) => c.itemId),
      ordered.map((c) => c.told.guid),
      ordered.map((c) => c.told.entryHash),
      ordered.map((c) => c.teller.readerVersion),
    ],
  );
  const own = new Set(claimed.filter((c) => c.isNew).map((c) => `${c.teller.feedId} ${c.itemId}`));
  const firstLinks = new Map<number, number>();
  for (const { feed_id, item_id, first } of rows)
    if (first && !own.has(`${feed_id} ${item_id}`)) firstLinks.set(feed_id, (firstLinks.get(feed_id) ?? 0) + 1);
  return firstLinks;
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
