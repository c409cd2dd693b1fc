import swagger from '@fastify/swagger';
import type { FastifyInstance } from 'fastify';
import { jsonSchemaTransform, jsonSchemaTransformObject } from 'fastify-type-provider-zod';
import { type Config, VERSION } from '../config.ts';

/** `/openapi.json`, made from the very schemas that validate. To be registered before the routes. */
export async function describeApi(app: FastifyInstance, config: Config): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'glasnik',
        version: VERSION,
        description:
          'Items, stories and Read next lists on Balkan defence cooperation. Repeated or comma-separated values of one filter mean "or", different filters "and". Errors are application/problem+json.',
      },
      ...(config.publicUrl && { servers: [{ url: config.publicUrl }] }),
      components: { securitySchemes: { token: { type: 'http', scheme: 'bearer' } } },
    },
    transform: (given) =>
      given.schema?.tags
        ? (jsonSchemaTransform(given as never) as never)
        : { schema: { ...given.schema, hide: true } as never, url: given.url },
    transformObject: jsonSchemaTransformObject as never,
  });
  let written: string | undefined;
  app.get('/openapi.json', async (_, reply) => {
    written ??= JSON.stringify(app.swagger());
    return reply.type('application/json; charset=utf-8').header('cache-control', 'public, max-age=300').send(written);
  });
}
