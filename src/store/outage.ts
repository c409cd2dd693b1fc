import type { Logger } from '../log.ts';

/** Tells of lost connections once an outage, and when the server answers again. */
export type OutageTeller = {
  lost(error: Error, what: string): void;
  /** A new connection was made. */
  answers(): void;
};

/**
 * A server that goes away takes all connections of a process with it, within moments: the first is a warning that says what
 * happened, the others are for who looks closely.
 */
export function tellOutages(log: Logger): OutageTeller {
  let lost = 0;
  return {
    lost(error, what) {
      lost++;
      const { code, message } = error as Error & { code?: string };
      if (lost === 1)
        log.warn({ code, reason: message }, `${what} was lost; it is made anew as soon as the server answers`);
      else log.debug({ code, reason: message }, `${what} was lost too`);
    },
    answers() {
      if (lost > 0) log.info({ connections: lost }, 'the database answers again');
      lost = 0;
    },
  };
}
