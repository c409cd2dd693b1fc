import { neighbourKeys, STORY_KEY_WEIGHT } from '../src/readnext/keys.ts';
import { type Candidate, LIST_LENGTH, makeList } from '../src/readnext/rank.ts';
import { sayReason } from '../src/readnext/reasons.ts';
import { announce } from '../src/store/articles.ts';
import type { Database, Queryable } from '../src/store/database.ts';
import { type ListEntry, neighbours, offerToLists, writeLists } from '../src/store/lists.ts';
import { refreshStories } from '../src/store/prune.ts';
import {
  applyStories,
  beginRelating,
  densities,
  leaveOutbox,
  type RelatedRow,
  storyCandidates,
  takeUnrelated,
  writeFeatures,
  writeStoryEvidence,
} from '../src/store/relate.ts';
import { DEFAULT_WINDOW_HOURS, type RelateItem, relateBatch } from '../src/story/cluster.ts';
import { type Features, storyFeatures } from '../src/story/features.ts';
import { MAX_CANDIDATES, MAX_MEMBERS } from '../src/story/window.ts';

/** Items a batch: small enough that nobody waits for the lock longer than a few seconds. */
const BATCH = 200;
/**
 * The first batch is small and later ones grow while they take less than GROW_MS: a transaction that lasts too long is ended by the
 * server (`beginRelating`), and on a machine that is busy, or that kills its workers every few seconds, batches of one size would
 * be ended again and again, and the outbox never get shorter.
 */
const FIRST_BATCH = 25;
const GROW_MS = 1000;
const SHRINK_MS = 3000;
/** Of each key, so many neighbours on each side in time are looked at: lists hold 24 stories. */
const NEIGHBOURS_PER_KEY = 40;
/** And of all these the 150 that share most are scored. */
const MOST_NEIGHBOURS = 150;

/**
 * Relates the outbox until it is empty: new items find their story, then their neighbours. One batch at a time in the whole
 * installation; where another process relates now, this one leaves it to it.
 * @returns how many items were related here, and whether the outbox was left to another
 */
export async function relate(db: Database, stop?: AbortSignal): Promise<{ related: number; elsewhere: boolean }> {
  let related = 0;
  let size = FIRST_BATCH;
  while (!stop?.aborted) {
    const began = performance.now();
    const done = await db.tx((tx) => relateNext(tx, size));
    if (done === null) return { related, elsewhere: true };
    related += done;
    if (done < size) break;
    const took = performance.now() - began;
    if (took < GROW_MS) size = Math.min(BATCH, 2 * size);
    else if (took > SHRINK_MS) size = Math.max(1, size >> 1);
  }
  return { related, elsewhere: false };
}

async function relateNext(tx: Queryable, most: number): Promise<number | null> {
  if (!(await beginRelating(tx))) return null;
  const batch = (await takeUnrelated(tx, most)).map(withFeatures);
  if (!batch.length) return 0;
  await writeFeatures(
    tx,
    batch.map((item) => ({
      itemId: item.row.item_id,
      at: item.row.sort_at,
      features: item.features,
      keys: isListed(item.row)
        ? [...item.features.keys, ...neighbourKeys(item.row as never).map((k) => k.key)]
        : item.features.keys,
    })),
  );
  const touched = await findStories(tx, batch);
  await findNeighbours(tx, batch);
  await leaveOutbox(
    tx,
    batch.map((item) => item.row.item_id),
  );
  await announce(tx, touched);
  return batch.length;
}

type Ready = { readonly row: RelatedRow; readonly features: Features };

/** An item with a moment to stand at: without a date of its own, that is when it was first seen. */
const withFeatures = (row: RelatedRow): Ready => ({
  row,
  features: storyFeatures({
    lang: row.lang,
    title: row.title,
    summary: row.lead,
    publishedAt: row.sort_at,
    tags: row as never,
  }),
});

/** Lists are made for these, and of these. */
const isListed = (row: RelatedRow): boolean => !row.hidden && (row.relevant || row.topic !== 'other');

const toRelateItem = (row: RelatedRow, features: Features): RelateItem => ({
  id: row.item_id,
  story: row.story_id,
  copyOf: row.copy_of,
  features,
  key: row.address_key,
});

/** Moves the batch into stories; returns the items of which sites see something else now. */
async function findStories(tx: Queryable, batch: readonly Ready[]): Promise<number[]> {
  const wanted = batch.map((b) => ({ itemId: b.row.item_id, at: b.row.sort_at, keys: b.features.keys }));
  const stored = await storyCandidates(tx, wanted, {
    windowHours: DEFAULT_WINDOW_HOURS,
    most: MAX_CANDIDATES,
    members: MAX_MEMBERS,
  });
  const moments = [...new Set(batch.map((b) => dayOf(b.row.sort_at)))];
  const counts = await densities(
    tx,
    moments.map((day) => new Date(day)),
  );
  const density = new Map(moments.map((day, i) => [day, counts[i] ?? 0]));
  const result = relateBatch({
    batch: batch.map((b) => toRelateItem(b.row, b.features)),
    stored: stored.map((row) => toRelateItem(row, row.features as Features)),
    densityAt: (at) => density.get(dayOf(new Date(at ?? 0))) ?? 0,
  });
  const { touchedItems, touchedStories } = await applyStories(tx, {
    moves: [...result.stories].map(([itemId, storyId]) => ({ itemId: itemId as number, storyId: storyId as number })),
    joins: result.joins.map(({ from, to }) => ({ from: from as number, to: to as number })),
    copies: [...result.copyOf].map(([itemId, copyOf]) => ({ itemId: itemId as number, copyOf: copyOf as number })),
  });
  await writeStoryEvidence(
    tx,
    [...result.evidence].map(([itemId, evidence]) => ({ itemId: itemId as number, evidence })),
  );
  await refreshStories(
    tx,
    [...new Set([...touchedStories, ...batch.map((b) => b.row.story_id)])].sort((a, b) => a - b),
  );
  return touchedItems;
}

const DAY = 86_400_000;
const dayOf = (date: Date): number => Math.floor(date.getTime() / DAY) * DAY;

/** Lists of the batch's items, and the offers that these are to the lists of their neighbours. */
async function findNeighbours(tx: Queryable, batch: readonly Ready[]): Promise<void> {
  const listed = batch.filter((b) => isListed(b.row));
  const unlisted = batch.filter((b) => !isListed(b.row)).map((b) => b.row.item_id);
  if (unlisted.length) await writeLists(tx, unlisted, []);
  if (!listed.length) return;
  const stories = await storiesNow(
    tx,
    batch.map((b) => b.row.item_id),
  );
  const { near, items } = await neighbours(
    tx,
    listed.map((b) => ({ itemId: b.row.item_id, at: b.row.sort_at, keys: lookedUpBy(b) })),
    { perKey: NEIGHBOURS_PER_KEY, most: MOST_NEIGHBOURS },
  );
  const ready = new Map(
    [...items.values()].map((row) => [row.item_id, toCandidate(row, row.story_id, row.features as Features)]),
  );
  const own: ListEntry[] = [];
  const offers: ListEntry[] = [];
  for (const { row, features } of listed) {
    const article = toCandidate(row, stories.get(row.item_id) ?? row.story_id, features);
    const candidates = (near.get(row.item_id) ?? []).map((id) => ready.get(id)).filter((c) => c !== undefined);
    own.push(...makeList(article, candidates, LIST_LENGTH).map((entry) => toListEntry(row.item_id, entry)));
    for (const candidate of candidates)
      offers.push(...makeList(candidate, [article], 1).map((entry) => toListEntry(candidate.id as number, entry)));
  }
  const ids = listed.map((b) => b.row.item_id);
  await writeLists(tx, ids, own);
  const fresh = new Set(ids);
  await offerToLists(
    tx,
    offers.filter((offer) => !fresh.has(offer.itemId)),
    LIST_LENGTH,
  );
}

const lookedUpBy = ({ row, features }: Ready) => [
  ...neighbourKeys(row as never),
  ...features.keys.map((key) => ({ key, weight: STORY_KEY_WEIGHT })),
];

async function storiesNow(tx: Queryable, ids: readonly number[]): Promise<Map<number, number>> {
  const { rows } = await tx.query<{ item_id: number; story_id: number }>(
    'select item_id, story_id from glasnik.items where item_id = any ($1)',
    [ids],
  );
  return new Map(rows.map((row) => [row.item_id, row.story_id]));
}

function toCandidate(row: RelatedRow, story: number, features: Features): Candidate {
  return { id: row.item_id, story, outlet: row.outlet, isCopy: row.copy_of !== null, tags: row as never, features };
}

const toListEntry = (
  itemId: number,
  { candidate, score, reasons }: ReturnType<typeof makeList>[number],
): ListEntry => ({
  itemId,
  storyId: candidate.story as number,
  score,
  reasons: reasons.map(sayReason),
});
