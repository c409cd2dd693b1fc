import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Client, createClient, type FetchResult, type Validators } from '../../src/feed/fetch.ts';
import {
  type Answer,
  type Origin,
  redirect,
  reply,
  type SeenRequest,
  startOrigin,
  startRawOrigin,
} from '../support/origin.ts';

const FEED = '<rss version="2.0"><channel><title>Вести</title></channel></rss>';
const USER_AGENT = 'glasnik/0.1.0 (+https://example.org/bot)';
let origin: Origin;
let client: Client;
let paths = 0;

const clientWith = (timeoutMs: number): Client =>
  createClient({ userAgent: USER_AGENT, timeoutMs, maxBytes: 1 << 20, allowCidrs: ['127.0.0.0/8'] });

beforeAll(async () => {
  origin = await startOrigin();
  client = clientWith(3000);
});
afterAll(async () => {
  await client.close();
  await origin.close();
});

/** A path of its own with these answers. */
const serve = (...answers: readonly Answer[]): string => {
  const path = `/${++paths}`;
  origin.on(path, ...answers);
  return path;
};
const get = (path: string, validators: Partial<Validators> | null = null): Promise<FetchResult> =>
  client.fetch({
    url: origin.url(path),
    validators: validators === null ? null : { etag: null, lastModified: null, url: origin.url(path), ...validators },
  });
const lastSeen = (path: string): SeenRequest => origin.seen(path).at(-1)!;
const textOf = (result: FetchResult): string =>
  result.kind === 'document' ? Buffer.from(result.bytes).toString() : result.kind;
const validatorsOf = (result: FetchResult): Validators =>
  'validators' in result ? result.validators : { etag: null, lastModified: null, url: '' };

describe('every request', () => {
  test('names the agent with version and contact, and asks for feeds and for codings that this Node can undo', async () => {
    const path = serve(reply(200, {}, FEED));
    await get(path);
    expect(lastSeen(path).headers).toMatchObject({
      'user-agent': USER_AGENT,
      'accept-encoding': expect.stringMatching(/^gzip, br, (zstd, )?deflate$/),
    });
    expect(lastSeen(path).headers.accept).toContain('application/rss+xml');
  });

  test('goes to the address as it is: no cache buster, no header that forbids a cache', async () => {
    const path = serve(reply(200, {}, FEED));
    await client.fetch({ url: `${origin.url(path)}?a=1#fragment` });
    expect(lastSeen(`${path}?a=1`).headers).not.toHaveProperty('cache-control');
    expect(origin.seen(`${path}?a=1`)).toHaveLength(1);
  });

  test('carries no cookie, whatever was set before', async () => {
    const path = serve(reply(200, { 'set-cookie': 'id=1; Path=/' }, FEED));
    await get(path);
    await get(path);
    expect(lastSeen(path).headers).not.toHaveProperty('cookie');
  });

  test('uses the connection of the one before', async () => {
    const path = serve(reply(200, {}, FEED), reply(304), reply(404, {}, 'none'), redirect(302, '/last'));
    origin.on('/last', reply(200, {}, FEED));
    for (let i = 0; i < 4; i++) await get(path, { etag: '"a"' });
    expect(new Set([...origin.seen(path), ...origin.seen('/last')].map(({ connection }) => connection)).size).toBe(1);
  });

  test('escapes a path outside ASCII as UTF-8', async () => {
    const result = await client.fetch({ url: origin.url('/rss/Политика_8') });
    expect(result).toMatchObject({ kind: 'failed', reason: 'http-404' });
    expect(origin.seen().at(-1)!.path).toBe('/rss/%D0%9F%D0%BE%D0%BB%D0%B8%D1%82%D0%B8%D0%BA%D0%B0_8');
  });
});

describe('validators', () => {
  test.each([
    ['"quoted"', 'Sun, 01 Mar 2026 10:00:00 GMT'],
    ['W/"weak"', 'Sunday, 01-Mar-26 10:00:00 GMT'],
    ['unquoted-and-wrong', 'yesterday'],
    ['"\u00e9\u00ff"', 'Sun, 1 Mar 2026 10:00:00 +0100'],
  ])('%s and %s go back exactly as received, both', async (etag, lastModified) => {
    const path = serve(reply(200, { etag, 'last-modified': lastModified }, FEED), reply(304));
    const first = await get(path);
    const second = await client.fetch({ url: origin.url(path), validators: validatorsOf(first) });
    const { rawHeaders } = lastSeen(path);
    expect(rawHeaders[rawHeaders.indexOf('if-none-match') + 1]).toBe(etag);
    expect(rawHeaders[rawHeaders.indexOf('if-modified-since') + 1]).toBe(lastModified);
    expect(second.kind).toBe('not-modified');
  });

  test('of which only one came go back alone', async () => {
    const path = serve(reply(200, { etag: '"a"' }, FEED), reply(304));
    await client.fetch({ url: origin.url(path), validators: validatorsOf(await get(path)) });
    expect(lastSeen(path).headers).toMatchObject({ 'if-none-match': '"a"' });
    expect(lastSeen(path).headers).not.toHaveProperty('if-modified-since');
  });

  test('are renewed by a 304, and kept where it is silent, like freshness', async () => {
    const path = serve(reply(304, { etag: '"b"', 'cache-control': 'max-age=1200' }));
    expect(await get(path, { etag: '"a"', lastModified: 'Sun, 01 Mar 2026 10:00:00 GMT' })).toMatchObject({
      kind: 'not-modified',
      freshnessS: 1200,
      validators: { etag: '"b"', lastModified: 'Sun, 01 Mar 2026 10:00:00 GMT', url: origin.url(path) },
    });
  });

  test('are sent to no address but the one that gave them', async () => {
    const target = serve(reply(200, { etag: '"target"' }, FEED));
    const path = serve(redirect(302, target));
    const first = await get(path, { etag: '"source"' });
    expect(lastSeen(path).headers).toHaveProperty('if-none-match', '"source"');
    expect(lastSeen(target).headers).not.toHaveProperty('if-none-match');
    origin.on(target, reply(304));
    const second = await client.fetch({ url: origin.url(path), validators: validatorsOf(first) });
    expect(lastSeen(path).headers).not.toHaveProperty('if-none-match');
    expect(lastSeen(target).headers).toHaveProperty('if-none-match', '"target"');
    expect(second.kind).toBe('not-modified');
  });

  test('of a document that ended too early are forgotten', async () => {
    const path = serve(
      reply(200, { etag: '"a"', 'content-encoding': 'gzip' }, gzipSync(FEED.repeat(40)).subarray(0, -12)),
    );
    expect(await get(path)).toMatchObject({
      kind: 'document',
      truncated: true,
      validators: { etag: null, lastModified: null },
    });
  });

  test('a 304 to an unconditional request is a failure', async () => {
    expect(await get(serve(reply(304)))).toMatchObject({ kind: 'failed', reason: 'http-304' });
  });

  test('the same bytes have the same hash, however they were compressed', async () => {
    const hashes = await Promise.all(
      [serve(reply(200, {}, FEED)), serve(reply(200, { 'content-encoding': 'gzip' }, gzipSync(FEED)))].map(
        async (path) => {
          const result = await get(path);
          return result.kind === 'document' ? result.hash : null;
        },
      ),
    );
    expect(hashes[0]).toMatch(/^[0-9a-f]{40}$/);
    expect(hashes[1]).toBe(hashes[0]);
  });
});

describe('an answer that asks for patience', () => {
  const inAnHour = (): string => new Date(Date.now() + 3_600_000).toUTCString();
  test.each([
    [429, '120', 120],
    [503, '120', 120],
    [429, '9999999', 9_999_999],
    [503, 'soon', null],
    [500, '120', null],
  ])('%i with Retry-After: %s asks for %s seconds', async (status, retryAfter, seconds) => {
    expect(await get(serve(reply(status, { 'retry-after': retryAfter })))).toMatchObject({
      kind: 'failed',
      reason: `http-${status}`,
      status,
      retryAfterS: seconds,
    });
  });

  test.each([429, 503])('%i may name an HTTP date', async (status) => {
    const result = await get(serve(reply(status, { 'retry-after': inAnHour() })));
    expect(result.kind === 'failed' && result.retryAfterS).toBeGreaterThan(3590);
    expect(result.kind === 'failed' && result.retryAfterS).toBeLessThanOrEqual(3601);
  });
});

describe('a status', () => {
  test.each([204, 206, 300, 400, 401, 403, 404, 406, 451, 500, 502, 504])(
    '%i is a failure of that name',
    async (status) => {
      expect(await get(serve(reply(status)))).toMatchObject({ kind: 'failed', reason: `http-${status}`, status });
    },
  );

  test('410 is gone', async () => {
    expect(await get(serve(reply(410)))).toMatchObject({ kind: 'gone', status: 410 });
    expect(await get(serve(redirect(301, serve(reply(410)))))).toMatchObject({ kind: 'gone' });
  });

  test('410 behind a temporary redirect is a failure: not the feed is gone', async () => {
    expect(await get(serve(redirect(302, serve(reply(410)))))).toMatchObject({ kind: 'failed', reason: 'http-410' });
  });

  test('103 before the answer is passed over', async () => {
    const path = serve((_request, response) => {
      response.writeEarlyHints({ link: '</style.css>; rel=preload' });
      response.writeHead(200).end(FEED);
    });
    expect(textOf(await get(path))).toBe(FEED);
  });
});

describe('a redirect', () => {
  test.each([
    [301, true],
    [308, true],
    [302, false],
    [303, false],
    [307, false],
  ])('%i moves the feed for good: %s', async (status, isPermanent) => {
    const target = serve(reply(200, {}, FEED));
    expect(await get(serve(redirect(status, target)))).toMatchObject({
      kind: 'document',
      finalUrl: origin.url(target),
      permanentUrl: isPermanent ? origin.url(target) : null,
    });
  });

  test('is permanent as far as the chain is so from its start', async () => {
    const last = serve(reply(200, {}, FEED));
    const second = serve(redirect(302, last));
    const first = serve(redirect(308, second));
    expect(await get(serve(redirect(301, first)))).toMatchObject({
      permanentUrl: origin.url(second),
      finalUrl: origin.url(last),
    });
    expect(await get(serve(redirect(302, serve(redirect(301, last)))))).toMatchObject({ permanentUrl: null });
  });

  test.each([
    [
      'in a circle',
      () => {
        const path = serve();
        origin.on(path, redirect(302, path));
        return path;
      },
      /circle/,
    ],
    [
      'in a circle of two',
      () => {
        const [a, b] = [serve(), serve()];
        origin.on(a, redirect(301, b));
        origin.on(b, redirect(301, a));
        return a;
      },
      /circle/,
    ],
    [
      'to itself with a cookie',
      () => {
        const path = serve();
        origin.on(path, redirect(302, path, { 'set-cookie': 'seen=1' }));
        return path;
      },
      /cookie/,
    ],
    [
      'six times',
      () =>
        Array.from({ length: 6 }).reduce<string>((target) => serve(redirect(302, target)), serve(reply(200, {}, FEED))),
      /more than 5/,
    ],
    ['to nothing that is an address', () => serve(redirect(302, 'http://')), /no address/],
  ])('%s ends in a named reason', async (_name, path, says) => {
    expect(await get(path())).toMatchObject({
      kind: 'failed',
      reason: 'redirects',
      detail: expect.stringMatching(says),
    });
  });

  test('five times is followed', async () => {
    const path = Array.from({ length: 5 }).reduce<string>(
      (target) => serve(redirect(302, target)),
      serve(reply(200, {}, FEED)),
    );
    expect((await get(path)).kind).toBe('document');
  });

  test('without Location is a failure', async () => {
    expect(await get(serve(reply(302)))).toMatchObject({ kind: 'failed', reason: 'http-302' });
  });

  test('to an address outside ASCII works, escaped or not', async () => {
    origin.on('/%D0%B2%D0%B5%D1%81%D1%82%D0%B8', reply(200, {}, FEED));
    expect((await get(serve(redirect(302, '/вести')))).kind).toBe('document');
    expect((await get(serve(redirect(302, '/%d0%b2%d0%b5%d1%81%d1%82%d0%b8')))).kind).toBe('failed');
    expect((await get(serve(redirect(302, '/%D0%B2%D0%B5%D1%81%D1%82%D0%B8')))).kind).toBe('document');
  });
});

describe('a body', () => {
  test.each([
    ['gzip', gzipSync(FEED)],
    ['x-gzip', gzipSync(FEED)],
    ['br', brotliCompressSync(FEED)],
    ['deflate', deflateSync(FEED)],
    ['deflate', deflateRawSync(FEED)],
    ['identity', Buffer.from(FEED)],
    ['gzip, br', brotliCompressSync(gzipSync(FEED))],
    ['gzip', Buffer.from(FEED)],
    ['', gzipSync(FEED)],
    ['gzip', Buffer.concat([gzipSync(FEED.slice(0, 20)), gzipSync(FEED.slice(20))])],
  ])('in coding %j is decoded (%#)', async (coding, body) => {
    expect(textOf(await get(serve(reply(200, coding === '' ? {} : { 'content-encoding': coding }, body))))).toBe(FEED);
  });

  test.each([
    ['gzip', gzipSync],
    ['br', brotliCompressSync],
    ['deflate', deflateRawSync],
  ] as const)('of a large feed in %s is decoded by streams', async (coding, compress) => {
    const noise = Array.from({ length: 60_000 }, (_, i) => ((i * 2654435761) >>> 0).toString(36)).join(' ');
    const path = serve(reply(200, { 'content-encoding': coding }, compress(noise)));
    const result = await get(path);
    expect(textOf(result)).toBe(noise);
    expect(result.wireBytes).toBeGreaterThan(64 * 1024);
  });

  test.each([
    ['damaged', 'gzip', Buffer.concat([gzipSync(FEED).subarray(0, 20), Buffer.alloc(40, 7)])],
    ['compressed in an unknown way', 'compress', Buffer.from(FEED)],
    ['compressed in no way at all, yet called brotli', 'br', Buffer.from(FEED)],
  ])('%s is unreadable', async (_name, coding, body) => {
    expect(await get(serve(reply(200, { 'content-encoding': coding }, body)))).toMatchObject({
      kind: 'failed',
      reason: 'unreadable',
    });
  });

  test('may be empty', async () => {
    expect(textOf(await get(serve(reply(200))))).toBe('');
  });

  test('of exactly the allowed size is taken, and one byte more is not', async () => {
    expect((await get(serve(reply(200, {}, Buffer.alloc(1 << 20, 'a'))))).kind).toBe('document');
    expect(await get(serve(reply(200, {}, Buffer.alloc((1 << 20) + 1, 'a'))))).toMatchObject({
      kind: 'failed',
      reason: 'too-large',
    });
  });

  test('of an error page without end does not hold the fetch up', async () => {
    const path = serve((_request, response) => {
      response.writeHead(500);
      const pour = (): void => {
        while (!response.destroyed && response.write('sorry '.repeat(1000)));
      };
      response.on('drain', pour);
      pour();
    });
    expect(await get(path)).toMatchObject({ kind: 'failed', reason: 'http-500' });
  });
});

describe('a connection', () => {
  test('that is refused, unknown, reset, mute or not HTTP fails by that name', async () => {
    const raw = await startRawOrigin((socket) => socket.end('this is no web server\r\n\r\n'));
    const reset = await startRawOrigin((socket) => socket.resetAndDestroy());
    const closed = await startOrigin();
    await closed.close();
    const hasty = clientWith(300);
    const reasons = [];
    for (const url of [
      `http://127.0.0.1:${closed.port}/`,
      'http://does-not-exist.invalid/',
      `http://127.0.0.1:${reset.port}/`,
      `http://127.0.0.1:${raw.port}/`,
      `https://127.0.0.1:${raw.port}/`,
    ]) {
      const result = await client.fetch({ url });
      reasons.push(result.kind === 'failed' ? result.reason : result.kind);
    }
    const mute = await hasty.fetch({ url: origin.url(serve(() => undefined)) });
    expect([...reasons, mute.kind === 'failed' && mute.reason]).toEqual([
      'refused',
      'dns',
      'reset',
      'unreadable',
      'tls',
      'timeout',
    ]);
    await Promise.all([raw.close(), reset.close(), hasty.close()]);
  });

  test('that ends before the answer is whole is reset', async () => {
    const path = serve((_request, response) => {
      response.writeHead(200, { 'content-length': 1000 });
      response.write('<rss>', () => response.destroy());
    });
    expect(await get(path)).toMatchObject({ kind: 'failed', reason: 'reset' });
  });

  test('is given up when its caller aborts', async () => {
    const path = serve(() => stop.abort(new Error('the worker stops')));
    const stop = new AbortController();
    await expect(client.fetch({ url: origin.url(path), signal: stop.signal })).rejects.toThrow('the worker stops');
  });

  test('has one deadline for all hops together', async () => {
    const hasty = clientWith(400);
    const slowly =
      (answer: Answer): Answer =>
      (request, response) =>
        setTimeout(answer, 150, request, response);
    const path = [1, 2, 3].reduce<string>(
      (target) => serve(slowly(redirect(302, target))),
      serve(slowly(reply(200, {}, FEED))),
    );
    expect(await hasty.fetch({ url: origin.url(path) })).toMatchObject({ kind: 'failed', reason: 'timeout' });
    await hasty.close();
  });
});

test('nothing that a host says reaches a message as it is', async () => {
  const raw = await startRawOrigin((socket) => {
    socket.end(
      'HTTP/1.1 302 \u001b[2J\u001b[31mFound\r\nLocation: http://\u001b[31m/\u202e\r\nContent-Length: 0\r\n\r\n',
    );
  });
  const result = await client.fetch({ url: `http://127.0.0.1:${raw.port}/` });
  expect(JSON.stringify(result)).not.toMatch(/\\u001b|\u001b|\u202e/);
  expect(result.kind).toBe('failed');
  await raw.close();
});

test('a failure says what happened, where, in one line', async () => {
  const result = await get(serve(reply(503)));
  expect(result.kind === 'failed' && result.detail).toBe(`127.0.0.1:${origin.port} answered 503.`);
});

test('closing waits for what is under way', async () => {
  const own = clientWith(2000);
  let finish: () => void = () => undefined;
  const path = serve((_request, response) => {
    finish = () => response.writeHead(200).end(FEED);
  });
  const result = own.fetch({ url: origin.url(path) });
  while (origin.seen(path).length === 0) await new Promise(setImmediate);
  const closed = own.close();
  finish();
  expect((await result).kind).toBe('document');
  await closed;
});
