import { readFileSync } from 'node:fs';
import type { FastifyPluginAsync } from 'fastify';
import { inRoot } from '../root.ts';

const FILES = {
  '/embed.js': { file: 'embed.js', type: 'text/javascript; charset=utf-8', cache: 'public, max-age=3600' },
  '/static/page.css': { file: 'page.css', type: 'text/css; charset=utf-8', cache: 'public, max-age=300' },
  '/static/page.js': { file: 'page.js', type: 'text/javascript; charset=utf-8', cache: 'public, max-age=300' },
  '/favicon.svg': { file: 'favicon.svg', type: 'image/svg+xml', cache: 'public, max-age=86400' },
} as const;

/** The few files that pages load, read once. */
export const staticRoutes: FastifyPluginAsync = async (app) => {
  for (const [path, { file, type, cache }] of Object.entries(FILES)) {
    const body = readFileSync(inRoot('src', 'http', 'static', file), 'utf8');
    app.get(path, async (_, reply) => reply.type(type).header('cache-control', cache).send(body));
  }
};
