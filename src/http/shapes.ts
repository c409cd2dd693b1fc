import { z } from 'zod';
import { COOPERATION, ORGS, TOPICS } from '../tag/tags.ts';

/** What the answers look like, for /openapi.json. Rows come from our own views, so they are described and not checked again. */
const time = z.iso.datetime().describe('UTC');
const text = z.string().nullable();

export const itemShape = z
  .object({
    item_id: z.int(),
    story_id: z.int(),
    copy_of: z.int().nullable(),
    url: z.string(),
    title: z.string(),
    lead: text,
    image_url: text,
    author: text,
    lang: z.string(),
    published_at: time.nullable(),
    first_seen_at: time,
    updated_at: time,
    feed_id: z.int().nullable(),
    outlet: text,
    outlet_country: text,
    topic: z.enum(TOPICS),
    relevant: z.boolean(),
    relevance: z.number(),
    countries: z.array(z.string()),
    cooperation: z.array(z.enum(COOPERATION)),
    orgs: z.array(z.enum(ORGS)),
    kicker: text,
    marked: text,
  })
  .meta({ id: 'Item' });

export const storyShape = z
  .object({
    story_id: z.int(),
    title: z.string(),
    first_at: time,
    last_at: time,
    items: z.int().describe('How many reports'),
    outlets: z.int(),
    langs: z.array(z.string()),
    countries: z.array(z.string()),
    cooperation: z.array(z.enum(COOPERATION)),
  })
  .meta({ id: 'Story' });

export const feedShape = z
  .object({
    feed_id: z.int(),
    url: z.string(),
    title: text,
    outlet: text,
    outlet_country: text,
    lang: text,
    state: z.enum(['active', 'failing', 'gone', 'disabled']),
    last_fetched_at: time.nullable(),
    last_success_at: time.nullable(),
    next_fetch_at: time,
    interval_s: z.int().nullable(),
    failures: z.int(),
    last_error: text,
    items_total: z.int(),
    items_relevant: z.int(),
    kind: text,
    homepage: text,
    health: text,
    next_why: z.string(),
  })
  .meta({ id: 'Feed' });

export const readNextShape = z
  .object({
    rank: z.int(),
    related_item_id: z.int(),
    story_id: z.int(),
    url: z.string(),
    title: z.string(),
    lead: text,
    kicker: text,
    image_url: text,
    outlet: text,
    lang: z.string(),
    published_at: time.nullable(),
    score: z.number(),
    reasons: z.array(z.string()),
  })
  .meta({ id: 'ReadNextEntry' });

export const changeShape = z
  .object({
    seq: z.int(),
    kind: z.enum(['new', 'changed', 'gone']),
    at: time,
    item_id: z.int(),
    item: itemShape.nullable(),
  })
  .meta({ id: 'Change' });

export const problemShape = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    errors: z.array(z.object({ parameter: z.string(), expected: z.string() })).optional(),
  })
  .meta({ id: 'Problem' });

const nextCursor = z.string().nullable();
export const itemsAnswer = z.object({ items: z.array(itemShape), next_cursor: nextCursor });
export const storiesAnswer = z.object({ stories: z.array(storyShape), next_cursor: nextCursor });
export const feedsAnswer = z.object({ feeds: z.array(feedShape), next_cursor: nextCursor });
export const storyAnswer = storyShape.extend({ reports: z.array(itemShape) });
export const readNextAnswer = z.object({ article: itemShape.nullable(), items: z.array(readNextShape) });
export const changesAnswer = z.object({ changes: z.array(changeShape), last_seq: z.int() });

/** An answer beside the problems that a route may have; `problems` are their statuses. */
export const answers = <T extends z.ZodType>(ok: T, ...problems: readonly number[]) => ({
  200: ok,
  ...Object.fromEntries([400, 429, ...problems].map((status) => [status, problemShape])),
});
