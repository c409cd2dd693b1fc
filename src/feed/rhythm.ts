/**
 * When a feed publishes: items counted by hour of the week (UTC, 168 cells from Thursday 00:00, where the epoch began), older weeks
 * weighing less. A value, not an object: `withPublished` gives the next one.
 */
export type Rhythm = {
  /** Seconds since 1970 from which on every item of the feed has been counted. */
  readonly sinceS: number;
  /** Week of the epoch to which the counts are decayed. */
  readonly week: number;
  /** Decayed counts, one a cell. */
  readonly counts: readonly number[];
};

const HOUR_MS = 3_600_000;
const CELLS = 168;
const HOUR_S = 3600;
const WEEK_S = CELLS * HOUR_S;
/** A week weighs 0.8 of the next one: the memory is about five weeks, so summer time and a new schedule are learnt in one. */
const DECAY = 0.8;
/** What is believed of a feed never seen: an item in two hours, forgotten within half a day of watching. */
const PRIOR_RATE = 0.5;
const PRIOR_HOURS = 12;
/** Hours of watching that the day's profile, and the whole week's mean, weigh against what a cell itself has shown. */
const DAY_WEIGHT = 1;
const MEAN_WEIGHT = 1;
const ENCODED_BYTES = 8 + CELLS * 2;
const COUNT_STEP = 64;

/** Nothing counted yet, watched from `nowMs` on. */
export const emptyRhythm = (nowMs: number): Rhythm => ({
  sinceS: Math.floor(nowMs / 1000),
  week: weekOf(nowMs),
  counts: new Array<number>(CELLS).fill(0),
});

/**
 * The rhythm after these items, new in the feed, were found at `nowMs`. `publishedMs` are their dates (milliseconds since 1970, null
 * where the feed gives none: then the time of finding stands). A first document is its own history: the watching then began with
 * its oldest item of the last four weeks.
 */
export function withPublished(rhythm: Rhythm | null, publishedMs: readonly (number | null)[], nowMs: number): Rhythm {
  const times = publishedMs.map((time) => Math.min(time ?? nowMs, nowMs));
  const start = rhythm ?? emptyRhythm(oldestWithin(times, nowMs, 4 * WEEK_S * 1000));
  const week = Math.max(start.week, weekOf(nowMs));
  const counts = start.counts.map((count) => count * DECAY ** (week - start.week));
  for (const time of times) {
    if (time < start.sinceS * 1000) continue;
    counts[cellOf(time)]! += DECAY ** (week - weekOf(time));
  }
  return { sinceS: start.sinceS, week, counts };
}

const weekOf = (ms: number): number => Math.floor(ms / (WEEK_S * 1000));
const cellOf = (ms: number): number => Math.floor(ms / HOUR_MS) % CELLS;
const oldestWithin = (times: readonly number[], nowMs: number, spanMs: number): number =>
  times.reduce((oldest, time) => (time >= nowMs - spanMs && time < oldest ? time : oldest), nowMs);

/** Items an hour expected in the hour that holds `atMs`, as known at `nowMs`. */
export type ExpectedRate = (atMs: number) => number;

/**
 * The expected rate by hour. A cell that was watched little leans on its neighbours, on the same hour of the other days, and these on
 * the mean of the week: so a feed has a day's profile after a day and a week's after a fortnight.
 */
export function expectedRate(rhythm: Rhythm, nowMs: number): ExpectedRate {
  const watched = watchedHours(rhythm, nowMs);
  const decay = DECAY ** Math.max(0, weekOf(nowMs) - rhythm.week);
  const count = (cell: number): number => rhythm.counts[cell]! * decay;
  let items = PRIOR_RATE * PRIOR_HOURS;
  let hours = PRIOR_HOURS;
  for (let cell = 0; cell < CELLS; cell++) {
    items += count(cell);
    hours += watched(cell);
  }
  const mean = items / hours;
  const sums = (cells: readonly number[]): readonly [number, number] => [
    cells.reduce((sum, cell) => sum + count(cell), 0),
    cells.reduce((sum, cell) => sum + watched(cell), 0),
  ];
  return (atMs) => {
    const cell = cellOf(atMs);
    const [dayItems, dayHours] = sums([0, 1, 2, 3, 4, 5, 6].map((day) => (cell + day * 24) % CELLS));
    const day = (dayItems + MEAN_WEIGHT * mean) / (dayHours + MEAN_WEIGHT);
    const [ownItems, ownHours] = sums([cell, cell, (cell + 1) % CELLS, (cell + CELLS - 1) % CELLS]);
    return (ownItems / 2 + DAY_WEIGHT * day) / (ownHours / 2 + DAY_WEIGHT);
  };
}

/** Decayed hours for which each cell has been watched from `sinceS` to `nowMs`: a geometric series over its weeks. */
function watchedHours(rhythm: Rhythm, nowMs: number): (cell: number) => number {
  const first = Math.floor(rhythm.sinceS / HOUR_S);
  const last = Math.floor(nowMs / HOUR_MS);
  const week = Math.max(rhythm.week, weekOf(nowMs));
  const stillToCome = last + 1 - nowMs / HOUR_MS;
  return (cell) => {
    const firstWeek = Math.floor((first - cell + CELLS - 1) / CELLS);
    const lastWeek = Math.floor((last - cell) / CELLS);
    if (lastWeek < firstWeek) return 0;
    const newest = DECAY ** (week - lastWeek);
    const whole = (newest * (1 - DECAY ** (lastWeek - firstWeek + 1))) / (1 - DECAY);
    return cell === last % CELLS ? whole - newest * stillToCome : whole;
  };
}

/** Items a day over the whole time watched until `nowMs`, or null before a day has been watched. */
export function itemsADay(rhythm: Rhythm, nowMs: number): number | null {
  const watched = watchedHours(rhythm, nowMs);
  const decay = DECAY ** Math.max(0, weekOf(nowMs) - rhythm.week);
  const hours = rhythm.counts.reduce((sum, _, cell) => sum + watched(cell), 0);
  if (hours < 24) return null;
  return (24 * decay * rhythm.counts.reduce((sum, count) => sum + count, 0)) / hours;
}

/** 344 bytes for a `bytea` column: since (seconds), week, and 168 counts in steps of 1/64 up to 1,023, all unsigned, big-endian. */
export function encodeRhythm(rhythm: Rhythm): Buffer {
  const bytes = Buffer.alloc(ENCODED_BYTES);
  bytes.writeUInt32BE(rhythm.sinceS, 0);
  bytes.writeUInt32BE(rhythm.week, 4);
  for (const [cell, count] of rhythm.counts.entries()) {
    bytes.writeUInt16BE(Math.min(0xffff, Math.round(count * COUNT_STEP)), 8 + cell * 2);
  }
  return bytes;
}

/** What `encodeRhythm` wrote; null for null and for bytes of another length. */
export function decodeRhythm(bytes: Uint8Array | null): Rhythm | null {
  if (bytes === null || bytes.length !== ENCODED_BYTES) return null;
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return {
    sinceS: view.readUInt32BE(0),
    week: view.readUInt32BE(4),
    counts: Array.from({ length: CELLS }, (_, cell) => view.readUInt16BE(8 + cell * 2) / COUNT_STEP),
  };
}
