import type { Queryable } from './database.ts';

/** The system in figures. */
export type Status = {
  readonly feeds: Readonly<Record<string, number>>;
  readonly due: number;
  readonly overdue_s: number | null;
  readonly fetching: number;
  readonly items: number;
  readonly relevant: number;
  readonly stories: number;
  readonly unrelated: number;
  readonly older_tagger: number;
  readonly last_fetch_at: Date | null;
  readonly last_seq: number;
  readonly errors: readonly {
    feed_id: number;
    url: string;
    reason: string | null;
    last_error: string | null;
    failures: number;
  }[];
};

/** Counts what there is; `errors` are the feeds that failed last, newest first. */
export async function readStatus(db: Queryable, tagger: string): Promise<Status> {
  const { rows: states } = await db.query<{ state: string; n: number }>(
    'select state, count(*) as n from glasnik.feeds where removed_at is null group by state',
  );
  const { rows } = await db.query<Omit<Status, 'feeds' | 'errors'>>(
    `select (select count(*) from glasnik.feeds
              where removed_at is null and state in ('active', 'failing') and next_fetch_at <= now()) as due,
            (select extract(epoch from now() - min(next_fetch_at))::int from glasnik.feeds
              where removed_at is null and state in ('active', 'failing') and next_fetch_at <= now()) as overdue_s,
            (select count(*) from glasnik.feeds where leased_until > now()) as fetching,
            (select count(*) from glasnik.items) as items,
            (select count(*) from glasnik.items where relevant and mark is distinct from 'hidden') as relevant,
            (select count(*) from glasnik.stories) as stories,
            (select count(*) from glasnik.unrelated) as unrelated,
            (select count(*) from glasnik.items where tagger <> $1) as older_tagger,
            (select max(last_fetched_at) from glasnik.feeds) as last_fetch_at,
            (select coalesce(max(seq), 0) from glasnik.changes) as last_seq`,
    [tagger],
  );
  const { rows: errors } = await db.query<Status['errors'][number]>(
    `select feed_id, url, last_reason as reason, last_error, failures
       from glasnik.feeds
      where removed_at is null and last_error is not null
      order by last_fetched_at desc nulls last
      limit 5`,
  );
  return { ...rows[0]!, feeds: Object.fromEntries(states.map((s) => [s.state, s.n])), errors };
}
