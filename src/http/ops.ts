import type { Queue } from 'bullmq';
import type { FastifyPluginAsync } from 'fastify';
import { VERSION } from '../config.ts';
import { itemsByHour, troubledFeeds } from '../store/ops.ts';
import { readStatus } from '../store/status.ts';
import { TAGGER_VERSION } from '../tag/tagger.ts';
import type { HttpHouse } from './app.ts';
import { type Guard, keepPrivate } from './guard.ts';
import { page } from './pages/layout.ts';
import { opsPage } from './pages/ops.ts';
import { queueDepths } from './queue-depths.ts';

const MOST_FEEDS = 200;

/** `/ops`: what needs a person today. */
export const opsRoutes: FastifyPluginAsync<HttpHouse & { guard: Guard; queues: readonly Queue[] }> = async (
  app,
  { config, db, guard, queues },
) => {
  const timeZone = config.displayTimeZone;
  app.get('/ops', { onRequest: guard.operating }, async (_, reply) => {
    const now = new Date();
    const depths = await queueDepths(queues, now.getTime());
    const feeds = await troubledFeeds(db, MOST_FEEDS);
    const status = await readStatus(db, TAGGER_VERSION);
    const hours = await itemsByHour(db);
    const versions = `glasnik ${VERSION}, tagger ${TAGGER_VERSION}, jobs on ${config.redisUrl ? 'Redis' : 'PostgreSQL'}`;
    const body = opsPage({ feeds, status, hours, depths, versions, timeZone });
    return keepPrivate(reply)
      .type('text/html; charset=utf-8')
      .send(page({ title: 'What needs a person — Glasnik', here: 'ops', now, timeZone, body }));
  });
};
