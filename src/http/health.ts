import type { FastifyPluginAsync } from 'fastify';
import type { HttpHouse } from './app.ts';

/** `/healthz`: the process lives. `/readyz`: the database and the server of the jobs answer. */
export const healthRoutes: FastifyPluginAsync<HttpHouse> = async (app, { db, jobsAnswer }) => {
  app.get('/healthz', async (_, reply) => reply.header('cache-control', 'no-store').send({ status: 'ok' }));
  app.get('/readyz', async (_, reply) => {
    const database = await db.query('select 1').then(
      () => true,
      () => false,
    );
    const jobs = await jobsAnswer();
    const ready = database && jobs;
    return reply
      .status(ready ? 200 : 503)
      .header('cache-control', 'no-store')
      .send({ status: ready ? 'ready' : 'not ready', database, jobs });
  });
};
