import { beforeAll, expect, test } from 'vitest';
import { deal, someFeed, storeGiven } from '../support/articles.ts';
import { useDatabase } from '../support/database.ts';
import { getJson, serve, TOKEN, useServed, withToken } from '../support/served.ts';

const db = useDatabase();
const served = useServed(db);
const send = async (method: string, path: string, body?: unknown, headers: Record<string, string> = withToken) => {
  const response = await fetch(served().base + path, {
    method,
    headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: text ? JSON.parse(text) : null };
};
const basic = (password: string) => ({
  authorization: `Basic ${Buffer.from(`anyone:${password}`).toString('base64')}`,
});

let feedId = 0;
beforeAll(async () => {
  feedId = await someFeed(db());
});

test('writing needs the token, right and as a bearer', async () => {
  const wrong: Record<string, string>[] = [{}, { authorization: 'Bearer wrong-token-of-some-length' }, basic(TOKEN)];
  for (const headers of wrong) {
    const {
      status,
      headers: answered,
      body,
    } = await send('POST', '/v1/feeds', { url: 'https://novi.example/rss' }, headers);
    expect([status, body.type]).toEqual([401, 'urn:glasnik:problem:token']);
    expect(answered.get('www-authenticate')).toContain('Bearer');
  }
  for (const path of ['PATCH /v1/feeds/1', 'DELETE /v1/feeds/1', 'POST /v1/feeds/1/fetch', 'POST /v1/items/1/mark']) {
    const [method, address] = path.split(' ');
    expect((await send(method!, address!, undefined, {})).status, path).toBe(401);
  }
});

test('without API_TOKEN writing is off, whatever is sent', async () => {
  const { app, base } = await serve(db(), { API_TOKEN: '' });
  const headers: Record<string, string>[] = [{}, { authorization: 'Bearer ' }, { authorization: 'Bearer null' }];
  for (const given of headers)
    expect((await fetch(`${base}/v1/feeds/${feedId}`, { method: 'DELETE', headers: given })).status).toBe(401);
  await app.close();
});

test('a feed is added, changed, asked for and removed', async () => {
  const added = await send('POST', '/v1/feeds', {
    url: 'HTTPS://Novi.example:443/rss',
    outlet: 'Novi',
    outletCountry: 'RS',
  });
  expect([added.status, added.body.url, added.body.outlet]).toEqual([201, 'https://novi.example/rss', 'Novi']);
  const path = `/v1/feeds/${added.body.feed_id}`;
  expect(added.headers.get('location')).toBe(path);
  expect((await send('POST', '/v1/feeds', { url: 'https://novi.example/rss' })).status).toBe(200);
  expect((await send('PATCH', path, { title: 'Novi list', lang: 'sr-Latn' })).body).toMatchObject({
    title: 'Novi list',
    lang: 'sr-Latn',
  });
  expect((await send('PATCH', path, { url: 'https://dnevnik.example/rss' })).status).toBe(409);
  await db().query(`update glasnik.feeds set next_fetch_at = now() + interval '1 day'`);
  const asked = await send('POST', `${path}/fetch`);
  expect(asked.status).toBe(202);
  expect(Date.parse(asked.body.next_fetch_at)).toBeLessThanOrEqual(Date.now() + 1000);
  expect((await send('PATCH', path, { state: 'disabled' })).body.state).toBe('disabled');
  expect((await send('POST', `${path}/fetch`)).status).toBe(409);
  expect((await send('DELETE', path)).status).toBe(204);
  expect((await getJson(served().base + path)).status).toBe(404);
  expect((await send('DELETE', path)).status).toBe(404);
});

test('a feed that waits out a Retry-After is not asked', async () => {
  await db().query(`update glasnik.feeds set retry_until = now() + interval '1 hour'`);
  const { status, headers, body } = await send('POST', `/v1/feeds/${feedId}/fetch`);
  expect([status, body.type]).toEqual([409, 'urn:glasnik:problem:held-back']);
  expect(Number(headers.get('retry-after'))).toBeGreaterThan(3500);
});

test('an editor marks an item', async () => {
  const [id] = await storeGiven(db(), feedId, [deal(1)]);
  const mark = async (word: string) => (await send('POST', `/v1/items/${id}/mark`, { mark: word })).body;
  expect((await mark('irrelevant')).item).toMatchObject({ relevant: false, marked: 'irrelevant' });
  expect((await getJson(`${served().base}/v1/items`)).body.items).toEqual([]);
  expect((await mark('hidden')).item).toBeNull();
  expect((await mark('auto')).item).toMatchObject({ relevant: true, marked: null });
  expect((await mark('great')).errors[0].parameter).toBe('mark');
});

test('bodies that are too large, no JSON, or of unknown keys are refused', async () => {
  expect((await send('POST', '/v1/feeds', { url: 'x'.repeat(70_000) })).status).toBe(413);
  expect((await send('POST', '/v1/feeds', { url: 'javascript:alert(1)' })).body.errors[0].parameter).toBe('url');
  expect(
    (await send('POST', '/v1/feeds', { url: 'https://a.example/rss', nonsense: 1 })).body.errors[0].parameter,
  ).toBe('nonsense');
  const raw = (body: string, type: string) =>
    fetch(`${served().base}/v1/feeds`, { method: 'POST', body, headers: { ...withToken, 'content-type': type } });
  expect((await raw('url=x', 'text/plain')).status).toBe(415);
  expect((await raw('{', 'application/json')).status).toBe(400);
});

test('the operator pages are open on this machine, elsewhere with the token, never to other sites', async () => {
  const status = async (path: string, headers: Record<string, string> = {}) =>
    (await fetch(served().base + path, { headers })).status;
  const away = { 'x-forwarded-for': '192.0.2.1' };
  for (const path of ['/ops', '/metrics', '/ops/queues']) {
    expect(await status(path), path).toBe(200);
    expect(await status(path, away), path).toBe(401);
    expect(await status(path, { forwarded: 'for=127.0.0.1' }), path).toBe(401);
    expect(await status(path, { ...away, ...withToken }), path).toBe(200);
    expect(await status(path, { ...away, ...basic(TOKEN) }), path).toBe(200);
    expect(await status(path, { ...away, ...basic('wrong') }), path).toBe(401);
    expect(await status(path, { 'sec-fetch-site': 'cross-site', ...withToken }), path).toBe(403);
    expect(await status(path, { origin: 'https://evil.example' }), path).toBe(403);
  }
  const refused = await fetch(`${served().base}/ops`, { headers: away });
  expect(refused.headers.get('www-authenticate')).toContain('Basic');
  const page = await fetch(`${served().base}/ops`);
  expect(page.headers.get('x-frame-options')).toBe('DENY');
  expect(page.headers.get('cache-control')).toBe('no-store');
  expect(page.headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
});
