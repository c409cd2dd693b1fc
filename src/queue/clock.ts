import type { Logger } from '../log.ts';
import { sharedTime } from '../store/clock.ts';
import type { Database } from '../store/database.ts';

/** The clock that processes share, as this process keeps it; `stop` gives the process its machine's clock back. */
export type SharedClock = { stop(): void };

/** So often the database is asked. Between two answers the process goes on by a clock that nobody can set. */
const ASK_EVERY_MS = 3000;
/** From here on a difference is told, in the log as by `doctor`. */
const TOLD_FROM_MS = 2000;

const ownNow = Date.now;

/**
 * Makes `Date.now()` of this process the clock of the installation: the monotonic one, which no administrator and no time server
 * sets, plus what the database last said. BullMQ reckons by `Date.now()` of whoever speaks: locks and deduplication on PostgreSQL,
 * delays and schedules on both backends. A worker that is an hour ahead would take every job of the others for abandoned, and what it
 * put off would be put off for an hour; one whose clock jumps would do so from one moment to the next. BullMQ takes no clock as an
 * argument, so it gets one this way (docs/decisions/012-one-clock.md). `new Date()` stays the machine's.
 * @throws what the database says when it is first asked
 */
export async function keepSharedClock(db: Database, log: Logger): Promise<SharedClock> {
  /** The shared clock's milliseconds since 1970 less `performance.now()`. */
  let offset: number | null = null;
  /** By how much it is ahead of the database's own, where that was set back. */
  let carriedMs = 0;
  /** By how much the machine's clock was ahead when that was last told; null when it agreed. */
  let told: number | null = null;
  const now = () => performance.now() + (offset ?? 0);
  /** The answer was given between question and answer: an offset that fits into that is right, another is set to its middle. */
  const ask = async (): Promise<void> => {
    const before = performance.now();
    const { nowMs, aheadMs, setBackMs } = await sharedTime(db, offset === null ? null : now());
    const after = performance.now();
    const [least, most] = [nowMs - after, nowMs - before];
    carriedMs = aheadMs;
    if (offset === null || offset < least || offset > most) offset = (least + most) / 2;
    if (setBackMs)
      log.warn(
        { setBackS: Math.round(setBackMs / 1000) },
        "the database's clock was set back: due times were put right, and jobs go on as if it had not been",
      );
  };
  const tell = (): void => {
    const ahead = ownNow() - (now() - carriedMs);
    if (Math.abs(ahead) < TOLD_FROM_MS) {
      if (told !== null) log.info("this machine's clock agrees with the database's again");
      told = null;
    } else if (told === null || Math.abs(ahead - told) >= TOLD_FROM_MS) {
      log.warn(
        { aheadS: Math.round(ahead / 1000) },
        "this machine's clock is not the database's: let it keep time (what is shared goes by the database's)",
      );
      told = ahead;
    }
  };
  await ask();
  Date.now = () => Math.floor(now());
  tell();
  const timer = setInterval(() => {
    ask().then(tell, (error) => log.debug({ err: error }, 'the database could not be asked for the time'));
  }, ASK_EVERY_MS);
  timer.unref();
  return {
    stop() {
      clearInterval(timer);
      Date.now = ownNow;
    },
  };
}
