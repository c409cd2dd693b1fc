import { z } from 'zod';
import type { After } from '../store/items.ts';
import type { SearchPlace } from '../store/search.ts';
import type { StoryPlace } from '../store/stories.ts';
import { Problem } from './problem.ts';

/** A cursor is opaque to sites: a place in the order of its list, so that a walk neither skips nor repeats while items arrive. */
const moment = z.string().regex(/^\d{4,}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)?[+-]\d\d(:\d\d){0,2}$/);
const id = z.number().int().min(0);
const itemPlace = z.tuple([z.literal('i'), moment, id]);
const searchPlace = z.tuple([z.literal('q'), id, z.number(), id]);
/** As PostgreSQL writes a snapshot: `xmin:xmax:running,running`, in order; it takes no other. */
const snapshot = z
  .string()
  .regex(/^\d{1,18}:\d{1,18}:(\d{1,18}(,\d{1,18})*)?$/)
  .refine((given) => {
    const [first = '', end = '', running = ''] = given.split(':');
    const ids = [first, ...running.split(',').filter(Boolean), end].map(Number);
    return ids[0]! > 0 && ids.every((id, i) => i === 0 || ids[i - 1]! <= id);
  });
const storyPlace = z.tuple([z.literal('s'), moment, id, snapshot]);
const feedPlace = z.tuple([z.literal('f'), id]);

const encode = (...place: readonly unknown[]): string => Buffer.from(JSON.stringify(place)).toString('base64url');

function decode<T>(cursor: string, schema: z.ZodType<T>): T {
  try {
    return schema.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')));
  } catch {
    throw new Problem(400, 'bad-parameter', 'cursor: must be a next_cursor of this list, unchanged', {
      errors: [{ parameter: 'cursor', expected: 'a next_cursor of this list, unchanged' }],
    });
  }
}

export const itemCursor = (last: { sort_at: string; item_id: number }): string =>
  encode('i', last.sort_at, last.item_id);

/** @throws Problem 400 */
export function readItemCursor(cursor: string | undefined): After | null {
  if (!cursor) return null;
  const [, sortAt, itemId] = decode(cursor, itemPlace);
  return { sortAt, itemId };
}

export const searchCursor = (place: SearchPlace): string => encode('q', place.upTo, place.rank, place.itemId);

/** @throws Problem 400 */
export function readSearchCursor(cursor: string | undefined): SearchPlace | null {
  if (!cursor) return null;
  const [, upTo, rank, itemId] = decode(cursor, searchPlace);
  return { upTo, rank, itemId };
}

export const storyCursor = ({ lastAt, storyId, began }: StoryPlace): string => encode('s', lastAt, storyId, began);

/** @throws Problem 400 */
export function readStoryCursor(cursor: string | undefined): StoryPlace | null {
  if (!cursor) return null;
  const [, lastAt, storyId, began] = decode(cursor, storyPlace);
  return { lastAt, storyId, began };
}

export const feedCursor = (last: { feed_id: number }): string => encode('f', last.feed_id);

/** @throws Problem 400 */
export const readFeedCursor = (cursor: string | undefined): number => (cursor ? decode(cursor, feedPlace)[1] : 0);
