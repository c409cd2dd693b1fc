import type { Queue } from 'bullmq';
import Fastify, { type FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import type { z } from 'zod';
import type { Config } from '../config.ts';
import type { Logger } from '../log.ts';
import type { Database } from '../store/database.ts';
import { boardRoutes } from './board.ts';
import { changeRoutes } from './changes.ts';
import { feedRoutes } from './feeds.ts';
import { feedOutRoutes } from './feeds-out.ts';
import { createGuard } from './guard.ts';
import { healthRoutes } from './health.ts';
import { itemRoutes } from './items.ts';
import { addManners } from './manners.ts';
import { measureRequests, metricsRoutes } from './metrics.ts';
import { describeApi } from './openapi.ts';
import { opsRoutes } from './ops.ts';
import { pageRoutes } from './pages.ts';
import { badParameter, Problem, sendProblem, toProblem } from './problem.ts';
import { readNextRoutes } from './readnext.ts';
import { staticRoutes } from './static.ts';
import { storyRoutes } from './stories.ts';
import { streamRoutes } from './stream.ts';
import { writeRoutes } from './writes.ts';

/** What the HTTP side needs of the house. */
export type HttpHouse = {
  readonly config: Config;
  readonly log: Logger;
  readonly db: Database;
  /** Whether the server of the jobs answers. */
  readonly jobsAnswer: () => Promise<boolean>;
  /** The queues to look at under /ops and /metrics; closing them is the caller's. */
  readonly queues?: readonly Queue[];
};

export type App = FastifyInstance;

/** Builds the HTTP side; `listen` is the caller's. */
export async function buildApp(house: HttpHouse): Promise<App> {
  const { config, log, queues = [] } = house;
  const app = Fastify({
    loggerInstance: log.child({}, { level: log.level === 'info' ? 'warn' : log.level }) as never,
    bodyLimit: 64 * 1024,
    requestTimeout: 30_000,
    forceCloseConnections: true,
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: 200 },
  }).withTypeProvider<ZodTypeProvider>() as unknown as App;
  app.setValidatorCompiler<z.ZodType>(({ schema }) => (given) => {
    const parsed = schema.safeParse(given);
    return parsed.success ? { value: parsed.data } : { error: badParameter(parsed.error) };
  });
  // Answers are rows of our own views, typed where they are read: they are written out, not checked a second time.
  app.setSerializerCompiler(() => JSON.stringify);
  app.setErrorHandler((error, request, reply) => sendProblem(reply, toProblem(error, request)));
  app.setNotFoundHandler((request, reply) =>
    sendProblem(
      reply,
      new Problem(404, 'not-found', `There is nothing at ${request.method} ${request.url.split('?')[0]}`),
    ),
  );
  measureRequests(app);
  await addManners(app, config);
  await describeApi(app, config);
  const guard = createGuard(config.apiToken);
  for (const routes of [healthRoutes, itemRoutes, storyRoutes, readNextRoutes, feedRoutes, feedOutRoutes, changeRoutes])
    await app.register(routes, house);
  await app.register(streamRoutes, house);
  await app.register(writeRoutes, { ...house, guard });
  await app.register(metricsRoutes, { ...house, guard, queues });
  await app.register(opsRoutes, { ...house, guard, queues });
  await app.register(boardRoutes, { guard, queues });
  await app.register(staticRoutes);
  await app.register(pageRoutes, house);
  return app;
}
