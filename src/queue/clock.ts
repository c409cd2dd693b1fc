import type { Logger } from '../log.ts';
import type { Queryable } from '../store/database.ts';

/** The clock that processes share, as this process keeps it; `stop` gives the process its machine's clock back. */
export type SharedClock = { stop(): void };

/** So often the database is asked. Between two answers the process goes on by a clock that nobody can set. */
const ASK_EVERY_MS = 5000;
/** From here on a difference is told, in the log as by `doctor`. */
const TOLD_FROM_MS = 2000;

const ownNow = Date.now;

/**
 * Makes `Date.now()` of this process the database's clock: the monotonic one, which no administrator and no time server sets, plus
 * what the database last said. BullMQ reckons by `Date.now()` of whoever speaks: locks and deduplication on PostgreSQL, delays and
 * schedules on both backends. A worker that is an hour ahead would take every job of the others for abandoned, and what it put off
 * would be put off for an hour; one whose clock jumps would do so from one moment to the next. BullMQ takes no clock as an argument
 * (docs/decisions/012-one-clock.md), so it gets one this way. `new Date()` stays the machine's.
 * @throws what the database says when it is first asked
 */
export async function keepSharedClock(db: Queryable, log: Logger): Promise<SharedClock> {
  /** Database's milliseconds since 1970 less `performance.now()`. */
  let offset = 0;
  let told = false;
  /** The answer was given between question and answer: an offset that fits into that is right, another is set to its middle. */
  const ask = async (fits: (least: number, most: number) => boolean): Promise<void> => {
    const before = performance.now();
    const { rows } = await db.query<{ now: number }>(
      'select (extract(epoch from clock_timestamp()) * 1000)::float8 as now',
    );
    const after = performance.now();
    const [least, most] = [rows[0]!.now - after, rows[0]!.now - before];
    if (!fits(least, most)) offset = (least + most) / 2;
  };
  const tell = () => {
    const ahead = ownNow() - (performance.now() + offset);
    const apart = Math.abs(ahead) >= TOLD_FROM_MS;
    if (apart !== told)
      log[apart ? 'warn' : 'info'](
        { aheadS: Math.round(ahead / 100) / 10 },
        apart
          ? "this machine's clock is not the database's: let it keep time (the database's is used for all that is shared)"
          : "this machine's clock agrees with the database's again",
      );
    told = apart;
  };
  await ask(() => false);
  Date.now = () => Math.floor(performance.now() + offset);
  tell();
  const timer = setInterval(() => {
    ask((least, most) => least <= offset && offset <= most).then(tell, (error) =>
      log.debug({ err: error }, 'the database could not be asked for the time'),
    );
  }, ASK_EVERY_MS);
  timer.unref();
  return {
    stop() {
      clearInterval(timer);
      Date.now = ownNow;
    },
  };
}
