import type { Queryable } from './database.ts';

/** Counts for /metrics. Counters come from tables, so they are the same whichever process is asked and go on after a restart. */
export type Tally = {
  readonly feeds: Readonly<Record<string, number>>;
  /** Sums over all feeds that ever were, by the names that store/settle.ts gives. */
  readonly counters: Readonly<Record<string, number>>;
  readonly due: number;
  readonly overdue_s: number;
  readonly fetching: number;
  readonly unrelated: number;
  readonly unrelated_s: number;
  readonly last_seq: number;
  /** PostgreSQL's own estimate of how many items there are: counting a million takes too long for a scrape. */
  readonly items: number;
};

/** Reads the counts: a few indexes and one pass over the feeds. */
export async function readTally(db: Queryable): Promise<Tally> {
  const { rows: states } = await db.query<{ state: string; n: number }>(
    'select state, count(*) as n from glasnik.feeds where removed_at is null group by state',
  );
  const { rows: counters } = await db.query<{ name: string; n: number }>(
    `select t.key as name, sum(t.value::bigint) as n from glasnik.feeds f cross join lateral jsonb_each_text(f.tally) t group by t.key`,
  );
  const { rows } = await db.query<Omit<Tally, 'feeds' | 'counters'>>(
    `select (select count(*) from glasnik.feeds
              where removed_at is null and state in ('active', 'failing') and next_fetch_at <= now()) as due,
            (select coalesce(extract(epoch from now() - min(next_fetch_at)), 0)::float from glasnik.feeds
              where removed_at is null and state in ('active', 'failing') and next_fetch_at <= now()) as overdue_s,
            (select count(*) from glasnik.feeds where leased_until > now()) as fetching,
            (select count(*) from glasnik.unrelated) as unrelated,
            (select coalesce(extract(epoch from now() - min(added_at)), 0)::float from glasnik.unrelated) as unrelated_s,
            (select coalesce(max(seq), 0) from glasnik.changes) as last_seq,
            (select greatest(reltuples, 0)::bigint from pg_class where oid = 'glasnik.items'::regclass) as items`,
  );
  return {
    ...rows[0]!,
    feeds: Object.fromEntries(states.map((s) => [s.state, s.n])),
    counters: Object.fromEntries(counters.map((c) => [c.name, c.n])),
  };
}
