import type { Queryable } from './database.ts';
import type { AttemptRow } from './feeds.ts';

/** Why a feed needs a person, the most urgent first. */
export const TROUBLES = ['dead', 'unreadable', 'failing', 'moved', 'silent', 'off-beat'] as const;
export type Trouble = (typeof TROUBLES)[number];

export type TroubledFeed = {
  readonly feed_id: number;
  readonly url: string;
  readonly title: string | null;
  readonly outlet: string | null;
  readonly trouble: Trouble;
  readonly last_error: string | null;
  readonly last_reason: string | null;
  readonly failures: number;
  readonly health: string | null;
  readonly move_url: string | null;
  readonly last_success_at: Date | null;
  readonly newest_entry_at: Date | null;
  readonly next_fetch_at: Date;
  /** Oldest first. */
  readonly attempts: readonly Pick<AttemptRow, 'outcome' | 'reason' | 'ms' | 'new'>[];
};

/**
 * Feeds that need a person today: gone; answering with something that is no feed; failing for a while (three times and a day, since
 * most troubles pass); on the way to another address; silent; or without anything of the beat for three months.
 */
export async function troubledFeeds(db: Queryable, most: number): Promise<TroubledFeed[]> {
  const { rows } = await db.query<TroubledFeed>(
    `with troubled as (
       select f.*,
              case when f.state = 'gone' then 'dead'
                   when f.last_reason in ('not-a-feed', 'unreadable') or f.health = 'html' then 'unreadable'
                   when f.state = 'failing' and f.failures >= 3
                        and coalesce(f.last_success_at, f.added_at) < now() - interval '1 day' then 'failing'
                   when f.move_url is not null then 'moved'
                   when f.health in ('stale', 'empty') then 'silent'
                   when f.added_at < now() - interval '90 days'
                        and not exists (select from glasnik.items i
                                         where i.feed_id = f.feed_id and i.relevant and i.first_seen_at > now() - interval '90 days')
                   then 'off-beat' end as trouble
         from glasnik.feeds f
        where f.removed_at is null and f.state <> 'disabled'
     )
     select t.feed_id, t.url, t.title, t.outlet, t.trouble, t.last_error, t.last_reason, t.failures, t.health, t.move_url,
            t.last_success_at, t.newest_entry_at, t.next_fetch_at,
            (select coalesce(json_agg(json_build_object('outcome', a.outcome, 'reason', a.reason, 'ms', a.ms, 'new', a.new) order by a.at), '[]')
               from glasnik.attempts a where a.feed_id = t.feed_id) as attempts
       from troubled t
      where t.trouble is not null
      order by array_position($1::text[], t.trouble), t.last_success_at nulls first, t.feed_id
      limit $2`,
    [TROUBLES, most],
  );
  return rows;
}

/** Items that came, hour by hour. */
export type Hour = { readonly hour: Date; readonly items: number; readonly relevant: number };

/** The last 24 hours, oldest first, empty ones included. */
export async function itemsByHour(db: Queryable): Promise<Hour[]> {
  const { rows } = await db.query<Hour>(
    `select h.hour, count(i.item_id)::integer as items, (count(*) filter (where i.relevant))::integer as relevant
       from generate_series(date_trunc('hour', now()) - interval '23 hours', date_trunc('hour', now()), interval '1 hour') as h (hour)
       left join glasnik.items i on i.first_seen_at >= h.hour and i.first_seen_at < h.hour + interval '1 hour'
      group by h.hour
      order by h.hour`,
  );
  return rows;
}
