import Fastify, { type FastifyInstance } from 'fastify';
import { serializerCompiler, validatorCompiler, type ZodTypeProvider } from 'fastify-type-provider-zod';
import type { Config } from '../config.ts';
import type { Logger } from '../log.ts';
import type { Database } from '../store/database.ts';
import { changeRoutes } from './changes.ts';
import { feedRoutes } from './feeds.ts';
import { healthRoutes } from './health.ts';
import { itemRoutes } from './items.ts';
import { pageRoutes } from './pages.ts';
import { Problem, sendProblem, toProblem } from './problem.ts';
import { readNextRoutes } from './readnext.ts';

/** What the HTTP side needs of the house. */
export type HttpHouse = {
  readonly config: Config;
  readonly log: Logger;
  readonly db: Database;
  /** Whether the server of the jobs answers. */
  readonly jobsAnswer: () => Promise<boolean>;
};

export type App = FastifyInstance;

/** Builds the HTTP side; `listen` is the caller's. */
export async function buildApp(house: HttpHouse): Promise<App> {
  const app = Fastify({
    loggerInstance: house.log.child({}, { level: house.log.level === 'info' ? 'warn' : house.log.level }) as never,
    bodyLimit: 64 * 1024,
    requestTimeout: 30_000,
    forceCloseConnections: true,
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: 200 },
  }).withTypeProvider<ZodTypeProvider>();
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  app.setErrorHandler((error, request, reply) => sendProblem(reply, toProblem(error, request)));
  app.setNotFoundHandler((request, reply) =>
    sendProblem(
      reply,
      new Problem(404, 'not-found', `There is nothing at ${request.method} ${request.url.split('?')[0]}`),
    ),
  );
  for (const routes of [healthRoutes, itemRoutes, readNextRoutes, feedRoutes, changeRoutes, pageRoutes])
    await app.register(routes, house);
  return app as unknown as App;
}
