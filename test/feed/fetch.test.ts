import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Client, createClient } from '../../src/feed/fetch.ts';
import { type Origin, redirect, reply, startOrigin } from '../support/origin.ts';

const FEED = '<rss version="2.0"><channel><title>x</title></channel></rss>';
let origin: Origin;
let client: Client;

beforeAll(async () => {
  origin = await startOrigin();
  client = createClient({
    userAgent: 'glasnik/test (+https://example.org/)',
    timeoutMs: 2000,
    maxBytes: 1 << 20,
    allowCidrs: ['127.0.0.0/8'],
  });
});
afterAll(async () => {
  await client.close();
  await origin.close();
});

test('a document comes with its bytes, hash, validators and freshness', async () => {
  origin.on(
    '/feed',
    reply(
      200,
      {
        etag: 'W/"a"',
        'last-modified': 'Sun, 01 Mar 2026 10:00:00 GMT',
        'cache-control': 'max-age=600',
        'content-type': 'application/rss+xml',
        'content-encoding': 'gzip',
      },
      gzipSync(FEED),
    ),
  );
  const result = await client.fetch({ url: origin.url('/feed#top') });
  expect(result).toMatchObject({
    kind: 'document',
    status: 200,
    finalUrl: origin.url('/feed'),
    permanentUrl: null,
    contentType: 'application/rss+xml',
    validators: { etag: 'W/"a"', lastModified: 'Sun, 01 Mar 2026 10:00:00 GMT', url: origin.url('/feed') },
    freshnessS: 600,
  });
  expect(result.kind === 'document' && Buffer.from(result.bytes).toString()).toBe(FEED);
});

test('moves', async () => {
  origin.on('/old', redirect(301, '/new'));
  origin.on('/new', redirect(308, '/newest'));
  origin.on('/newest', redirect(302, '/feed'));
  expect(await client.fetch({ url: origin.url('/old') })).toMatchObject({
    kind: 'document',
    permanentUrl: origin.url('/newest'),
    finalUrl: origin.url('/feed'),
  });
});
