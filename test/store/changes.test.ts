import { beforeEach, describe, expect, test } from 'vitest';
import { announce, storeArticles, type Told } from '../../src/store/articles.ts';
import { markItem } from '../../src/store/marks.ts';
import { prune } from '../../src/store/prune.ts';
import { emptyDatabase, useDatabase } from '../support/database.ts';
import { addFeed } from '../support/house.ts';

const db = useDatabase();
let feed: number;
beforeEach(async () => {
  await emptyDatabase(db());
  feed = await addFeed(db(), { url: 'https://example.org/feed.xml', outlet: 'Example' });
});

const teller = () => ({ feedId: feed, outlet: 'Example', outletCountry: 'RS', readerVersion: 1, tagger: 'test' });

/** An article of the beat, as a fetch would tell it. */
const told = (name: string, more: Partial<Told> = {}): Told => ({
  keys: [`example.org/${name}`],
  url: `https://example.org/${name}`,
  title: `Title of ${name}`,
  lead: 'A lead.',
  imageUrl: null,
  author: null,
  publishedAt: '2026-03-01T10:00:00Z',
  guid: name,
  entryHash: name,
  textHash: name,
  itemId: null,
  ownSite: true,
  tags: {
    lang: 'en',
    topic: 'defence-cooperation',
    relevant: true,
    relevance: 0.9,
    countries: ['RS', 'HU'],
    cooperation: ['exercise'],
    orgs: [],
    kicker: 'Serbia',
    evidence: [],
  },
  ...more,
});
const tell = (...articles: Told[]) =>
  db().tx(async (tx) => {
    const stored = await storeArticles(tx, teller(), articles);
    await announce(tx, [...stored.newIds, ...stored.updatedIds]);
    return stored;
  });
const changes = async (after = 0) =>
  (
    await db().query<{ seq: number; kind: string; item_id: number }>(
      'select seq, kind, item_id from wire.changes where seq > $1 order by seq',
      [after],
    )
  ).rows;

describe('wire.changes', () => {
  test('is drawn in commit order: a reader by seq misses nothing of two overlapping transactions', async () => {
    const slow = await db().pool.connect();
    await slow.query('begin');
    const first = await storeArticles(slow, teller(), [told('slow')]); // written, not yet announced
    const second = await tell(told('fast')); // begins later, commits earlier
    const seen = await changes();
    expect(seen.map((c) => c.item_id)).toEqual(second.newIds);
    await announce(slow, first.newIds);
    const concurrent = tell(told('third')); // waits for the slow one, which announced before
    expect(await changes(seen.at(-1)!.seq)).toEqual([]);
    await slow.query('commit');
    slow.release();
    const third = await concurrent;
    const rest = await changes(seen.at(-1)!.seq);
    expect(rest.map((c) => c.item_id)).toEqual([...first.newIds, ...third.newIds]);
  });

  test('sends one notification for each change, in the transaction that makes it', async () => {
    const session = await db().session('test');
    const heard: unknown[] = [];
    const twice = new Promise<void>((resolve) => {
      session.on('notification', ({ payload }) => {
        heard.push(JSON.parse(payload!));
        if (heard.length === 2) resolve();
      });
    });
    await session.query('listen wire_items');
    const { newIds } = await tell(told('one'), told('two'));
    await twice;
    await session.end();
    const rows = await changes();
    expect(heard).toEqual(
      rows.map((row) =>
        expect.objectContaining({
          seq: row.seq,
          kind: 'new',
          item_id: row.item_id,
          url: expect.any(String),
          story_id: expect.any(Number),
        }),
      ),
    );
    expect(rows.map((row) => row.item_id)).toEqual(newIds);
  });

  test('says new, changed and gone of what wire.items shows, and nothing of what it does not', async () => {
    const { newIds } = await tell(
      told('one'),
      told('other', { tags: { ...told('x').tags!, topic: 'other', relevant: false } }),
    );
    const [id, other] = newIds as [number, number];
    await tell(told('one', { itemId: id })); // the same text
    await tell(told('one', { itemId: id, title: 'Another title' }));
    await markItem(db(), id, 'irrelevant');
    await markItem(db(), id, 'relevant');
    await markItem(db(), other, 'relevant');
    await markItem(db(), other, 'hidden');
    expect((await changes()).map((c) => [c.item_id, c.kind])).toEqual([
      [id, 'new'],
      [id, 'changed'],
      [id, 'gone'],
      [id, 'new'],
      [other, 'new'],
      [other, 'gone'],
    ]);
  });

  test('says gone of a pruned item, which never comes back as new', async () => {
    const { newIds } = await tell(told('old'));
    await db().query(`update glasnik.items set first_seen_at = now() - interval '10 days'`);
    expect(await prune(db(), { days: 5, otherDays: 5 })).toMatchObject({ items: 1 });
    expect((await changes()).map((c) => [c.item_id, c.kind])).toEqual([
      [newIds[0], 'new'],
      [newIds[0], 'gone'],
    ]);
    expect(await tell(told('old'))).toMatchObject({ newIds: [] });
    const { rows } = await db().query(
      'select (select count(*) from glasnik.items) as items, (select count(*) from glasnik.stories) as stories, (select count(*) from glasnik.item_addresses where item_id is not null) as addresses',
    );
    expect(rows[0]).toMatchObject({ items: 0, stories: 0 });
  });
});

describe('storing', () => {
  test('lets two transactions that share articles wait for each other instead of deadlocking', async () => {
    const other = await addFeed(db(), { url: 'https://example.net/feed.xml', outlet: 'Other' });
    const names = Array.from({ length: 30 }, (_, i) => `shared-${i}`);
    const rounds = Array.from({ length: 12 }, (_, round) =>
      db().tx(async (tx) => {
        const order = round % 2 ? names : [...names].reverse();
        const stored = await storeArticles(
          tx,
          { ...teller(), feedId: round % 2 ? feed : other },
          order.map((name) => told(name)),
        );
        await announce(tx, [...stored.newIds, ...stored.updatedIds]);
        return stored.newIds.length;
      }),
    );
    const counts = await Promise.all(rounds);
    expect(counts.reduce((a, b) => a + b)).toBe(names.length);
    const { rows } = await db().query(
      `select count(*) as items, count(distinct address_key) as keys, bool_and(told_by = $1) as told from glasnik.items`,
      [feed],
    );
    expect(rows[0]).toEqual({ items: 30, keys: 30, told: true });
  });

  test('gives an article to who claimed its address first, even if the other drew the lower id', async () => {
    const sequence = `pg_get_serial_sequence('glasnik.items', 'item_id')`;
    await db().query(`select setval(${sequence}, 100000)`);
    const { newIds } = await tell(told('one'));
    await db().query(`select setval(${sequence}, 50000)`);
    // As in a race: when we looked, nobody had the address.
    expect(await tell(told('one'))).toMatchObject({ newIds: [], updatedIds: [] });
    await db().query(`select setval(${sequence}, 200000)`);
    expect((await db().query('select item_id from wire.items')).rows).toEqual([{ item_id: newIds[0] }]);
  });

  test('keeps an item out of every view when it is hidden, and an editor’s word over a later text', async () => {
    const { newIds } = await tell(told('one'));
    await markItem(db(), newIds[0]!, 'hidden');
    await tell(told('one', { itemId: newIds[0]!, title: 'Another title' }));
    const { rows } = await db().query(
      `select (select count(*) from wire.items) as items, (select count(*) from wire.stories) as stories, (select count(*) from wire.tags) as tags`,
    );
    expect(rows[0]).toEqual({ items: 0, stories: 0, tags: 0 });
  });
});

describe('the reading role', () => {
  test('reads every view of wire and read_next_for, and nothing of the private schemas', async () => {
    const session = await db().session('reader');
    try {
      await session.query('set role glasnik_reader');
      const { rows: views } = await session.query<{ name: string }>(
        `select table_name as name from information_schema.views where table_schema = 'wire' order by 1`,
      );
      expect(views.map((v) => v.name)).toEqual([
        'about',
        'changes',
        'feeds',
        'item_feeds',
        'items',
        'read_next',
        'stories',
        'story_redirects',
        'tags',
      ]);
      for (const { name } of views) await session.query(`select * from wire.${name} limit 1`);
      await session.query(`select * from wire.read_next_for('https://example.org/one')`);
      for (const table of ['glasnik.items', 'glasnik.feeds', 'glasnik_queue.job', 'glasnik_meta.migrations'])
        await expect(session.query(`select * from ${table} limit 1`)).rejects.toMatchObject({ code: '42501' });
    } finally {
      await session.end();
    }
  });
});
