import type { FastifyPluginAsync } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { pageOfFeeds } from '../store/feeds.ts';
import type { HttpHouse } from './app.ts';
import { feedCursor, readFeedCursor } from './cursor.ts';
import { pageOf } from './parameters.ts';

/** `/v1/feeds` */
export const feedRoutes: FastifyPluginAsync<HttpHouse> = async (instance, { db }) => {
  const app = instance.withTypeProvider<ZodTypeProvider>();
  app.get('/v1/feeds', { schema: { querystring: z.strictObject(pageOf) } }, async (request) => {
    const { limit, cursor } = request.query;
    const rows = await pageOfFeeds(db, readFeedCursor(cursor), limit + 1);
    const page = rows.slice(0, limit);
    return { feeds: page, next_cursor: rows.length > limit ? feedCursor(page.at(-1)!) : null };
  });
};
