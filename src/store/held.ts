import type { Queryable } from './database.ts';

/** The line of a feed that is not asked: what it last answered, and when it will be asked again. */
export type HeldLine = {
  readonly feed_id: number | null;
  readonly url: string;
  readonly outcome: 'failed' | 'gone';
  readonly reason: string | null;
  readonly http_status: null;
  readonly entries: 0;
  readonly new: 0;
  readonly updated: 0;
  readonly duplicate: 0;
  readonly relevant: 0;
  readonly bytes: 0;
  readonly ms: 0;
  readonly next_fetch_at: string | null;
};

/** Feeds that a manual fetch does not ask: gone ones, and those that wait out a Retry-After (their own or their host's). */
export async function heldBackFeeds(db: Queryable, feedIds: readonly number[]): Promise<HeldLine[]> {
  if (!feedIds.length) return [];
  const { rows } = await db.query<{
    feed_id: number;
    url: string;
    state: string;
    last_reason: string | null;
    next_fetch_at: Date;
  }>(
    `select f.feed_id, f.url, f.state, f.last_reason, greatest(f.next_fetch_at, h.retry_until) as next_fetch_at
       from glasnik.feeds f join glasnik.hosts h using (host)
      where f.feed_id = any ($1)
      order by f.feed_id`,
    [feedIds],
  );
  return rows.map((row) => ({
    feed_id: row.feed_id,
    url: row.url,
    outcome: row.state === 'gone' ? 'gone' : 'failed',
    reason: row.state === 'gone' ? null : (row.last_reason ?? 'http-429'),
    http_status: null,
    entries: 0,
    new: 0,
    updated: 0,
    duplicate: 0,
    relevant: 0,
    bytes: 0,
    ms: 0,
    next_fetch_at: row.state === 'gone' ? null : row.next_fetch_at.toISOString(),
  }));
}
