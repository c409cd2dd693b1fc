import { beforeAll, expect, test } from 'vitest';
import { deal, someFeed, storeGiven } from '../support/articles.ts';
import { useDatabase } from '../support/database.ts';
import { getJson, serve, useServed } from '../support/served.ts';

const db = useDatabase();
const served = useServed(db);
const get = (path: string, headers?: Record<string, string>) => getJson(served().base + path, headers);

let feedId = 0;
beforeAll(async () => {
  feedId = await someFeed(db());
});

test.each([
  ['/v1/items?topic=war', 'topic'],
  ['/v1/items?nonsense=1', 'nonsense'],
  ['/v1/items?limit=501', 'limit'],
  ['/v1/items?limit=0', 'limit'],
  ['/v1/items?country=serbia', 'country'],
  ['/v1/items?since=yesterday', 'since'],
  ['/v1/items?cursor=nonsense', 'cursor'],
  ['/v1/items?q=a%00b', 'q'],
  ['/v1/items/abc', 'id'],
  ['/v1/stories?after=1', 'after'],
  ['/v1/read-next', 'url'],
  ['/v1/changes?after=-1', 'after'],
  ['/feed.rss?country=serbia', 'country'],
])('%s is 400 and names %s', async (path, parameter) => {
  const { status, headers, body } = await get(path);
  expect(status).toBe(400);
  expect(headers.get('content-type')).toContain('application/problem+json');
  expect(body).toMatchObject({ type: 'urn:glasnik:problem:bad-parameter', status: 400 });
  expect(body.errors[0].parameter).toBe(parameter);
  expect(body.errors[0].expected.length).toBeGreaterThan(5);
});

test('the same answer again is 304, and one that changed is not', async () => {
  await storeGiven(db(), feedId, [deal(1)]);
  const paths = [
    '/v1/items',
    '/v1/stories',
    '/v1/feeds',
    '/feed.json',
    '/feed.rss',
    '/feed.atom',
    '/opml',
    '/openapi.json',
    '/embed.js',
    '/',
  ];
  for (const path of paths) {
    const first = await fetch(served().base + path);
    const tag = first.headers.get('etag')!;
    expect(tag, path).toMatch(/^W\/"/);
    expect(first.headers.get('cache-control'), path).toBeTruthy();
    const again = await fetch(served().base + path, { headers: { 'if-none-match': `"other", ${tag}` } });
    expect([again.status, await again.text()], path).toEqual([304, '']);
  }
  const tag = (await get('/v1/items')).headers.get('etag')!;
  await storeGiven(db(), feedId, [deal(2)]);
  expect((await get('/v1/items', { 'if-none-match': tag })).status).toBe(200);
});

test('answers are compressed for who takes it', async () => {
  await storeGiven(db(), feedId, [deal(1), deal(2), deal(3)]);
  for (const encoding of ['gzip', 'br']) {
    const response = await fetch(`${served().base}/v1/items`, { headers: { 'accept-encoding': encoding } });
    expect(response.headers.get('content-encoding')).toBe(encoding);
    expect(((await response.json()) as { items: unknown[] }).items.length).toBeGreaterThan(2);
  }
});

test('other sites may read what is open, and nothing else', async () => {
  const allowed = async (path: string, method = 'GET') => {
    const preflight = await fetch(served().base + path, {
      method: 'OPTIONS',
      headers: { origin: 'https://site.example', 'access-control-request-method': method },
    });
    return preflight.headers.get('access-control-allow-origin');
  };
  for (const path of ['/v1/items', '/v1/stream', '/feed.json', '/feed.rss', '/opml', '/openapi.json', '/embed.js'])
    expect(await allowed(path), path).toBe('*');
  for (const path of ['/ops', '/metrics', '/ops/queues', '/']) expect(await allowed(path), path).toBeNull();
  expect(await allowed('/v1/feeds', 'POST')).toBeNull();
  const read = await fetch(`${served().base}/v1/items`, { headers: { origin: 'https://site.example' } });
  expect(read.headers.get('access-control-allow-origin')).toBe('*');
  expect(read.headers.get('cross-origin-resource-policy')).toBe('cross-origin');
});

test('/openapi.json describes every route that sites use, its parameters and its errors', async () => {
  const { body } = await get('/openapi.json');
  expect(body.openapi).toMatch(/^3\.1/);
  const paths = `/feed.atom /feed.json /feed.rss /opml /v1/changes /v1/feeds /v1/feeds/{id} /v1/feeds/{id}/fetch /v1/items /v1/items/{id}
    /v1/items/{id}/mark /v1/read-next /v1/read-next.html /v1/stories /v1/stories/{id} /v1/stream`;
  expect(Object.keys(body.paths).sort()).toEqual(paths.split(/\s+/));
  const { parameters, responses } = body.paths['/v1/items'].get;
  const named = (name: string) => parameters.find((p: { name: string }) => p.name === name);
  expect(named('cooperation')).toBeDefined();
  expect(named('limit')).toMatchObject({ required: false, schema: { default: 50, type: 'integer', maximum: 500 } });
  expect(responses['400']).toBeDefined();
  expect(body.components.schemas.Item.properties.countries.type).toBe('array');
  expect(body.paths['/v1/feeds'].post.security).toEqual([{ token: [] }]);
});

test('an address that asks too often is told to wait; loopback is not counted', async () => {
  const { app, base } = await serve(db(), { HTTP_RATE_PER_MIN: '3' });
  try {
    const from = (address: string) => fetch(`${base}/v1/feeds`, { headers: { 'x-forwarded-for': address } });
    for (let n = 0; n < 3; n++) expect((await from('192.0.2.1')).status).toBe(200);
    const refused = await from('192.0.2.1');
    expect(refused.status).toBe(429);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(refused.headers.get('content-type')).toContain('application/problem+json');
    expect((await from('192.0.2.2')).status).toBe(200);
    for (let n = 0; n < 3; n++) expect((await from(`2001:db8:1:2::${n}`)).status).toBe(200);
    expect((await from('2001:db8:1:2:ffff::1')).status).toBe(429);
    for (let n = 0; n < 6; n++) expect((await fetch(`${base}/v1/feeds`)).status).toBe(200);
  } finally {
    await app.close();
  }
});
