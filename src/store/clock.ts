import type { Database, Queryable } from './database.ts';

/** The latest that anybody here knows the clock to have said: kept in the row to ten seconds, and by a process that keeps it exactly. */
const LATEST = 'greatest(clock_seen, to_timestamp($1::float8 / 1000))';
/** A step back of less is none: nobody minds two seconds. */
const STEP = "interval '2 seconds'";

/** Times in milliseconds since 1970. */
export type SharedTime = {
  /** By the clock that processes share. */
  readonly nowMs: number;
  /** By which that is ahead of the database's own, since this was set back. */
  readonly aheadMs: number;
  /** By how many it was found set back just now. */
  readonly setBackMs: number;
};

const SELECT_TIME = `select (extract(epoch from clock_timestamp() + clock_ahead) * 1000)::float8 as now,
       (extract(epoch from clock_ahead) * 1000)::float8 as ahead,
       case when clock_timestamp() + clock_ahead < ${LATEST} - ${STEP} then 'behind'
            when clock_timestamp() + clock_ahead > clock_seen + interval '10 seconds' then 'well ahead' else 'near' end as stands
  from glasnik.installation`;
type TimeRow = { now: number; ahead: number; stands: 'behind' | 'well ahead' | 'near' };

/**
 * What the shared clock says: the database's, carried on where that was set back. Whoever notices such a step first puts right what
 * was reckoned by the earlier time: a feed that was due in five minutes is so still, and not in a day and five minutes.
 * @param knownMs what it says as far as this process knows; null when it asks for the first time
 */
export async function sharedTime(db: Database, knownMs: number | null): Promise<SharedTime> {
  const { rows } = await db.query<TimeRow>(SELECT_TIME, [knownMs]);
  const { now, ahead, stands } = rows[0]!;
  if (stands === 'behind') return db.tx((tx) => carryOn(tx, knownMs));
  if (stands === 'well ahead')
    await db.query(
      'update glasnik.installation set clock_seen = greatest(clock_seen, clock_timestamp() + clock_ahead)',
    );
  return { nowMs: now, aheadMs: ahead, setBackMs: 0 };
}

async function carryOn(tx: Queryable, knownMs: number | null): Promise<SharedTime> {
  const { rows: stepped } = await tx.query<{ step: string; ms: number }>(
    `with before as (select clock_ahead from glasnik.installation for update)
     update glasnik.installation i
        set clock_ahead = make_interval(secs => extract(epoch from ${LATEST} - clock_timestamp()))
       from before
      where clock_timestamp() + i.clock_ahead < ${LATEST} - ${STEP}
     returning (i.clock_ahead - before.clock_ahead)::text as step,
               (extract(epoch from i.clock_ahead - before.clock_ahead) * 1000)::float8 as ms`,
    [knownMs],
  );
  if (stepped[0]) {
    await tx.query(
      `update glasnik.feeds
          set next_fetch_at = case when next_fetch_at > now() then next_fetch_at - $1::interval else next_fetch_at end,
              retry_until = retry_until - $1::interval,
              leased_until = leased_until - $1::interval,
              last_fetched_at = least(last_fetched_at, now()),
              last_success_at = least(last_success_at, now())`,
      [stepped[0].step],
    );
    await tx.query(
      `update glasnik.hosts
          set free_at = least(free_at, now()), retry_until = retry_until - $1::interval, leased_until = leased_until - $1::interval`,
      [stepped[0].step],
    );
  }
  const { rows } = await tx.query<TimeRow>(SELECT_TIME, [knownMs]);
  return { nowMs: rows[0]!.now, aheadMs: rows[0]!.ahead, setBackMs: stepped[0]?.ms ?? 0 };
}
