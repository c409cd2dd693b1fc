import type { FastifyPluginAsync } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { HttpHouse } from './app.ts';
import { langs } from './parameters.ts';
import { answerReadNext } from './readnext-answer.ts';

const query = z.strictObject({
  url: z.string().min(1).max(4000),
  limit: z.coerce.number().int().min(1).max(24).default(4),
  lang: langs.optional(),
  title: z.string().max(1000).optional(),
  lead: z.string().max(5000).optional(),
});

/** `/v1/read-next`: the list of an article, stored or not; its address is never fetched. */
export const readNextRoutes: FastifyPluginAsync<HttpHouse> = async (instance, { db }) => {
  const app = instance.withTypeProvider<ZodTypeProvider>();
  app.get('/v1/read-next', { schema: { querystring: query } }, async (request) => {
    const { url, limit, lang, title, lead } = request.query;
    return answerReadNext(
      db,
      { url, limit, langs: lang ?? null, title: title ?? null, lead: lead ?? null },
      new Date(),
    );
  });
};
