import type { FeedHints } from '../feed/entry.ts';
import type { Queryable } from './database.ts';

/**
 * A feed handed to one fetch. `asked` is the moment of the lease as PostgreSQL writes it: it names the lease, travels in the job,
 * and whoever comes with another one writes nothing.
 */
export type Lease = { readonly feedId: number; readonly asked: string };

/** What a fetch has to know of its feed. */
export type LeasedFeed = {
  readonly feed_id: number;
  readonly url: string;
  readonly host: string;
  readonly site: string;
  readonly state: 'active' | 'failing' | 'gone' | 'disabled';
  readonly outlet: string | null;
  readonly outlet_country: string | null;
  readonly etag: string | null;
  readonly last_modified: string | null;
  readonly validators_url: string | null;
  readonly body_hash: string | null;
  readonly entry_hashes: string;
  readonly reader_version: number;
  readonly hints: FeedHints | null;
  readonly rhythm: Buffer | null;
  readonly failures: number;
  readonly health: string | null;
  readonly interval_s: number | null;
  readonly last_success_at: Date | null;
  readonly newest_entry_at: Date | null;
  readonly entries: number | null;
  readonly move_url: string | null;
  readonly move_answers: number;
  readonly move_since: Date | null;
  readonly asked: string;
  /** The database's clock at the start of the fetch. */
  readonly now: Date;
};

/** A lease outlives the longest fetch by as much as storing may take; after that another worker may have the feed. */
export const leaseSeconds = (fetchTimeoutMs: number): number => Math.ceil(fetchTimeoutMs / 1000) + 40;

/**
 * Leases feeds that are due, at most one a host and none of a host that is being asked, pauses, or waits out a Retry-After.
 * Locks: host rows first (skipping those that another leaser holds), then feed rows; both checks are made again under the lock.
 */
export async function leaseDue(
  db: Queryable,
  { limit, seconds }: { limit: number; seconds: number },
): Promise<Lease[]> {
  const { rows } = await db.query<Lease>(
    `with candidate as (
       select distinct on (f.host) f.feed_id, f.host
         from glasnik.feeds f
         join glasnik.hosts h on h.host = f.host
        where f.removed_at is null and f.state in ('active', 'failing') and f.next_fetch_at <= now()
          and (f.leased_until is null or f.leased_until < now())
          and (h.leased_until is null or h.leased_until < now()) and h.free_at <= now()
          and (h.retry_until is null or h.retry_until <= now())
        order by f.host, f.next_fetch_at, f.feed_id
        limit $1
     ), gate as materialized (
       select h.host
         from glasnik.hosts h
        where h.host in (select host from candidate)
          and (h.leased_until is null or h.leased_until < now()) and h.free_at <= now()
        order by h.host
          for update skip locked
     ), feed as (
       update glasnik.feeds f
          set leased_at = now(), begun = false, begun_by = null, leased_until = now() + make_interval(secs => $2)
         from candidate c join gate using (host)
        where f.feed_id = c.feed_id and (f.leased_until is null or f.leased_until < now())
       returning f.feed_id, f.host, f.leased_at
     ), held as (
       update glasnik.hosts h
          set leased_until = now() + make_interval(secs => $2), leased_feed = feed.feed_id
         from feed
        where h.host = feed.host
     )
     select feed_id as "feedId", leased_at::text as asked from feed`,
    [limit, seconds],
  );
  return rows;
}

/** Why a named feed was not leased, or the lease it got. */
export type NamedLease = {
  readonly feedId: number;
  readonly asked: string | null;
  /** Milliseconds until it is worth asking again, where its host is only busy or pausing. */
  readonly waitMs: number | null;
  /** True when the feed or its host waits out a Retry-After, or is gone, so that only `force` asks. */
  readonly heldBack: boolean;
};

/**
 * Leases feeds by name, due or not, through the same host gates as everyone. `force` passes over Retry-After and `gone`.
 * A feed that is being fetched at this moment is waited for: an answer that began before the asking does not count. The lease
 * counts as begun from the start: its job is the asking command's own, and the sweep must not hand it to others.
 */
export async function leaseNamed(
  db: Queryable,
  { feedIds, seconds, force, most }: { feedIds: readonly number[]; seconds: number; force: boolean; most: number },
): Promise<NamedLease[]> {
  const { rows } = await db.query<NamedLease>(
    `with named as (
       select f.feed_id, f.host, f.next_fetch_at,
              not $3 and (f.state = 'gone' or coalesce(f.retry_until > now(), false) or coalesce(h.retry_until > now(), false)) as held_back,
              greatest(h.free_at, coalesce(h.leased_until, '-infinity'), coalesce(f.leased_until, '-infinity')) as free_at,
              coalesce(h.leased_until > now(), false) or coalesce(f.leased_until > now(), false) as busy
         from glasnik.feeds f
         join glasnik.hosts h on h.host = f.host
        where f.feed_id = any ($1) and f.removed_at is null
     ), candidate as (
       select distinct on (host) feed_id, host
         from named
        where not held_back and not busy and free_at <= now()
        order by host, next_fetch_at, feed_id
        limit $4
     ), gate as materialized (
       select h.host
         from glasnik.hosts h
        where h.host in (select host from candidate)
          and (h.leased_until is null or h.leased_until < now()) and h.free_at <= now()
        order by h.host
          for update skip locked
     ), feed as (
       update glasnik.feeds f
          set leased_at = now(), begun = true, begun_by = null, leased_until = now() + make_interval(secs => $2)
         from candidate c join gate using (host)
        where f.feed_id = c.feed_id and (f.leased_until is null or f.leased_until < now())
       returning f.feed_id, f.host, f.leased_at
     ), held as (
       update glasnik.hosts h
          set leased_until = now() + make_interval(secs => $2), leased_feed = feed.feed_id
         from feed
        where h.host = feed.host
     )
     select n.feed_id as "feedId", feed.leased_at::text as asked, n.held_back as "heldBack",
            case when feed.feed_id is null and not n.held_back then
              -- a lease ends when its fetch does, long before it runs out: look again soon
              greatest(10, least(250, 1 + ceil(extract(epoch from n.free_at - now()) * 1000)))::integer end as "waitMs"
       from named n
       left join feed using (feed_id)`,
    [feedIds, seconds, force, most],
  );
  return rows;
}

/** A lease with the id of the job that would begin it. */
export type Beginning = Lease & { readonly job: string };

/**
 * The start of a fetch: renews the leases that are still ours and reads what the fetches have to know. A lease that is not
 * returned belongs to somebody else by now, another job began it, or the feed was removed: its fetch must not happen.
 */
export async function beginFetches(
  db: Queryable,
  leases: readonly Beginning[],
  seconds: number,
): Promise<LeasedFeed[]> {
  const { rows } = await db.query<LeasedFeed>(
    `with feed as (
       update glasnik.feeds f
          set leased_until = now() + make_interval(secs => $4), begun = true, begun_by = l.job
         from unnest($1::bigint[], $2::timestamptz[], $3::text[]) as l (feed_id, asked, job), glasnik.hosts h
        where f.feed_id = l.feed_id and f.leased_at = l.asked and f.removed_at is null
          and coalesce(f.begun_by, l.job) = l.job
          and h.host = f.host and h.leased_feed = f.feed_id
       returning f.*
     ), held as (
       update glasnik.hosts h
          set leased_until = now() + make_interval(secs => $4)
         from feed
        where h.host = feed.host
     )
     select feed_id, url, host, site, state, outlet, outlet_country, etag, last_modified, validators_url, body_hash, entry_hashes, reader_version,
            hints, rhythm, failures, health, interval_s, last_success_at, newest_entry_at, entries, move_url, move_answers, move_since,
            leased_at::text as asked, now() as now
       from feed`,
    [leases.map((l) => l.feedId), leases.map((l) => l.asked), leases.map((l) => l.job), seconds],
  );
  return rows;
}

/** Gives leases back unused (a process that stops): the feeds stay due. */
export async function giveBack(db: Queryable, leases: readonly Lease[]): Promise<void> {
  await db.query(
    `with feed as (
       update glasnik.feeds f
          set leased_at = null, leased_until = null
         from unnest($1::bigint[], $2::timestamptz[]) as l (feed_id, asked)
        where f.feed_id = l.feed_id and f.leased_at = l.asked
       returning f.feed_id, f.host
     )
     update glasnik.hosts h
        set leased_until = null, leased_feed = null
       from feed
      where h.host = feed.host and h.leased_feed = feed.feed_id`,
    [leases.map((l) => l.feedId), leases.map((l) => l.asked)],
  );
}

/** Leases whose job no worker has begun for a while: the job waits, or was lost with its server. Asking again does no harm. */
export async function unbegunLeases(db: Queryable, olderThanS: number): Promise<Lease[]> {
  const { rows } = await db.query<Lease>(
    `select feed_id as "feedId", leased_at::text as asked
       from glasnik.feeds
      where leased_until > now() and not begun and leased_at < now() - make_interval(secs => $1)
      order by feed_id`,
    [olderThanS],
  );
  return rows;
}
