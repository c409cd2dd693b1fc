import type { FastifyPluginAsync } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { askForFetch } from '../store/ask.ts';
import { catalogueFeed, placeFeed, toCatalogue } from '../store/catalogue.ts';
import type { Database } from '../store/database.ts';
import {
  addFeeds,
  enableFeed,
  type FeedChange,
  type FeedRow,
  feedById,
  feedByUrl,
  type Placed,
  removeFeed,
  setFeed,
} from '../store/feeds.ts';
import { itemById } from '../store/items.ts';
import { MARKS, markItem } from '../store/marks.ts';
import type { HttpHouse } from './app.ts';
import type { Guard } from './guard.ts';
import { idParams } from './parameters.ts';
import { Problem } from './problem.ts';
import { feedShape, itemShape, problemShape } from './shapes.ts';

const UNIQUE_VIOLATION = '23505';

const feedChange = catalogueFeed
  .partial()
  .extend({ state: z.enum(['active', 'disabled']).optional() })
  .refine((change) => Object.keys(change).length > 0, 'must name something to change');

const problems = (...statuses: number[]) => Object.fromEntries([400, 401, ...statuses].map((s) => [s, problemShape]));
const secured = { security: [{ token: [] }] };

/** Everything that changes something; each needs the token. */
export const writeRoutes: FastifyPluginAsync<HttpHouse & { guard: Guard }> = async (instance, { db, guard }) => {
  const app = instance.withTypeProvider<ZodTypeProvider>();
  app.addHook('onRequest', guard.writing);
  app.addHook('onRequest', async (_, reply) => {
    reply.header('cache-control', 'no-store');
  });
  app.removeContentTypeParser('text/plain');

  app.post(
    '/v1/feeds',
    {
      schema: {
        tags: ['feeds'],
        summary: 'Adds a feed: 201, or 200 where its address is in the catalogue already',
        body: catalogueFeed,
        response: { 200: feedShape, 201: feedShape, ...problems() },
        ...secured,
      },
    },
    async (request, reply) => {
      const placed = placed400(placeFeed(request.body));
      const known = await feedByUrl(db, [placed.url]);
      const feedId = known ?? (await addFeeds(db, [placed]))[0]!.feed_id;
      reply.code(known === null ? 201 : 200).header('location', `/v1/feeds/${feedId}`);
      return (await existing(db, feedId)) as never;
    },
  );

  app.patch(
    '/v1/feeds/:id',
    {
      schema: {
        tags: ['feeds'],
        summary: 'Changes facts of a feed; null clears one. `state` switches it on (due now) or off',
        params: idParams,
        body: feedChange,
        response: { 200: feedShape, ...problems(404, 409) },
        ...secured,
      },
    },
    async (request) => {
      const { id } = request.params;
      const { state, ...facts } = request.body;
      const feed = await existing(db, id);
      const { url } = facts;
      const placed = url ? placed400(placeFeed({ ...toCatalogue(feed), ...facts, url })) : null;
      const change = {
        ...facts,
        ...(placed && { url: placed.url, host: placed.host, site: placed.site }),
      } as FeedChange;
      if (Object.keys(facts).length) await conflictAs409(setFeed(db, id, change));
      if (state) await enableFeed(db, id, state === 'active');
      return (await existing(db, id)) as never;
    },
  );

  app.delete(
    '/v1/feeds/:id',
    {
      schema: {
        tags: ['feeds'],
        summary: 'Stops and hides a feed; its items stay',
        params: idParams,
        response: { 204: z.null(), ...problems(404) },
        ...secured,
      },
    },
    async (request, reply) => {
      if (!(await removeFeed(db, request.params.id))) throw noFeed(request.params.id);
      return reply.code(204).send(null) as never;
    },
  );

  app.post(
    '/v1/feeds/:id/fetch',
    {
      schema: {
        tags: ['feeds'],
        summary: 'Makes a feed due now: 202, and a worker fetches it as soon as its host is free',
        params: idParams,
        response: {
          202: z.object({ feed_id: z.int(), under_way: z.boolean(), next_fetch_at: z.iso.datetime() }),
          ...problems(404, 409),
        },
        ...secured,
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      const asked = await askForFetch(db, id);
      if (!asked) throw noFeed(id);
      const { state, held_until: heldUntil, under_way, next_fetch_at } = asked;
      if (state === 'gone' || state === 'disabled')
        throw new Problem(409, 'not-asked', `Feed ${id} is ${state}: set its state to active first`);
      if (heldUntil) {
        reply.header('retry-after', Math.ceil((heldUntil.getTime() - Date.now()) / 1000));
        throw new Problem(
          409,
          'held-back',
          `Feed ${id} or its host asked to be left alone until ${heldUntil.toISOString()}`,
        );
      }
      return reply
        .code(202)
        .header('location', `/v1/feeds/${id}`)
        .send({ feed_id: id, under_way, next_fetch_at } as never);
    },
  );

  app.post(
    '/v1/items/:id/mark',
    {
      schema: {
        tags: ['items'],
        summary: "An editor's word over the machine's; null answers for an item that is now hidden",
        params: idParams,
        body: z.strictObject({ mark: z.enum(MARKS) }),
        response: {
          200: z.object({ item_id: z.int(), mark: z.enum(MARKS), item: itemShape.nullable() }),
          ...problems(404),
        },
        ...secured,
      },
    },
    async (request) => {
      const { id } = request.params;
      const { mark } = request.body;
      if (!(await markItem(db, id, mark))) throw new Problem(404, 'not-found', `There is no item ${id}`);
      return { item_id: id, mark, item: await itemById(db, id) } as never;
    },
  );
};

const noFeed = (id: number) => new Problem(404, 'not-found', `There is no feed ${id}`);

async function existing(db: Database, id: number): Promise<FeedRow> {
  const feed = await feedById(db, id);
  if (!feed) throw noFeed(id);
  return feed;
}

function placed400(placed: Placed | null): Placed {
  if (placed) return placed;
  throw new Problem(400, 'bad-parameter', 'url: must be an http or https address', {
    errors: [{ parameter: 'url', expected: 'an http or https address' }],
  });
}

async function conflictAs409<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if ((error as { code?: string }).code === UNIQUE_VIOLATION)
      throw new Problem(409, 'conflict', 'Another feed of the catalogue has this address');
    throw error;
  }
}
