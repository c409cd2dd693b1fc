import type { Queue } from 'bullmq';
import type { FastifyPluginAsync } from 'fastify';
import type { HttpHouse } from './app.ts';
import { type Guard, keepPrivate } from './guard.ts';

/** `/ops`: what needs a person today. */
export const opsRoutes: FastifyPluginAsync<HttpHouse & { guard: Guard; queues: readonly Queue[] }> = async (
  app,
  { guard },
) => {
  app.get('/ops', { onRequest: guard.operating }, async (_, reply) =>
    keepPrivate(reply).type('text/html').send('soon'),
  );
};
