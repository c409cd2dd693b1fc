import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { enableFeed } from '../../src/store/feeds.ts';
import { heldBackFeeds } from '../../src/store/held.ts';
import { giveBack, leaseDue, leaseNamed } from '../../src/store/lease.ts';
import { fetchFeed } from '../../workers/fetch.ts';
import { emptyDatabase, useDatabase } from '../support/database.ts';
import { addFeed, fetchNow, type TestHouse, testHouse } from '../support/house.ts';
import { type Answer, endless, type Origin, redirect, reply, startOrigin, startRawOrigin } from '../support/origin.ts';
import { feedAnswer, rss } from '../support/rss.ts';

const db = useDatabase();
let origin: Origin;
let house: TestHouse;

beforeAll(async () => {
  origin = await startOrigin();
  house = testHouse(db(), { FETCH_TIMEOUT_MS: '1000', FETCH_MAX_BYTES: '200000' });
});
beforeEach(() => emptyDatabase(db()));
afterAll(async () => {
  await house.client.close();
  await origin.close();
});

const good = (): Answer =>
  feedAnswer(rss([{ title: 'One', link: origin.url('/a/1'), date: new Date(Date.now() - 3_600_000) }]));
const feedAt = (path: string, ...answers: Answer[]): Promise<number> => {
  origin.on(path, ...answers);
  return addFeed(db(), { url: origin.url(path) });
};
const row = async (feedId: number) =>
  (
    await db().query(
      `select url, state, failures, health, last_error, last_reason, next_why, next_fetch_at, retry_until,
              extract(epoch from next_fetch_at - now())::float as in_s
         from glasnik.feeds where feed_id = $1`,
      [feedId],
    )
  ).rows[0];
const freeHosts = () => db().query(`update glasnik.hosts set free_at = '-infinity'`);

describe('the outcome and reason of a fetch', () => {
  const cases: readonly (readonly [name: string, answer: Answer, outcome: string, reason: string | null])[] = [
    ['a feed', (q, r) => good()(q, r), 'fetched', null],
    ['404', reply(404), 'failed', 'http-404'],
    ['403', reply(403), 'failed', 'http-403'],
    ['500', reply(500), 'failed', 'http-500'],
    ['503', reply(503), 'failed', 'http-503'],
    ['429', reply(429), 'failed', 'http-429'],
    ['410', reply(410), 'gone', null],
    [
      'a page of HTML',
      reply(200, { 'content-type': 'text/html' }, '<!doctype html><html><title>x</title>'),
      'failed',
      'not-a-feed',
    ],
    ['an empty body', reply(200, { 'content-type': 'application/rss+xml' }), 'failed', 'not-a-feed'],
    [
      'a body that never ends',
      endless({ 'content-type': 'application/rss+xml' }, Buffer.alloc(65_536, 'x')),
      'failed',
      'too-large',
    ],
    [
      'a bomb',
      reply(200, { 'content-encoding': 'gzip', 'content-type': 'text/xml' }, gzipSync(Buffer.alloc(50_000_000))),
      'failed',
      'too-large',
    ],
    ['silence', () => {}, 'failed', 'timeout'],
    ['a redirect to itself', (q, r) => redirect(302, q.url!)(q, r), 'failed', 'redirects'],
    ['a redirect into a private network', redirect(302, 'http://10.0.0.1/feed'), 'failed', 'blocked-address'],
    ['a redirect to a file', redirect(302, 'file:///etc/passwd'), 'failed', 'blocked-address'],
    ['a reset', (_, r) => r.socket?.resetAndDestroy(), 'failed', 'reset'],
  ];
  test.each(cases)('%s', async (name, answer, outcome, reason) => {
    const feed = await feedAt(`/case/${encodeURIComponent(name)}`, answer);
    const { line } = await fetchNow(house, feed);
    expect([line.outcome, line.reason]).toEqual([outcome, reason]);
    const stored = await row(feed);
    expect(stored.state).toBe({ fetched: 'active', gone: 'gone', failed: 'failing' }[outcome as 'fetched']);
    if (outcome !== 'fetched') expect(stored.last_error).toMatch(/\w/);
  });

  test('refused, dns and tls', async () => {
    const closed = await startRawOrigin(() => {});
    await closed.close();
    const plain = await startRawOrigin((socket) => socket.end('HTTP/1.1 200 OK\r\n\r\n'));
    const urls = [`http://127.0.0.1:${closed.port}/f`, 'http://nobody.invalid/f', `https://127.0.0.1:${plain.port}/f`];
    const reasons = [];
    for (const url of urls) reasons.push((await fetchNow(house, await addFeed(db(), { url }))).line.reason);
    await plain.close();
    expect(reasons).toEqual(['refused', 'dns', 'tls']);
  });
});

describe('a feed that asks for a pause', () => {
  test('is left alone until its Retry-After is over: a manual fetch repeats what it said, --force asks', async () => {
    const feed = await feedAt('/busy', reply(429, { 'retry-after': '9000' }), good());
    await fetchNow(house, feed);
    const held = await row(feed);
    expect(held.in_s).toBeGreaterThan(8990);
    expect(held.next_why).toContain('Retry-After');
    await freeHosts();
    const [named] = await leaseNamed(db(), { feedIds: [feed], seconds: 60, force: false, most: 1 });
    expect(named).toMatchObject({ asked: null, heldBack: true });
    expect(await heldBackFeeds(db(), [feed])).toMatchObject([
      { feed_id: feed, outcome: 'failed', reason: 'http-429', next_fetch_at: held.next_fetch_at.toISOString() },
    ]);
    expect(origin.seen('/busy')).toHaveLength(1);
    expect((await fetchNow(house, feed, { force: true })).line.outcome).toBe('fetched');
    expect(await row(feed)).toMatchObject({ state: 'active', failures: 0, retry_until: null });
  });

  test('by an HTTP date, on 503 too, for a week at most', async () => {
    const date = await feedAt('/date', reply(503, { 'retry-after': new Date(Date.now() + 7_200_000).toUTCString() }));
    const year = await feedAt('/year', reply(429, { 'retry-after': '31536000' }));
    await fetchNow(house, date);
    await fetchNow(house, year);
    expect((await row(date)).in_s).toBeGreaterThan(7000);
    const week = (await row(year)).in_s;
    expect(week).toBeGreaterThan(7 * 86_400 - 10);
    expect(week).toBeLessThan(7 * 86_400 + 700);
  });

  test('speaks for itself alone; a second one of the host speaks for the host', async () => {
    const first = await feedAt('/h1', reply(429, { 'retry-after': '600' }));
    const second = await feedAt('/h2', reply(429, { 'retry-after': '600' }));
    const third = await feedAt('/h3', good());
    await fetchNow(house, first);
    await freeHosts();
    const due = await leaseDue(db(), { limit: 10, seconds: 60 });
    expect(due).toHaveLength(1); // the host is not held back by one
    await giveBack(db(), due);
    await fetchNow(house, second);
    await freeHosts();
    expect(await leaseDue(db(), { limit: 10, seconds: 60 })).toEqual([]);
    expect(await heldBackFeeds(db(), [third])).toMatchObject([{ outcome: 'failed' }]);
  });
});

describe('a feed that is gone', () => {
  test('is retired, says so, and is not asked again until it is enabled', async () => {
    const feed = await feedAt('/gone', reply(410), good());
    expect((await fetchNow(house, feed)).line).toMatchObject({ outcome: 'gone', reason: null, next_fetch_at: null });
    await db().query('update glasnik.feeds set next_fetch_at = now()');
    await freeHosts();
    expect(await leaseDue(db(), { limit: 10, seconds: 60 })).toEqual([]);
    expect(await leaseNamed(db(), { feedIds: [feed], seconds: 60, force: false, most: 1 })).toMatchObject([
      { heldBack: true },
    ]);
    expect(origin.seen('/gone')).toHaveLength(1);
    await enableFeed(db(), feed, true);
    expect((await fetchNow(house, feed)).line.outcome).toBe('fetched');
  });
});

describe('a feed that moved', () => {
  const scheduled = async (feedId: number) => {
    await db().query('update glasnik.feeds set next_fetch_at = now(); ');
    await freeHosts();
    const [lease] = await leaseDue(db(), { limit: 1, seconds: 60 });
    expect(lease?.feedId).toBe(feedId);
    return (await fetchFeed(house, lease!, { job: 'test', byHand: false, force: false }))!.line;
  };

  test('for good has its new address at once when fetched by hand; the old one stays as an alias', async () => {
    origin.on('/new', good());
    const feed = await feedAt('/old', redirect(301, origin.url('/new')));
    expect((await fetchNow(house, feed)).line).toMatchObject({ outcome: 'fetched', url: origin.url('/new'), new: 1 });
    const { rows } = await db().query('select url, feed_id from glasnik.feed_aliases');
    expect(rows).toEqual([{ url: origin.url('/old'), feed_id: feed }]);
  });

  test('moves after three equal answers over a day on the schedule', async () => {
    origin.on('/new3', good());
    const feed = await feedAt('/old3', redirect(308, origin.url('/new3')));
    for (let i = 0; i < 3; i++) expect((await scheduled(feed)).url).toBe(origin.url('/old3'));
    await db().query(`update glasnik.feeds set move_since = now() - interval '25 hours'`);
    expect((await scheduled(feed)).url).toBe(origin.url('/new3'));
  });

  test('for a while (302, 303, 307) does not move', async () => {
    origin.on('/elsewhere', good());
    for (const status of [302, 303, 307]) {
      const feed = await feedAt(`/while/${status}`, redirect(status, origin.url('/elsewhere')));
      expect((await fetchNow(house, feed)).line).toMatchObject({
        outcome: 'fetched',
        url: origin.url(`/while/${status}`),
      });
    }
  });

  test('onto something that is no feed does not move', async () => {
    origin.on('/parked', reply(200, { 'content-type': 'text/html' }, '<html>For sale'));
    const feed = await feedAt('/was', redirect(301, origin.url('/parked')));
    expect((await fetchNow(house, feed)).line).toMatchObject({
      outcome: 'failed',
      reason: 'not-a-feed',
      url: origin.url('/was'),
    });
  });

  test('onto the address of another feed becomes gone and names it', async () => {
    const other = await feedAt('/there', good());
    const feed = await feedAt('/here', redirect(301, origin.url('/there')));
    await fetchNow(house, feed);
    expect(await row(feed)).toMatchObject({ state: 'gone', last_error: expect.stringContaining(`feed ${other}`) });
  });
});

describe('the interval', () => {
  test('grows with failures and is back to normal at the first good answer', async () => {
    const feed = await feedAt('/flaky', reply(500), reply(500), reply(500), good());
    const waits = [];
    for (let i = 0; i < 3; i++) {
      await fetchNow(house, feed);
      waits.push((await row(feed)).in_s);
    }
    expect(waits[1]).toBeGreaterThan(waits[0] * 1.3);
    expect(waits[2]).toBeGreaterThan(waits[1] * 1.3);
    await fetchNow(house, feed);
    expect(await row(feed)).toMatchObject({
      state: 'active',
      failures: 0,
      last_error: null,
      next_why: expect.stringMatching(/rhythm/),
    });
  });

  test('is never shorter than Cache-Control allows, on a 304 too, and says why', async () => {
    const feed = await feedAt(
      '/fresh',
      (q, r) =>
        feedAnswer(rss([{ title: 'One', link: origin.url('/a/1') }]), { etag: '"1"', 'cache-control': 'max-age=7200' })(
          q,
          r,
        ),
      reply(304, { 'cache-control': 'max-age=10800' }),
    );
    await fetchNow(house, feed);
    expect(await row(feed)).toMatchObject({ next_why: expect.stringContaining('Cache-Control') });
    await fetchNow(house, feed);
    const { in_s, next_why } = await row(feed);
    expect(in_s).toBeGreaterThan(10_790);
    expect(next_why).toContain('10800');
  });

  test('of a feed that answers but is empty is normal, and wire.feeds says so', async () => {
    const feed = await feedAt('/empty', feedAnswer(rss([])));
    await fetchNow(house, feed);
    expect(await row(feed)).toMatchObject({
      state: 'active',
      health: 'empty',
      last_error: expect.stringContaining('no entries'),
    });
  });
});

describe('a host', () => {
  test('is asked one feed at a time, whoever asks, and rests as long as its answer took', async () => {
    const [one, two] = [await feedAt('/q1', good()), await feedAt('/q2', good())];
    const leases = await leaseDue(db(), { limit: 10, seconds: 60 });
    expect(leases).toHaveLength(1);
    const other = leases[0]!.feedId === one ? two : one;
    expect(await leaseDue(db(), { limit: 10, seconds: 60 })).toEqual([]);
    expect(await leaseNamed(db(), { feedIds: [other!], seconds: 60, force: true, most: 1 })).toMatchObject([
      { asked: null, heldBack: false },
    ]);
    await fetchFeed(house, leases[0]!, { job: 'test', byHand: false, force: false });
    const { rows } = await db().query(
      'select extract(epoch from free_at - now()) * 1000 as rest, leased_until from glasnik.hosts',
    );
    expect(rows[0].leased_until).toBeNull();
    expect(rows[0].rest).toBeLessThanOrEqual(2000);
  });
});
