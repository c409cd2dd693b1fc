import { keepable } from '../src/readnext/expect.ts';
import { listKeys } from '../src/readnext/keys.ts';
import { type Candidate, type Entry, entryFor, LIST_LENGTH, makeList, WORTH_A_LIST } from '../src/readnext/rank.ts';
import { sayReason } from '../src/readnext/reasons.ts';
import { judgeOnce } from '../src/readnext/score.ts';
import { announce } from '../src/store/articles.ts';
import type { Database, Queryable } from '../src/store/database.ts';
import { type ListEntry, type Neighbour, neighbours, offerToLists, writeLists } from '../src/store/lists.ts';
import { type Memory, memoryOf, recall, remember } from '../src/store/memory.ts';
import { refreshStories } from '../src/store/prune.ts';
import {
  applyStories,
  beginRelating,
  densities,
  leaveOutbox,
  type RelatedRow,
  storyCandidates,
  takeUnrelated,
  writeSketches,
} from '../src/store/relate.ts';
import { DEFAULT_WINDOW_HOURS, type RelateItem, type RelateResult, relateBatch } from '../src/story/cluster.ts';
import { type Features, storyFeatures } from '../src/story/features.ts';
import { sketchOf } from '../src/story/sketch.ts';
import { MAX_CANDIDATES, MAX_MEMBERS } from '../src/story/window.ts';
import { weighSoftly } from '../src/tag/tagger.ts';
import type { SoftTags } from '../src/tag/tags.ts';

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
/** And of all these the 90 that share most are scored; 150 rank no better on labelled sets and cost a third more an item. */
const MOST_NEIGHBOURS = 90;

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
    const done = await db.tx((tx) => relateNext(tx, memoryOf(db), size));
    if (done === null) return { related, elsewhere: true };
    related += done;
    if (done < size) break;
    const took = performance.now() - began;
    if (took < GROW_MS) size = Math.min(BATCH, 2 * size);
    else if (took > SHRINK_MS) size = Math.max(1, size >> 1);
  }
  return { related, elsewhere: false };
}

async function relateNext(tx: Queryable, memory: Memory, most: number): Promise<number | null> {
  if (!(await beginRelating(tx))) return null;
  const batch = (await takeUnrelated(tx, most)).map(withFeatures);
  if (!batch.length) return 0;
  const { touched, evidence } = await findStories(tx, memory, batch);
  await keepSketches(tx, memory, batch, evidence);
  await findNeighbours(tx, memory, batch);
  await leaveOutbox(
    tx,
    batch.map((item) => item.row.item_id),
  );
  await announce(tx, touched);
  return batch.length;
}

type Ready = {
  readonly row: RelatedRow;
  readonly features: Features;
  /** How likely its tags are, of items that lists are made for and of. */
  readonly soft: SoftTags | undefined;
};

/** An item with a moment to stand at: without a date of its own, that is when it was first seen. */
const withFeatures = (row: RelatedRow): Ready => {
  const { lang, title, lead: summary, outlet_country: outletCountry } = row;
  const features = storyFeatures({ lang, title, summary, publishedAt: row.sort_at, tags: row as never });
  const soft = isListed(row) ? keepable(weighSoftly({ title, summary, lang, outletCountry })) : undefined;
  return { row, features, soft };
};

/** Lists are made for these; of these, but for what may be of the beat and is not held for it. */
const isListed = (row: RelatedRow): boolean =>
  !row.hidden && (row.relevant || row.topic !== 'other' || row.relevance >= WORTH_A_LIST);

/** Moves the batch into stories; says of which items sites see something else now, and why the batch is where it is. */
async function findStories(
  tx: Queryable,
  memory: Memory,
  batch: readonly Ready[],
): Promise<{ touched: readonly number[]; evidence: RelateResult['evidence'] }> {
  const wanted = batch.map((b) => ({ itemId: b.row.item_id, at: b.row.sort_at, keys: b.features.keys }));
  const { storiesOf, reports } = await storyCandidates(tx, wanted, {
    windowHours: DEFAULT_WINDOW_HOURS,
    most: MAX_CANDIDATES,
    members: MAX_MEMBERS,
  });
  const known = await recall(tx, memory, reports);
  const stored = reports.flatMap((row): RelateItem[] => {
    const { sketch, addressKey } = known.get(row.item_id) ?? {};
    if (!sketch || addressKey === undefined) return [];
    return [{ id: row.item_id, story: row.story_id, copyOf: row.copy_of, features: sketch, key: addressKey }];
  });
  const reportsOf = new Map<number, number[]>();
  for (const { story_id, item_id } of reports) reportsOf.set(story_id, [...(reportsOf.get(story_id) ?? []), item_id]);
  const nearTo = ({ row }: Ready) =>
    [...(storiesOf.get(row.item_id) ?? []), row.story_id].flatMap((story) => reportsOf.get(story) ?? []);
  const result = relateBatch({
    batch: batch.map(({ row, features }) => ({
      ...{ id: row.item_id, story: row.story_id, copyOf: row.copy_of, features, key: row.address_key },
    })),
    stored,
    near: new Map(batch.map((b) => [b.row.item_id, new Set(nearTo(b))])),
    densityAt: await densityBy(tx, batch),
  });
  const { touchedItems, touchedStories } = await applyStories(tx, {
    moves: [...result.stories].map(([itemId, storyId]) => ({ itemId: itemId as number, storyId: storyId as number })),
    joins: result.joins.map(({ from, to }) => ({ from: from as number, to: to as number })),
    copies: [...result.copyOf].map(([itemId, copyOf]) => ({ itemId: itemId as number, copyOf: copyOf as number })),
  });
  await refreshStories(
    tx,
    [...new Set([...touchedStories, ...batch.map((b) => b.row.story_id)])].sort((a, b) => a - b),
  );
  return { touched: touchedItems, evidence: result.evidence };
}

/** How crowded it is on the days of the batch. */
async function densityBy(tx: Queryable, batch: readonly Ready[]): Promise<(at: number | null) => number> {
  const days = [...new Set(batch.map((b) => dayOf(b.row.sort_at)))];
  const counts = await densities(
    tx,
    days.map((day) => new Date(day)),
  );
  const density = new Map(days.map((day, i) => [day, counts[i] ?? 0]));
  return (at) => density.get(dayOf(new Date(at ?? 0))) ?? 0;
}

/** Stores what was computed of the batch, for whatever comes later and for `explain`. */
async function keepSketches(
  tx: Queryable,
  memory: Memory,
  batch: readonly Ready[],
  evidence: RelateResult['evidence'],
): Promise<void> {
  const version = await writeSketches(
    tx,
    batch.map(({ row, features, soft }) => ({
      ...{
        itemId: row.item_id,
        at: row.sort_at,
        sketch: sketchOf(features),
        evidence: evidence.get(row.item_id),
        soft,
      },
      keys: [...features.keys, ...(isListed(row) ? listKeys(row as never, features.keys, soft).map((k) => k.key) : [])],
    })),
  );
  for (const { row, features, soft } of batch)
    remember(memory, row.item_id, version, {
      ...{ sketch: sketchOf(features), addressKey: row.address_key, outlet: row.outlet },
      ...{ lang: row.lang, tags: row as never, soft },
    });
}

const DAY = 86_400_000;
const dayOf = (date: Date): number => Math.floor(date.getTime() / DAY) * DAY;

/** Lists of the batch's items, and the offers that these are to the lists of their neighbours. */
async function findNeighbours(tx: Queryable, memory: Memory, batch: readonly Ready[]): Promise<void> {
  const listed = batch.filter((b) => isListed(b.row));
  const unlisted = batch.filter((b) => !isListed(b.row)).map((b) => b.row.item_id);
  if (unlisted.length) await writeLists(tx, unlisted, []);
  if (!listed.length) return;
  const { near, items } = await neighbours(
    tx,
    memory,
    listed.map(({ row, features, soft }) => ({
      ...{ itemId: row.item_id, at: row.sort_at, keys: listKeys(row as never, features.keys, soft) },
    })),
    { perKey: NEIGHBOURS_PER_KEY, most: MOST_NEIGHBOURS },
  );
  const stories = await storiesNow(
    tx,
    listed.map((b) => b.row.item_id),
  );
  const ready = new Map([...items.values()].map((row) => [row.item_id, toCandidate(row)]));
  const own: ListEntry[] = [];
  const offers: ListEntry[] = [];
  for (const { row, features, soft } of listed) {
    const article: Candidate = {
      ...{ id: row.item_id, story: stories.get(row.item_id) ?? row.story_id, outlet: row.outlet },
      ...{ lang: row.lang, isCopy: row.copy_of !== null, tags: row as never, soft, features },
    };
    const candidates = (near.get(row.item_id) ?? []).map((id) => ready.get(id)).filter((c) => c !== undefined);
    const judge = judgeOnce(features);
    own.push(...makeList(article, candidates, LIST_LENGTH, judge).map((entry) => toListEntry(row.item_id, entry)));
    for (const candidate of candidates) {
      const offer = entryFor(candidate, article, judge);
      if (offer) offers.push(toListEntry(candidate.id as number, offer));
    }
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

async function storiesNow(tx: Queryable, ids: readonly number[]): Promise<Map<number, number>> {
  const { rows } = await tx.query<{ item_id: number; story_id: number }>(
    'select item_id, story_id from glasnik.items where item_id = any ($1)',
    [ids],
  );
  return new Map(rows.map((row) => [row.item_id, row.story_id]));
}

const toCandidate = (row: Neighbour): Candidate => ({
  ...{ id: row.item_id, story: row.story_id, outlet: row.outlet },
  ...{ lang: row.lang, isCopy: row.copy_of !== null, tags: row.tags, soft: row.soft, features: row.sketch },
});

const toListEntry = (itemId: number, { candidate, score, reasons }: Entry): ListEntry => ({
  itemId,
  storyId: candidate.story as number,
  score,
  reasons: () => reasons.map(sayReason),
});
