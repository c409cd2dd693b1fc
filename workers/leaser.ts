import type { House } from './house.ts';
import { leaseMore } from './sweep.ts';

/** Leases what became possible when a host's pause ended, without waiting for the sweep. */
export type Leaser = {
  soon(pauseMs: number): void;
  /** Resolves when nothing is being leased any more (after `stop`). */
  ended(): Promise<void>;
};

/** At most ten times a second, whatever the number of fetches that end: a statement for all hosts. */
const GAP_MS = 100;

/** A host with many feeds would else ask one of them a sweep; so it asks the next one when its pause is over. */
export function openLeaser(house: House, stop: AbortSignal): Leaser {
  let timer: NodeJS.Timeout | undefined;
  let timerAt = Number.POSITIVE_INFINITY;
  let last = 0;
  let leasing: Promise<void> = Promise.resolve();
  const lease = async (): Promise<void> => {
    timer = undefined;
    timerAt = Number.POSITIVE_INFINITY;
    last = performance.now();
    if (stop.aborted) return;
    leasing = leaseMore(house).then(
      () => {},
      (error) => house.log.debug({ err: error }, 'the next feeds wait for the sweep'),
    );
    await leasing;
  };
  stop.addEventListener('abort', () => clearTimeout(timer), { once: true });
  return {
    ended: () => leasing,
    soon(pauseMs) {
      const at = Math.max(performance.now() + pauseMs + 1, last + GAP_MS);
      if (stop.aborted || at >= timerAt) return;
      clearTimeout(timer);
      timerAt = at;
      timer = setTimeout(() => void lease(), at - performance.now());
      timer.unref();
    },
  };
}
