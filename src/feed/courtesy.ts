/** The pause between two requests to one host, and when a 429 or 503 speaks for the whole host. */

const LONGEST_PAUSE_MS = 2000;

/** Milliseconds for which a host is left in peace after an answer: as long as it took, at most two seconds. */
export const hostPauseMs = (answerMs: number): number => Math.max(0, Math.min(LONGEST_PAUSE_MS, Math.round(answerMs)));

/** A feed of the host that was told to wait. */
export type HeldFeed = { readonly feedId: number; readonly until: Date };

/**
 * Until when a whole host is to be left alone after `now` one of its feeds was told to wait: null while it is the only one (a feed
 * behind a slow script says nothing of its neighbours), from the second feed on the latest of their times.
 */
export function hostHeldUntil(told: HeldFeed, others: readonly HeldFeed[], now: Date): Date | null {
  const held = others.filter(({ feedId, until }) => feedId !== told.feedId && until > now);
  if (held.length === 0) return null;
  return new Date(Math.max(told.until.getTime(), ...held.map(({ until }) => until.getTime())));
}
