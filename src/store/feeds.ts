import type { Database, Queryable } from './database.ts';

/** A feed as the catalogue's own JSON has it. */
export type CatalogueFeed = {
  readonly url: string;
  readonly title?: string | null | undefined;
  readonly outlet?: string | null | undefined;
  readonly outletCountry?: string | null | undefined;
  readonly lang?: string | null | undefined;
  readonly kind?: string | null | undefined;
  readonly homepage?: string | null | undefined;
};

/** A row of wire.feeds. */
export type FeedRow = {
  feed_id: number;
  url: string;
  title: string | null;
  outlet: string | null;
  outlet_country: string | null;
  lang: string | null;
  state: 'active' | 'failing' | 'gone' | 'disabled';
  last_fetched_at: Date | null;
  last_success_at: Date | null;
  next_fetch_at: Date;
  interval_s: number | null;
  failures: number;
  last_error: string | null;
  items_total: number;
  items_relevant: number;
  kind: string | null;
  homepage: string | null;
  health: string | null;
  next_why: string;
};

/** One attempt of a feed, newest first in lists. */
export type AttemptRow = {
  at: Date;
  outcome: string;
  reason: string | null;
  status: number | null;
  ms: number;
  bytes: number;
  new: number;
  why: string | null;
};

/** Where a feed stands in the house: its host for politeness, its site for the telling of articles. */
export type Placed = CatalogueFeed & { readonly host: string; readonly site: string };

/**
 * Adds feeds, or brings back removed ones; a feed that is there keeps what it has where the new row says nothing.
 * @returns how many were added and how many were there (in the order given, with their ids).
 */
export async function addFeeds(
  db: Database,
  feeds: readonly Placed[],
): Promise<{ feed_id: number; url: string; added: boolean }[]> {
  const list = [...new Map(feeds.map((feed) => [feed.url, feed])).values()].sort((a, b) => (a.url < b.url ? -1 : 1));
  const column = (name: keyof Placed) => list.map((feed) => feed[name] ?? null);
  return db.tx(async (tx) => {
    await tx.query(
      `insert into glasnik.hosts (host)
       select distinct h from unnest($1::text[]) h order by h
       on conflict do nothing`,
      [column('host')],
    );
    const { rows } = await tx.query<{ feed_id: number; url: string; added: boolean }>(
      `insert into glasnik.feeds as f (url, title, outlet, outlet_country, lang, kind, homepage, host, site)
       select * from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[])
       on conflict (url) do update
          set title          = coalesce(excluded.title, f.title),
              outlet         = coalesce(excluded.outlet, f.outlet),
              outlet_country = coalesce(excluded.outlet_country, f.outlet_country),
              lang           = coalesce(excluded.lang, f.lang),
              kind           = coalesce(excluded.kind, f.kind),
              homepage       = coalesce(excluded.homepage, f.homepage),
              state          = case when f.removed_at is null then f.state else 'active' end,
              removed_at     = null
       returning feed_id, url, xmax = 0 as added`,
      [
        column('url'),
        column('title'),
        column('outlet'),
        column('outletCountry'),
        column('lang'),
        column('kind'),
        column('homepage'),
        column('host'),
        column('site'),
      ],
    );
    return rows;
  });
}

/** All feeds that are not removed, by id. */
export async function listFeeds(db: Queryable): Promise<FeedRow[]> {
  const { rows } = await db.query<FeedRow>('select * from wire.feeds order by feed_id');
  return rows;
}

/** A page of feeds after `afterId`. */
export async function pageOfFeeds(db: Queryable, afterId: number, limit: number): Promise<FeedRow[]> {
  const { rows } = await db.query<FeedRow>('select * from wire.feeds where feed_id > $1 order by feed_id limit $2', [
    afterId,
    limit,
  ]);
  return rows;
}

/** One feed by id, or null. */
export async function feedById(db: Queryable, feedId: number): Promise<FeedRow | null> {
  const { rows } = await db.query<FeedRow>('select * from wire.feeds where feed_id = $1', [feedId]);
  return rows[0] ?? null;
}

/** The id of the feed that has, or once had, one of these addresses. */
export async function feedByUrl(db: Queryable, urls: readonly string[]): Promise<number | null> {
  const { rows } = await db.query<{ feed_id: number }>(
    `select feed_id from glasnik.feeds where url = any ($1) and removed_at is null
      union all
     select a.feed_id from glasnik.feed_aliases a join glasnik.feeds f using (feed_id) where a.url = any ($1) and f.removed_at is null
      limit 1`,
    [urls],
  );
  return rows[0]?.feed_id ?? null;
}

export async function countFeeds(db: Queryable): Promise<number> {
  const { rows } = await db.query<{ n: number }>('select count(*) as n from glasnik.feeds where removed_at is null');
  return rows[0]?.n ?? 0;
}

/** The last attempts of a feed, newest first (at most 50 are kept). */
export async function attemptsOf(db: Queryable, feedId: number): Promise<AttemptRow[]> {
  const { rows } = await db.query<AttemptRow>(
    `select at, outcome, reason, status, ms, bytes, new, why from glasnik.attempts where feed_id = $1 order by at desc`,
    [feedId],
  );
  return rows;
}

const SETTABLE = {
  url: 'url',
  title: 'title',
  outlet: 'outlet',
  outletCountry: 'outlet_country',
  lang: 'lang',
  kind: 'kind',
  homepage: 'homepage',
} as const;

/** The keys that `feeds set` and PATCH take. */
export type FeedChange = { readonly [K in keyof typeof SETTABLE]?: string | null | undefined } & {
  readonly host?: string;
  readonly site?: string;
};

/**
 * Changes facts of a feed; a new address forgets the validators of the old one, which stays as an alias.
 * @returns false where there is no such feed. @throws the driver's unique violation where another feed has the address.
 */
export async function setFeed(db: Database, feedId: number, change: FeedChange): Promise<boolean> {
  const entries = (Object.keys(SETTABLE) as (keyof typeof SETTABLE)[]).filter((key) => change[key] !== undefined);
  return db.tx(async (tx) => {
    if (change.url) {
      await tx.query('insert into glasnik.hosts (host) values ($1) on conflict do nothing', [change.host]);
      await tx.query(
        `insert into glasnik.feed_aliases (url, feed_id)
         select url, feed_id from glasnik.feeds where feed_id = $1 and url <> $2
         on conflict (url) do update set feed_id = excluded.feed_id`,
        [feedId, change.url],
      );
    }
    const sets = entries.map((key, i) => `${SETTABLE[key]} = $${i + 2}`);
    const values: (string | number | null)[] = [feedId, ...entries.map((key) => change[key] ?? null)];
    if (change.url) {
      values.push(change.host ?? '', change.site ?? '');
      sets.push(`host = $${values.length - 1}`, `site = $${values.length}`);
      sets.push(
        'etag = null',
        'last_modified = null',
        'body_hash = null',
        "entry_hashes = ''",
        'next_fetch_at = now()',
      );
    }
    const { rowCount } = await tx.query(
      `update glasnik.feeds set ${sets.join(', ')} where feed_id = $1 and removed_at is null`,
      values,
    );
    return rowCount === 1;
  });
}

/** Stops and hides a feed; its items stay. False where there is no such feed. */
export async function removeFeed(db: Queryable, feedId: number): Promise<boolean> {
  const { rowCount } = await db.query(
    `update glasnik.feeds set removed_at = now(), leased_at = null, leased_until = null where feed_id = $1 and removed_at is null`,
    [feedId],
  );
  return rowCount === 1;
}

/** Switches a feed on (due now, failures forgotten) or off. False where there is no such feed. */
export async function enableFeed(db: Queryable, feedId: number, on: boolean): Promise<boolean> {
  const { rowCount } = await db.query(
    on
      ? `update glasnik.feeds set state = 'active', failures = 0, next_fetch_at = now(), next_why = 'enabled', retry_until = null
          where feed_id = $1 and removed_at is null`
      : `update glasnik.feeds set state = 'disabled' where feed_id = $1 and removed_at is null`,
    [feedId],
  );
  return rowCount === 1;
}

/** Ids of the feeds that `fetch --all` asks: active and failing ones; with `everything` every feed that is not removed. */
export async function fetchableFeeds(db: Queryable, { everything = false } = {}): Promise<number[]> {
  const { rows } = await db.query<{ feed_id: number }>(
    `select feed_id from glasnik.feeds where removed_at is null and ($1 or state in ('active', 'failing')) order by feed_id`,
    [everything],
  );
  return rows.map((row) => row.feed_id);
}

/** Ids of the feeds that are due now. */
export async function dueFeeds(db: Queryable): Promise<number[]> {
  const { rows } = await db.query<{ feed_id: number }>(
    `select feed_id from glasnik.feeds
      where removed_at is null and state in ('active', 'failing') and next_fetch_at <= now() order by next_fetch_at`,
  );
  return rows.map((row) => row.feed_id);
}
