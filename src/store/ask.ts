import type { Queryable } from './database.ts';

/** What came of asking for a feed: it will be fetched as soon as its host is free, or why it will not. */
export type Asked = {
  readonly feed_id: number;
  readonly state: 'active' | 'failing' | 'gone' | 'disabled';
  readonly next_fetch_at: Date;
  /** It is being fetched at this moment. */
  readonly under_way: boolean;
  /** A Retry-After of the feed or its host that is being waited out. */
  readonly held_until: Date | null;
};

/**
 * Makes a feed due now, so that the next sweep takes it (two seconds), through the leases and host gates of everyone. A Retry-After
 * stays in force; a feed that is gone or disabled is left alone. Null where there is no such feed.
 */
export async function askForFetch(db: Queryable, feedId: number): Promise<Asked | null> {
  const { rows } = await db.query<Asked>(
    `with before as (
       select f.feed_id, coalesce(f.leased_until > now() and f.begun, false) as under_way,
              case when greatest(f.retry_until, h.retry_until) > now() then greatest(f.retry_until, h.retry_until) end as held_until
         from glasnik.feeds f
         join glasnik.hosts h using (host)
        where f.feed_id = $1 and f.removed_at is null
     ), asked as (
       update glasnik.feeds f
          set next_fetch_at = least(f.next_fetch_at, now()), next_why = 'asked'
         from before b
        where f.feed_id = b.feed_id and f.state in ('active', 'failing') and b.held_until is null and not b.under_way
       returning f.feed_id, f.next_fetch_at
     )
     select f.feed_id, f.state, coalesce(a.next_fetch_at, f.next_fetch_at) as next_fetch_at, b.under_way, b.held_until
       from before b
       join glasnik.feeds f using (feed_id)
       left join asked a using (feed_id)`,
    [feedId],
  );
  return rows[0] ?? null;
}
