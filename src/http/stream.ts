import type { FastifyPluginAsync } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { HttpHouse } from './app.ts';
import { seq } from './changes.ts';
import { Problem } from './problem.ts';
import { openStreamHub } from './stream-hub.ts';

/** `/v1/stream`: wire.changes as server-sent events. */
export const streamRoutes: FastifyPluginAsync<HttpHouse> = async (instance, { db, log }) => {
  const app = instance.withTypeProvider<ZodTypeProvider>();
  const hub = openStreamHub(db, log);
  app.addHook('preClose', () => hub.close());
  app.get(
    '/v1/stream',
    {
      schema: {
        tags: ['changes'],
        summary:
          'The changes as server-sent events: `id` is seq, `event` the kind, data the object of /v1/changes. Resumes after Last-Event-ID, or `after`',
        querystring: z.strictObject({ after: seq.optional() }),
        produces: ['text/event-stream'],
      },
    },
    async (request, reply) => {
      const after = lastEventId(request.headers['last-event-id']) ?? request.query.after ?? null;
      reply.hijack();
      const { raw } = reply;
      for (const [name, value] of Object.entries(reply.getHeaders()))
        if (value !== undefined) raw.setHeader(name, value);
      raw.writeHead(200, {
        'content-type': 'text/event-stream; charset=utf-8',
        'cache-control': 'no-store',
        'x-accel-buffering': 'no', // nginx would hold events back
      });
      request.socket.setNoDelay(true);
      request.socket.setTimeout(0);
      raw.write('retry: 3000\n\n');
      if (request.method === 'HEAD') raw.end();
      else
        await hub.follow(raw, after).catch((error) => {
          log.warn({ err: error }, 'a follower could not be served');
          raw.destroy();
        });
    },
  );
};

/** The header that a browser sends when it comes back; empty where it has seen no event. @throws Problem 400 */
function lastEventId(given: string | string[] | undefined): number | null {
  if (given === undefined || given === '') return null;
  const parsed = seq.safeParse(given);
  if (parsed.success) return parsed.data;
  throw new Problem(400, 'bad-parameter', 'Last-Event-ID: must be the id of an event of this stream', {
    errors: [{ parameter: 'Last-Event-ID', expected: 'the id of an event of this stream' }],
  });
}
