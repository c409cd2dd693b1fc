import type { FastifyPluginAsync } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { writeOpml } from '../store/catalogue.ts';
import { attemptsOf, feedById, listFeeds, pageOfFeeds } from '../store/feeds.ts';
import type { HttpHouse } from './app.ts';
import { feedCursor, readFeedCursor } from './cursor.ts';
import { idParams, pageOf } from './parameters.ts';
import { Problem } from './problem.ts';
import { answers, feedShape, feedsAnswer } from './shapes.ts';

const attempt = z.object({
  at: z.iso.datetime(),
  outcome: z.string(),
  reason: z.string().nullable(),
  status: z.int().nullable(),
  ms: z.int(),
  bytes: z.int(),
  new: z.int(),
  why: z.string().nullable(),
});

/** `/v1/feeds`, `/v1/feeds/:id` and `/opml`: the catalogue as anybody may read it. */
export const feedRoutes: FastifyPluginAsync<HttpHouse> = async (instance, { db }) => {
  const app = instance.withTypeProvider<ZodTypeProvider>();

  app.get(
    '/v1/feeds',
    {
      schema: {
        tags: ['feeds'],
        summary: 'The feeds, by id',
        querystring: z.strictObject(pageOf),
        response: answers(feedsAnswer),
      },
    },
    async (request, reply) => {
      const { limit, cursor } = request.query;
      const rows = await pageOfFeeds(db, readFeedCursor(cursor), limit + 1);
      const page = rows.slice(0, limit);
      reply.header('cache-control', 'no-cache');
      return { feeds: page, next_cursor: rows.length > limit ? feedCursor(page.at(-1)!) : null } as never;
    },
  );

  app.get(
    '/v1/feeds/:id',
    {
      schema: {
        tags: ['feeds'],
        summary: 'One feed with its last attempts, newest first',
        params: idParams,
        response: answers(feedShape.extend({ attempts: z.array(attempt) }), 404),
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      const feed = await feedById(db, id);
      if (!feed) throw new Problem(404, 'not-found', `There is no feed ${id}`);
      reply.header('cache-control', 'no-cache');
      return { ...feed, attempts: await attemptsOf(db, id) } as never;
    },
  );

  app.get('/opml', { schema: { tags: ['feeds'], summary: 'The feeds as OPML 2.0' } }, async (_, reply) =>
    reply
      .type('text/x-opml; charset=utf-8')
      .header('cache-control', 'public, max-age=300')
      .send(writeOpml(await listFeeds(db))),
  );
};
