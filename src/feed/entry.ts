/** One entry of a feed document, in the normal form that every format is mapped to. Texts are plain text, never HTML. */
export type Entry = {
  readonly title: string | null;
  /** The permalink as published, made absolute; not canonicalised (that is `item/`'s decision). */
  readonly url: string | null;
  /** guid / atom:id / JSON Feed id, as published, trimmed. */
  readonly id: string | null;
  /** ISO 8601 in UTC, or null where the feed says nothing that can be believed. */
  readonly publishedAt: string | null;
  readonly updatedAt: string | null;
  /** The lead as plain text, whole; `item/` cuts it. */
  readonly summary: string | null;
  readonly author: string | null;
  readonly imageUrl: string | null;
  readonly categories: readonly string[];
};

/** What a feed says about when to come back; all of it is a hint, and many feeds lie. */
export type FeedHints = {
  readonly ttlMinutes: number | null;
  /** sy:updatePeriod divided by sy:updateFrequency, in seconds. */
  readonly updatePeriodS: number | null;
  /** Hours (0–23, UTC) and days (0 Sunday … 6) in which the feed asks not to be read. */
  readonly skipHours: readonly number[];
  readonly skipDays: readonly number[];
};

/** A feed document, read. */
export type ParsedFeed = {
  readonly title: string | null;
  readonly link: string | null;
  /** BCP 47 as the feed says it, or null. */
  readonly lang: string | null;
  readonly items: readonly Entry[];
};

/** The only error that reading a feed document throws. */
export class FeedError extends Error {
  override readonly name = 'FeedError';
  readonly reason: 'not-a-feed' | 'unreadable';
  constructor(reason: 'not-a-feed' | 'unreadable', message: string) {
    super(message);
    this.reason = reason;
  }
}
