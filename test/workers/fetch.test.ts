import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { leaseNamed } from '../../src/store/lease.ts';
import { fetchFeed } from '../../workers/fetch.ts';
import { emptyDatabase, useDatabase } from '../support/database.ts';
import { addFeed, fetchNow, type TestHouse, testHouse } from '../support/house.ts';
import { type Origin, startOrigin } from '../support/origin.ts';
import { feedAnswer, rss } from '../support/rss.ts';

const db = useDatabase();
let origin: Origin;
let house: TestHouse;

beforeAll(async () => {
  origin = await startOrigin();
  house = testHouse(db());
});
beforeEach(() => emptyDatabase(db()));
afterAll(async () => {
  await house.client.close();
  await origin.close();
});

const article = (n: number, more: Partial<Parameters<typeof rss>[0][number]> = {}) => ({
  title: `The council of town ${n} discussed the budget`,
  link: origin.url(`/article/${n}.html`),
  date: '2026-03-01T10:00:00Z',
  lead: `A sentence about the budget of town ${n} and its roads.`,
  ...more,
});
const items = async (columns: string): Promise<Record<string, unknown>[]> =>
  (await db().query(`select ${columns} from wire.items order by url`)).rows;

describe('a fetch', () => {
  test('stores every article of the document once, and nothing again when it comes back', async () => {
    origin.on('/one.xml', feedAnswer(rss([article(1), article(2), article(3)])));
    const feed = await addFeed(db(), { url: origin.url('/one.xml'), outlet: 'One', outletCountry: 'RS' });
    const first = await fetchNow(house, feed);
    expect(first.line).toMatchObject({ outcome: 'fetched', entries: 3, new: 3, updated: 0, duplicate: 0 });
    const again = await fetchNow(house, feed);
    expect(again.line).toMatchObject({ outcome: 'unchanged', new: 0 });
    expect((await fetchNow(house, feed, { force: true })).line).toMatchObject({
      outcome: 'fetched',
      new: 0,
      updated: 0,
    });
    expect(await items('outlet, outlet_country')).toEqual(Array(3).fill({ outlet: 'One', outlet_country: 'RS' }));
  });

  test('gives each new item a story of its own, its tags, a place in the outbox and its feed', async () => {
    origin.on('/two.xml', feedAnswer(rss([article(1), article(2)])));
    await fetchNow(house, await addFeed(db(), { url: origin.url('/two.xml') }));
    const { rows } = await db().query(
      `select count(*) as items, count(distinct story_id) as stories, (select count(*) from glasnik.unrelated) as unrelated,
              (select count(*) from wire.item_feeds) as carried, (select count(distinct item_id) from wire.tags) as tagged
         from wire.items`,
    );
    expect(rows[0]).toEqual({ items: 2, stories: 2, unrelated: 2, carried: 2, tagged: 2 });
  });

  test('makes one item of an article that two feeds carry under addresses that differ by tracking and scheme', async () => {
    origin.on('/a.xml', feedAnswer(rss([article(1)])));
    origin.on(
      '/b.xml',
      feedAnswer(rss([article(1, { link: `${origin.url('/article/1.html')}?utm_source=rss&fbclid=x#top` })])),
    );
    const a = await addFeed(db(), { url: origin.url('/a.xml') });
    const b = await addFeed(db(), { url: origin.url('/b.xml') });
    await fetchNow(house, a);
    expect((await fetchNow(house, b)).line).toMatchObject({ new: 0, duplicate: 1, updated: 0 });
    expect(await items('url')).toEqual([{ url: origin.url('/article/1.html') }]);
    expect((await db().query('select feed_id from wire.item_feeds order by 1')).rows).toEqual([
      { feed_id: a },
      { feed_id: b },
    ]);
  });

  test('updates a corrected headline in place and moves updated_at; a mere re-dating does not', async () => {
    origin.on(
      '/corrected.xml',
      feedAnswer(rss([article(1)])),
      feedAnswer(rss([article(1, { date: '2026-03-02T10:00:00Z' })])),
      feedAnswer(rss([article(1, { title: 'The council of town 1 passed the budget' })])),
    );
    const feed = await addFeed(db(), { url: origin.url('/corrected.xml') });
    await fetchNow(house, feed);
    const [before] = await items('item_id, updated_at, published_at');
    expect((await fetchNow(house, feed)).line).toMatchObject({ new: 0, updated: 0 });
    expect(await items('item_id, updated_at, published_at')).toEqual([before]);
    expect((await fetchNow(house, feed)).line).toMatchObject({ new: 0, updated: 1 });
    const [after] = await items('item_id, updated_at, title');
    expect(after).toMatchObject({ item_id: before!.item_id, title: 'The council of town 1 passed the budget' });
    expect(after!.updated_at).not.toEqual(before!.updated_at);
  });

  test('shows the text of the feed on the article’s own site, whichever feed came first', async () => {
    const foreign = await startOrigin('127.0.0.9');
    try {
      foreign.on('/agg.xml', feedAnswer(rss([article(1, { title: 'What an aggregator made of the headline' })])));
      origin.on('/own.xml', feedAnswer(rss([article(1)])));
      const aggregator = await addFeed(db(), { url: foreign.url('/agg.xml'), outlet: 'Aggregator' });
      const own = await addFeed(db(), { url: origin.url('/own.xml'), outlet: 'Own' });
      await fetchNow(house, aggregator);
      expect(await items('outlet')).toEqual([{ outlet: 'Aggregator' }]);
      await fetchNow(house, own);
      const told = [{ outlet: 'Own', title: article(1).title }];
      expect(await items('outlet, title')).toEqual(told);
      await fetchNow(house, aggregator, { force: true });
      expect(await items('outlet, title')).toEqual(told);
    } finally {
      await foreign.close();
    }
  });

  test('loses only the entry that has an impossible address, no address, or no text', async () => {
    const bad = [
      article(2, { link: `${origin.url('/')}${'x'.repeat(2100)}`, guid: 'long' }),
      article(3, { link: 'javascript:alert(1)', guid: 'script' }),
      { title: '', link: origin.url('/article/4.html'), lead: '' },
    ];
    origin.on(
      '/bad.xml',
      feedAnswer(rss([article(1), ...bad, article(5, { title: 'A nul \u0000 and a lone \ud800 surrogate' })])),
    );
    const feed = await addFeed(db(), { url: origin.url('/bad.xml') });
    const { line } = await fetchNow(house, feed);
    expect(line.outcome).toBe('fetched');
    expect((await items('url')).map((i) => i.url)).toEqual([
      origin.url('/article/1.html'),
      origin.url('/article/5.html'),
    ]);
  });

  test('of a feed that answers with a page says so in wire.feeds, and tries later', async () => {
    origin.on('/page.xml', (_, response) =>
      response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><html><title>No</title>'),
    );
    const feed = await addFeed(db(), { url: origin.url('/page.xml') });
    const { line } = await fetchNow(house, feed);
    expect(line).toMatchObject({ outcome: 'failed', reason: 'not-a-feed', http_status: 200 });
    const { rows } = await db().query(
      'select state, health, failures, last_error, next_fetch_at > now() as later from wire.feeds',
    );
    expect(rows[0]).toMatchObject({ state: 'failing', health: 'html', failures: 1, later: true });
    expect(rows[0].last_error).toBeTruthy();
  });

  test('whose lease went to somebody else meanwhile writes nothing', async () => {
    origin.on('/lost.xml', (_, response) => {
      void db()
        .query('update glasnik.feeds set leased_at = now()')
        .then(() => response.writeHead(200, { 'content-type': 'application/rss+xml' }).end(rss([article(1)])));
    });
    const feed = await addFeed(db(), { url: origin.url('/lost.xml') });
    const [lease] = await leaseNamed(db(), { feedIds: [feed], seconds: 60, force: false, most: 1 });
    const fetched = await fetchFeed(
      house,
      { feedId: feed, asked: lease!.asked! },
      { job: 'test', byHand: false, force: false },
    );
    expect(fetched).toBeNull();
    expect(await items('url')).toEqual([]);
    expect((await db().query('select count(*) as n from glasnik.attempts')).rows[0].n).toBe(0);
  });

  test('that another job began already is not begun a second time, but again by the same job', async () => {
    const feed = await addFeed(db(), { url: origin.url('/twice.xml') });
    const [lease] = await leaseNamed(db(), { feedIds: [feed], seconds: 60, force: false, most: 1 });
    const begin = (job: string) => house.desk.begin({ feedId: feed, asked: lease!.asked!, job });
    expect(await begin('first')).toMatchObject({ feed_id: feed });
    expect(await begin('second')).toBeNull();
    expect(await begin('first')).toMatchObject({ feed_id: feed });
  });

  test('of several hosts at once stores an article that all carry once, told by the feed of its own site', async () => {
    const others = await Promise.all(['127.0.0.3', '127.0.0.4'].map((host) => startOrigin(host)));
    for (const each of [origin, ...others])
      each.on('/shared.xml', feedAnswer(rss([article(1, { title: `Told on ${new URL(each.url('/')).hostname}` })])));
    const feeds: number[] = [];
    for (const each of [...others, origin])
      feeds.push(await addFeed(db(), { url: each.url('/shared.xml'), outlet: new URL(each.url('/')).hostname }));
    const lines = (await Promise.all(feeds.map((feed) => fetchNow(house, feed)))).map(({ line }) => line);
    expect(lines.reduce((sum, line) => sum + line.new, 0)).toBe(1);
    expect(await items('title, outlet')).toEqual([{ title: 'Told on 127.0.0.1', outlet: '127.0.0.1' }]);
    expect((await db().query('select count(*) as n from wire.item_feeds')).rows[0].n).toBe(3);
    await Promise.all(others.map((each) => each.close()));
  });

  test('sends back the validators it was given and costs nothing more on 304', async () => {
    origin.on(
      '/valid.xml',
      feedAnswer(rss([article(1)]), { etag: 'W/"x y"', 'last-modified': 'Sun, 01 Mar 2026 10:00:00 GMT' }),
      (_, r) => r.writeHead(304).end(),
    );
    const feed = await addFeed(db(), { url: origin.url('/valid.xml') });
    await fetchNow(house, feed);
    expect((await fetchNow(house, feed)).line).toMatchObject({ outcome: 'not-modified', http_status: 304, new: 0 });
    expect(origin.seen('/valid.xml').at(-1)?.headers).toMatchObject({
      'if-none-match': 'W/"x y"',
      'if-modified-since': 'Sun, 01 Mar 2026 10:00:00 GMT',
    });
  });

  test('keeps the last fifty attempts of a feed', async () => {
    origin.on('/often.xml', feedAnswer(rss([article(1)])));
    const feed = await addFeed(db(), { url: origin.url('/often.xml') });
    for (let i = 0; i < 52; i++) await fetchNow(house, feed);
    const { rows } = await db().query(
      'select count(*) as n, max(slot) as top, (select attempts from glasnik.feeds) as ever from glasnik.attempts',
    );
    expect(rows[0]).toEqual({ n: 50, top: 49, ever: 52 });
  });
});
