import { hash } from 'node:crypto';
import type { onSendHookHandler } from 'fastify';

/**
 * ETag and 304 for every GET that answers 200 with a body we hold. Weak, since the same content may go out compressed or not.
 * RFC 9110, 13.1.2: If-None-Match compares weakly, `*` matches anything.
 */
export const etag: onSendHookHandler<unknown> = async (request, reply, payload) => {
  if ((request.method !== 'GET' && request.method !== 'HEAD') || reply.statusCode !== 200) return payload;
  if (typeof payload !== 'string' && !Buffer.isBuffer(payload)) return payload;
  if (reply.getHeader('cache-control') === 'no-store') return payload;
  const tag = (reply.getHeader('etag') as string | undefined) ?? `W/"${hash('sha1', payload as string, 'base64url')}"`;
  reply.header('etag', tag);
  const asked = request.headers['if-none-match'];
  if (asked === undefined || !matches(asked, tag)) return payload;
  reply.code(304).removeHeader('content-length').removeHeader('content-type');
  return null;
};

const opaque = (tag: string): string => tag.trim().replace(/^W\//, '');

function matches(asked: string, tag: string): boolean {
  return asked.trim() === '*' || asked.split(',').some((one) => opaque(one) === opaque(tag));
}
