import { createBullBoard } from '@bull-board/api';
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter';
import { FastifyAdapter } from '@bull-board/fastify';
import type { Queue } from 'bullmq';
import type { FastifyPluginAsync } from 'fastify';
import { type Guard, keepPrivate } from './guard.ts';
import { Problem, sendProblem } from './problem.ts';

/** Its own page wants fonts from elsewhere; nothing of ours loads anything from elsewhere. */
const FOREIGN_LINK = /<link href="https?:[^>]*>/g;

const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'", // its components set styles on elements
  "img-src 'self' data:",
  "font-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'self'", // its page has a <base>
  "frame-ancestors 'none'",
].join('; ');

/** `/ops/queues`: the jobs, to look at. */
export const boardRoutes: FastifyPluginAsync<{ guard: Guard; queues: readonly Queue[] }> = async (
  app,
  { guard, queues },
) => {
  app.addHook('onRequest', guard.operating);
  app.addHook('onRequest', async (request, reply) => {
    keepPrivate(reply).header('content-security-policy', POLICY);
    if (request.method !== 'GET' && request.method !== 'HEAD')
      return sendProblem(reply, new Problem(405, 'read-only', 'The queues can only be looked at here'));
    return undefined;
  });
  app.addHook('onSend', async (_request, reply, payload) =>
    typeof payload === 'string' && String(reply.getHeader('content-type')).startsWith('text/html')
      ? payload.replace(FOREIGN_LINK, '')
      : payload,
  );
  const server = new FastifyAdapter();
  server.setBasePath('/ops/queues');
  createBullBoard({
    queues: queues.map((queue) => new BullMQAdapter(queue, { readOnlyMode: true, allowRetries: false })),
    serverAdapter: server as never, // the adapter's package carries a second copy of the board's types
    options: { uiConfig: { boardTitle: 'glasnik: jobs' } },
  });
  await app.register(server.registerPlugin() as never, { prefix: '/ops/queues' });
};
