import { constants } from 'node:zlib';
import compress from '@fastify/compress';
import cors, { type FastifyCorsOptions } from '@fastify/cors';
import helmet from '@fastify/helmet';
import rateLimit from '@fastify/rate-limit';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import ipaddr from 'ipaddr.js';
import type { Config } from '../config.ts';
import { etag } from './etag.ts';
import { isLoopback, isLoopbackAddress } from './guard.ts';
import { Problem } from './problem.ts';

/** What other sites may read from a browser. */
const OPEN = /^\/(v1(\/|$)|feed\.(json|rss|atom)$|opml$|openapi\.json$|embed\.js$)/;
export const isOpenPath = (url: string): boolean => OPEN.test(url.split('?', 1)[0]!);

/** Rate limits, CORS, security headers, ETags, compression: what every answer has, in the order in which they must be added. */
export async function addManners(app: FastifyInstance, config: Config): Promise<void> {
  if (config.httpRatePerMin > 0)
    await app.register(rateLimit, {
      max: config.httpRatePerMin,
      timeWindow: 60_000,
      cache: 20_000,
      allowList: (request: FastifyRequest) => isLoopback(request),
      keyGenerator: addressOf,
      errorResponseBuilder: (_request: FastifyRequest, { ttl }: { ttl: number }) =>
        new Problem(
          429,
          'rate-limit',
          `More than ${config.httpRatePerMin} requests a minute: ask again in ${Math.ceil(ttl / 1000)} s`,
        ),
    });
  await app.register(cors, { delegator: (request, done) => done(null, corsOf(request)) });
  await app.register(helmet, {
    // Pages and data need nothing from anywhere else; who serves https decides on Strict-Transport-Security.
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'"],
        imgSrc: ["'self'", 'data:'],
        connectSrc: ["'self'"],
        formAction: ["'self'"],
        baseUri: ["'none'"],
        frameAncestors: ["'none'"],
      },
    },
    strictTransportSecurity: false,
    referrerPolicy: { policy: 'strict-origin-when-cross-origin' },
  });
  app.addHook('onRequest', async (request, reply) => {
    if (isOpenPath(request.url)) reply.header('cross-origin-resource-policy', 'cross-origin');
  });
  app.addHook('onSend', etag);
  await app.register(compress, {
    threshold: 1024,
    encodings: ['br', 'gzip'],
    // Brotli's own default (11) takes 50 ms for a page of items; 4 is as small as gzip's 6 and faster.
    brotliOptions: { params: { [constants.BROTLI_PARAM_QUALITY]: 4 } },
    zlibOptions: { level: 6 },
  });
}

function corsOf(request: FastifyRequest): FastifyCorsOptions {
  const method = request.headers['access-control-request-method'] ?? request.method;
  if (!isOpenPath(request.url) || (method !== 'GET' && method !== 'HEAD')) return { origin: false };
  return {
    origin: '*',
    methods: ['GET', 'HEAD'],
    allowedHeaders: ['last-event-id', 'if-none-match', 'cache-control'],
    exposedHeaders: ['etag', 'retry-after', 'location'],
    maxAge: 86_400,
  };
}

/**
 * Whose requests are counted together: an IPv4 address, or the /64 that one IPv6 customer has. A proxy on this machine is believed
 * when it says for whom it asks; nobody else is.
 */
export function addressOf(request: FastifyRequest): string {
  const peer = request.socket.remoteAddress ?? '';
  const forwarded = [request.headers['x-forwarded-for'] ?? []].flat().join(',').split(',').at(-1)?.trim();
  const address = isLoopbackAddress(peer) && forwarded && ipaddr.isValid(forwarded) ? forwarded : peer;
  if (!ipaddr.isValid(address)) return address;
  const parsed = ipaddr.process(address);
  return parsed.kind() === 'ipv4' ? parsed.toString() : parsed.toNormalizedString().split(':').slice(0, 4).join(':');
}
