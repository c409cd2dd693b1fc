import { afterAll, beforeAll, expect, test } from 'vitest';
import { discoverFeeds } from '../../src/feed/discover.ts';
import { type Client, createClient } from '../../src/feed/fetch.ts';
import { parseFeed } from '../../src/feed/parse.ts';
import { type Origin, redirect, reply, startOrigin } from '../support/origin.ts';

let client: Client;
const origins: Origin[] = [];

beforeAll(() => {
  client = createClient({ userAgent: 'glasnik/test', timeoutMs: 3000, maxBytes: 1 << 20, allowCidrs: ['127.0.0.0/8'] });
});
afterAll(async () => {
  await client.close();
  await Promise.all(origins.map((origin) => origin.close()));
});

const site = async (): Promise<Origin> => {
  const origin = await startOrigin();
  origins.push(origin);
  return origin;
};
const page = (...links: readonly string[]) =>
  reply(
    200,
    { 'content-type': 'text/html' },
    `<!doctype html><head>${links.map((href) => `<link rel="alternate" type="application/rss+xml" href="${href}">`).join('')}`,
  );
const feed = (title: string, ...entries: readonly string[]) =>
  reply(
    200,
    { 'content-type': 'application/rss+xml' },
    `<rss version="2.0"><channel><title>${title}</title>${entries.map((path, i) => `<item><title>${path}</title><link>https://example.rs/${path}</link><pubDate>Sun, 0${i + 1} Mar 2026 10:00:00 GMT</pubDate></item>`).join('')}</channel></rss>`,
  );
const discover = (origin: Origin, path = '/') => discoverFeeds(origin.url(path), { client, read: parseFeed });

test('a feed is itself', async () => {
  const origin = await site();
  origin.on('/rss', feed('Вести', 'a', 'b'));
  expect(await discover(origin, '/rss')).toMatchObject({
    kind: 'feed',
    feed: {
      url: origin.url('/rss'),
      title: 'Вести',
      entries: 2,
      newestAt: expect.stringMatching(/^2026-03-02T10:00:00/),
      source: 'given',
    },
  });
});

test('the one feed of a page beside its comments is the best', async () => {
  const origin = await site();
  origin.on('/', page('/comments/feed/', '/feed/'));
  origin.on('/feed/', feed('Site', 'a', 'b'));
  origin.on('/comments/feed/', feed('Comments', 'a#c1'));
  const found = await discover(origin);
  expect(found).toMatchObject({ kind: 'page', best: { url: origin.url('/feed/'), entries: 2 } });
  expect(found.kind === 'page' && found.feeds.map(({ title }) => title)).toEqual(['Site', 'Comments']);
});

test('of several sections a person must choose', async () => {
  const origin = await site();
  origin.on('/', page('/rss/politika', '/rss/sport'));
  origin.on('/rss/politika', feed('Politika', 'a'));
  origin.on('/rss/sport', feed('Sport', 'b'));
  expect(await discover(origin)).toMatchObject({
    kind: 'page',
    best: null,
    feeds: [{ title: 'Politika' }, { title: 'Sport' }],
  });
});

test('the same feed in two formats is one, a broken one none', async () => {
  const origin = await site();
  origin.on('/', page('/feed', '/feed/atom', '/dead', '/page'));
  origin.on('/feed', feed('RSS', 'a', 'b'));
  origin.on('/feed/atom', feed('Atom', 'b', 'a'));
  origin.on('/page', page());
  expect(await discover(origin)).toMatchObject({ kind: 'page', best: { title: 'RSS' }, feeds: [{ title: 'RSS' }] });
});

test('a page that announces nothing is asked at the usual places, until one answers', async () => {
  const origin = await site();
  origin.on('/', page());
  origin.on('/rss', page());
  origin.on('/rss.xml', feed('Found', 'a'));
  expect(await discover(origin)).toMatchObject({
    kind: 'page',
    best: { url: origin.url('/rss.xml'), source: 'well-known' },
  });
  expect(origin.seen('/feed.xml')).toHaveLength(0);
});

test('a feed that moved for good is reported at its new address', async () => {
  const origin = await site();
  origin.on('/', page('/old'));
  origin.on('/old', redirect(301, '/new'));
  origin.on('/new', feed('Moved', 'a'));
  expect(await discover(origin)).toMatchObject({ best: { url: origin.url('/new') } });
});

test('a robots.txt that names us is honoured, asked once, and one that names everybody is not meant', async () => {
  const origin = await site();
  origin.on('/robots.txt', reply(200, {}, 'User-agent: glasnik\nDisallow: /feed\n\nUser-agent: *\nDisallow: /'));
  origin.on('/', page('/feed', '/rss'));
  origin.on('/rss', feed('Allowed', 'a'));
  expect(await discover(origin)).toMatchObject({ kind: 'page', feeds: [{ title: 'Allowed' }] });
  expect(origin.seen('/feed')).toHaveLength(0);
  expect(origin.seen('/robots.txt')).toHaveLength(1);
  expect(await discover(origin, '/feed')).toMatchObject({ kind: 'failed', reason: 'robots' });
});

test('what cannot be asked, and a page without feeds, say so', async () => {
  const origin = await site();
  origin.on('/', page());
  expect(await discover(origin)).toMatchObject({ kind: 'none' });
  expect(await discover(origin, '/missing')).toMatchObject({ kind: 'failed', reason: 'http-404' });
  expect(await discoverFeeds('http://10.0.0.1/', { client, read: parseFeed })).toMatchObject({
    kind: 'failed',
    reason: 'blocked-address',
  });
  expect(await discoverFeeds('example.rs', { client, read: parseFeed })).toMatchObject({
    kind: 'failed',
    reason: 'blocked-address',
  });
});
