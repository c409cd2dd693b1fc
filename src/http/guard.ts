import { createHash, timingSafeEqual } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import ipaddr from 'ipaddr.js';
import { Problem, sendProblem } from './problem.ts';

type Hook = (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply | undefined>;

/** Who may do what: writing needs the token; the operator's pages need it from anywhere but loopback. */
export type Guard = {
  /** onRequest hook of routes that change something. */
  readonly writing: Hook;
  /** onRequest hook of /ops and /metrics. */
  readonly operating: Hook;
};

/** @param token API_TOKEN, or null where there is none */
export function createGuard(token: string | null): Guard {
  return {
    async writing(request, reply) {
      if (bearerIs(request, token)) return;
      reply.header('www-authenticate', 'Bearer realm="glasnik"');
      return refuse(
        reply,
        401,
        'token',
        token === null
          ? 'Writing over HTTP is off: set API_TOKEN, start again, and send it as a bearer token'
          : 'This changes something: send API_TOKEN as a bearer token',
      );
    },
    async operating(request, reply) {
      if (isCrossSite(request)) return refuse(reply, 403, 'cross-site', "Other sites may not use the operator's pages");
      if (isLoopback(request) || bearerIs(request, token)) return;
      const reads = request.method === 'GET' || request.method === 'HEAD';
      if (reads && basicIs(request, token)) return;
      reply.header(
        'www-authenticate',
        reads ? 'Basic realm="glasnik", charset="UTF-8", Bearer realm="glasnik"' : 'Bearer realm="glasnik"',
      );
      return refuse(
        reply,
        401,
        'token',
        token === null
          ? "The operator's pages are open on this machine only; set API_TOKEN to see them from elsewhere"
          : "The operator's pages need API_TOKEN, as a bearer token or as the password of HTTP Basic",
      );
    },
  };
}

/**
 * True for who sits at the machine: the connection comes from it, the Host says it (a page elsewhere whose name was made to point
 * here does not), and no proxy handed the request on.
 */
export function isLoopback(request: FastifyRequest): boolean {
  return (
    isLoopbackAddress(request.socket.remoteAddress ?? '') &&
    isLoopbackHost(request.headers.host ?? '') &&
    !Object.keys(request.headers).some((name) => name === 'forwarded' || name.startsWith('x-forwarded-'))
  );
}

function isLoopbackHost(host: string): boolean {
  if (!URL.canParse(`http://${host}`)) return false;
  const { hostname } = new URL(`http://${host}`);
  return hostname === 'localhost' || isLoopbackAddress(hostname.replace(/^\[|\]$/g, ''));
}

export const isLoopbackAddress = (address: string): boolean =>
  ipaddr.isValid(address) && ipaddr.process(address).range() === 'loopback';

/** Answers at once: a hook that throws would leave the answer to whatever plugin the route belongs to. */
const refuse = (reply: FastifyReply, status: number, type: string, detail: string): FastifyReply =>
  sendProblem(reply, new Problem(status, type, detail));

/** Other sites may neither read the operator's pages nor send anybody there. Old browsers, which say no Sec-Fetch-Site, are not refused. */
function isCrossSite(request: FastifyRequest): boolean {
  const from = request.headers['sec-fetch-site'];
  const { origin } = request.headers;
  const foreign = origin !== undefined && (!URL.canParse(origin) || new URL(origin).host !== request.headers.host);
  return foreign || (from !== undefined && from !== 'same-origin' && from !== 'none');
}

function bearerIs(request: FastifyRequest, token: string | null): boolean {
  const given = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '')?.[1];
  return isToken(given, token);
}

function basicIs(request: FastifyRequest, token: string | null): boolean {
  const encoded = /^Basic +([A-Za-z0-9+/=]+)$/i.exec(request.headers.authorization ?? '')?.[1];
  if (encoded === undefined) return false;
  const pair = Buffer.from(encoded, 'base64').toString('utf8');
  return isToken(pair.slice(pair.indexOf(':') + 1), token);
}

/** In constant time: digests have one length whatever was given. */
function isToken(given: string | undefined, token: string | null): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given ?? ''), digest(token ?? '')) && token !== null && given !== undefined;
}

/** What a page of the operator says of itself: nobody frames it, keeps it, or learns its address. */
export function keepPrivate(reply: FastifyReply): FastifyReply {
  return reply
    .header('cache-control', 'no-store')
    .header('cross-origin-resource-policy', 'same-origin')
    .header('x-frame-options', 'DENY')
    .header('x-robots-tag', 'noindex');
}
