import type { FeedHints } from '../feed/entry.ts';
import type { Queryable } from './database.ts';

/** What a fetch leaves on its feed's row, decided by the pure rooms; times are seconds from now by the database's clock. */
export type FetchRecord = {
  readonly feedId: number;
  readonly asked: string;
  readonly outcome: 'fetched' | 'not-modified' | 'unchanged' | 'gone' | 'failed';
  readonly reason: string | null;
  readonly error: string | null;
  readonly status: number | null;
  readonly ms: number;
  readonly bytes: number;
  readonly newItems: number;
  readonly updatedItems: number;
  readonly duplicateItems: number;
  readonly relevantItems: number;
  readonly state: 'active' | 'failing' | 'gone' | 'disabled';
  readonly health: 'empty' | 'stale' | 'html' | null;
  readonly failures: number;
  readonly nextInS: number;
  readonly why: string;
  readonly retryInS: number | null;
  readonly pauseMs: number;
  readonly etag: string | null;
  readonly lastModified: string | null;
  readonly validatorsUrl: string | null;
  readonly bodyHash: string | null;
  readonly moveUrl: string | null;
  readonly moveAnswers: number;
  /** True to begin counting the move from now; false keeps the moment it began. */
  readonly moveBegins: boolean;
  /** Null where no document was read. */
  readonly document: DocumentRecord | null;
};

/** What only a document that was read changes on the feed's row. */
export type DocumentRecord = {
  readonly entryHashes: readonly string[];
  readonly readerVersion: number;
  readonly hints: FeedHints;
  readonly rhythm: Buffer;
  readonly entries: number;
  readonly title: string | null;
  readonly lang: string | null;
  readonly newestEntryAt: Date | null;
};

/** The feed as it stands after the fetch, for the answer. */
export type Settled = { readonly feed_id: number; readonly next_fetch_at: Date; readonly host: string };

/**
 * Ends fetches: one statement for the rows of many feeds, their hosts and their attempts. Nothing is written for a lease that is
 * no longer ours; such a feed is missing from the answer.
 */
export async function settleFetches(db: Queryable, records: readonly FetchRecord[]): Promise<Settled[]> {
  const { rows } = await db.query<Settled>(
    `with record as (
       select * from jsonb_to_recordset($1::jsonb) as r (
         "feedId" bigint, asked timestamptz, outcome text, reason text, error text, status smallint, ms integer, bytes integer,
         "newItems" integer, "updatedItems" integer, "duplicateItems" integer, "relevantItems" integer, state text, health text, failures integer, "nextInS" double precision, why text,
         "retryInS" double precision, "pauseMs" double precision, etag text, "lastModified" text, "validatorsUrl" text, "bodyHash" text,
         "moveUrl" text, "moveAnswers" smallint, "moveBegins" boolean,
         read boolean, "entryHashes" text, "readerVersion" integer, hints jsonb, rhythm text, entries integer, title text, lang text,
         "newestEntryAt" timestamptz)
     ), feed as (
       update glasnik.feeds f
          set leased_at = null, leased_until = null,
              state = case when f.state = 'disabled' then f.state else r.state end,
              health = r.health, failures = r.failures,
              last_fetched_at = now(),
              last_success_at = case when r.outcome in ('fetched', 'not-modified', 'unchanged') then now() else f.last_success_at end,
              next_fetch_at = now() + make_interval(secs => r."nextInS"), next_why = r.why, interval_s = ceil(r."nextInS"),
              retry_until = now() + make_interval(secs => r."retryInS"),
              last_reason = r.reason, last_error = r.error,
              etag = r.etag, last_modified = r."lastModified", validators_url = r."validatorsUrl", body_hash = r."bodyHash",
              move_url = r."moveUrl", move_answers = r."moveAnswers",
              move_since = case when r."moveUrl" is null then null when r."moveBegins" then now() else f.move_since end,
              -- what only a document that was read changes
              entry_hashes = case when r.read then r."entryHashes" else f.entry_hashes end,
              reader_version = case when r.read then r."readerVersion" else f.reader_version end,
              hints = case when r.read then r.hints else f.hints end,
              rhythm = case when r.read then decode(r.rhythm, 'base64') else f.rhythm end,
              entries = case when r.read then r.entries else f.entries end,
              title = coalesce(f.title, r.title), lang = coalesce(f.lang, r.lang),
              newest_entry_at = greatest(f.newest_entry_at, r."newestEntryAt"),
              attempts = f.attempts + 1,
              -- what /metrics adds up: outcome (and reason), the first bound of seconds that holds the duration, and what came
              tally = glasnik.tallied(f.tally,
                array['outcome/' || r.outcome || coalesce('/' || r.reason, ''),
                      'le/' || case when r.ms <= 100 then '0.1' when r.ms <= 300 then '0.3' when r.ms <= 1000 then '1'
                                    when r.ms <= 3000 then '3' when r.ms <= 10000 then '10' else '+Inf' end,
                      'ms', 'bytes', 'items/new', 'items/updated', 'items/duplicate', 'items/relevant'],
                array[1, 1, r.ms, r.bytes, r."newItems", r."updatedItems", r."duplicateItems", r."relevantItems"]::bigint[])
         from record r
        where f.feed_id = r."feedId" and f.leased_at = r.asked
       returning f.feed_id, f.host, f.next_fetch_at, f.attempts, r.outcome, r.reason, r.status, r.ms, r.bytes, r."newItems", r.why, r."pauseMs"
     ), host as (
       update glasnik.hosts h
          set leased_until = null, leased_feed = null, free_at = now() + make_interval(secs => feed."pauseMs" / 1000)
         from feed
        where h.host = feed.host and h.leased_feed = feed.feed_id
     ), attempt as (
       insert into glasnik.attempts as a (feed_id, slot, at, outcome, reason, status, ms, bytes, new, why)
       select feed_id, attempts % 50, now(), outcome, reason, status, ms, bytes, "newItems", why from feed
       on conflict (feed_id, slot) do update
          set (at, outcome, reason, status, ms, bytes, new, why) =
              (excluded.at, excluded.outcome, excluded.reason, excluded.status, excluded.ms, excluded.bytes, excluded.new, excluded.why)
     )
     select feed_id, next_fetch_at, host from feed`,
    [JSON.stringify(records.map(rowOf))],
  );
  return rows;
}

/** A record flat, for jsonb_to_recordset. */
function rowOf({ document, ...record }: FetchRecord): object {
  if (!document) return { ...record, read: false };
  return {
    ...record,
    ...document,
    read: true,
    entryHashes: document.entryHashes.join(' '),
    rhythm: document.rhythm.toString('base64'),
  };
}

/**
 * A second feed of a host that answers with Retry-After holds back the whole host.
 * @param seconds how long this feed was asked to wait
 */
export async function holdHost(db: Queryable, host: string, feedId: number, seconds: number): Promise<void> {
  await db.query(
    `update glasnik.hosts h
        set retry_until = case when exists (select from glasnik.feeds f
                                             where f.host = h.host and f.feed_id <> $2 and f.retry_until > now())
                          then greatest(h.retry_until, now() + make_interval(secs => $3)) else h.retry_until end,
            retry_feed = $2
      where h.host = $1`,
    [host, feedId, seconds],
  );
}

/**
 * Moves a feed for good. Where another feed has the address already, this one becomes gone and says so.
 * @returns the address the feed has now, and the other feed's id where there is one.
 */
export async function moveFeed(
  db: Queryable,
  feedId: number,
  to: { url: string; host: string; site: string },
): Promise<{ url: string; heldBy: number | null }> {
  await db.query('insert into glasnik.hosts (host) values ($1) on conflict do nothing', [to.host]);
  const { rows: others } = await db.query<{ feed_id: number }>(
    'select feed_id from glasnik.feeds where url = $1 and feed_id <> $2',
    [to.url, feedId],
  );
  const other = others[0];
  if (other) {
    const { rows } = await db.query<{ url: string }>(
      `update glasnik.feeds
          set state = 'gone', move_url = null, move_answers = 0, move_since = null,
              last_error = 'moved to the address of feed ' || $2 || ', which is in the catalogue already'
        where feed_id = $1
      returning url`,
      [feedId, other.feed_id],
    );
    return { url: rows[0]?.url ?? to.url, heldBy: other.feed_id };
  }
  await db.query(
    `insert into glasnik.feed_aliases (url, feed_id)
     select url, feed_id from glasnik.feeds where feed_id = $1
     on conflict (url) do update set feed_id = excluded.feed_id`,
    [feedId],
  );
  await db.query(
    `update glasnik.feeds
        set url = $2, host = $3, site = $4, etag = null, last_modified = null, validators_url = null,
            move_url = null, move_answers = 0, move_since = null
      where feed_id = $1`,
    [feedId, to.url, to.host, to.site],
  );
  return { url: to.url, heldBy: null };
}
