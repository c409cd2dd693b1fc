import { z } from 'zod';
import type { After } from '../store/items.ts';
import { Problem } from './problem.ts';

/** A cursor is opaque to sites: a place in the order of its list, so that a walk neither skips nor repeats while items arrive. */
const itemPlace = z.tuple([
  z.string().regex(/^\d{4,}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)?[+-]\d\d(:\d\d)?$/),
  z.number().int(),
]);
const feedPlace = z.tuple([z.number().int()]);

const encode = (place: readonly unknown[]): string => Buffer.from(JSON.stringify(place)).toString('base64url');

function decode<T>(cursor: string, schema: z.ZodType<T>): T {
  try {
    return schema.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')));
  } catch {
    throw new Problem(400, 'bad-parameter', 'cursor: must be a next_cursor of this list, unchanged', {
      errors: [{ parameter: 'cursor', expected: 'a next_cursor of this list, unchanged' }],
    });
  }
}

export const itemCursor = (last: { sort_at: string; item_id: number }): string => encode([last.sort_at, last.item_id]);

/** @throws Problem 400 */
export function readItemCursor(cursor: string | undefined): After | null {
  if (!cursor) return null;
  const [sortAt, itemId] = decode(cursor, itemPlace);
  return { sortAt, itemId };
}

export const feedCursor = (last: { feed_id: number }): string => encode([last.feed_id]);

/** @throws Problem 400 */
export const readFeedCursor = (cursor: string | undefined): number => (cursor ? decode(cursor, feedPlace)[0] : 0);
