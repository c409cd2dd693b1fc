import { itemsADay, type Rhythm } from './rhythm.ts';

/** What is wrong with a feed that answers: `html` a page instead of a feed, `empty` no entries, `stale` silent against its own rhythm. */
export type FeedHealth = { readonly state: 'ok' | 'empty' | 'stale' | 'html'; readonly says: string | null };

export type HealthInput = {
  /** The last answer was a page of HTML. */
  readonly isHtml: boolean;
  /** Entries of the last document; null where none was read yet. */
  readonly entries: number | null;
  /** When the newest item known of this feed was published (or found), or null. */
  readonly newestAt: Date | null;
  readonly rhythm: Rhythm | null;
  readonly now: Date;
};

const DAY_MS = 86_400_000;
/** A feed is silent when this many items are overdue by its own rhythm, and three days have passed (a long weekend is no illness). */
const ITEMS_OVERDUE = 12;
const QUIET_DAYS = 3;
/** Whatever its rhythm: two months without an item. */
const SILENT_DAYS = 60;

/** The health of a feed that answered 200 or 304, as a word and as a sentence (null when all is well). */
export function judgeHealth({ isHtml, entries, newestAt, rhythm, now }: HealthInput): FeedHealth {
  if (isHtml) return { state: 'html', says: 'answers with a web page instead of a feed' };
  if (entries === 0) return { state: 'empty', says: 'answers with a feed that has no entries' };
  if (newestAt === null) return { state: 'ok', says: null };
  const silentDays = (now.getTime() - newestAt.getTime()) / DAY_MS;
  // The rhythm as it was when the silence began: the silence itself must not make it look normal.
  const usual = rhythm === null ? null : itemsADay(rhythm, newestAt.getTime());
  const overdue = usual === null ? 0 : usual * silentDays;
  const isStale = silentDays >= SILENT_DAYS || (silentDays >= QUIET_DAYS && overdue >= ITEMS_OVERDUE);
  if (!isStale) return { state: 'ok', says: null };
  const used =
    usual === null ? '' : `, where it used to bring ${usual >= 1 ? Math.round(usual) : usual.toFixed(1)} a day`;
  return { state: 'stale', says: `has brought nothing new for ${Math.floor(silentDays)} days${used}` };
}
