import type { FastifyPluginAsync } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { HttpHouse } from './app.ts';
import { readNextFragment } from './pages/readnext-fragment.ts';
import { readNextQuery } from './parameters.ts';
import { answerReadNext } from './readnext-answer.ts';
import { answers, readNextAnswer } from './shapes.ts';

const query = z.strictObject(readNextQuery);

/** `/v1/read-next` and `/v1/read-next.html`: the list of an article, stored or not; its address is never fetched. */
export const readNextRoutes: FastifyPluginAsync<HttpHouse> = async (instance, { config, db }) => {
  const app = instance.withTypeProvider<ZodTypeProvider>();
  const answer = ({ url, limit, lang, title, lead }: z.infer<typeof query>) =>
    answerReadNext(db, { url, limit, langs: lang ?? null, title: title ?? null, lead: lead ?? null }, new Date());

  app.get(
    '/v1/read-next',
    {
      schema: {
        tags: ['read next'],
        summary: 'What to read after an article',
        querystring: query,
        response: answers(readNextAnswer),
      },
    },
    async (request, reply) => {
      reply.header('cache-control', 'public, max-age=60');
      return (await answer(request.query)) as never;
    },
  );

  app.get(
    '/v1/read-next.html',
    {
      schema: {
        tags: ['read next'],
        summary: 'The same list as a fragment of HTML, for server-side includes; empty where there is nothing',
        querystring: query,
        produces: ['text/html'],
      },
    },
    async (request, reply) => {
      const { items } = await answer(request.query);
      return reply
        .header('cache-control', 'public, max-age=60')
        .type('text/html; charset=utf-8')
        .send(readNextFragment(items, config.displayTimeZone));
    },
  );
};
