import { beforeEach, describe, expect, test } from 'vitest';
import { markItem } from '../../src/store/marks.ts';
import { deal, someFeed, storeGiven } from '../support/articles.ts';
import { emptyDatabase, useDatabase } from '../support/database.ts';
import { getJson, useServed } from '../support/served.ts';

const db = useDatabase();
const served = useServed(db);
const get = (path: string, headers?: Record<string, string>) => getJson(served().base + path, headers);

let feedId = 0;
beforeEach(async () => {
  await emptyDatabase(db());
  feedId = await someFeed(db());
});

describe('items', () => {
  test('a walk while items arrive neither skips nor repeats', async () => {
    const ids = await storeGiven(
      db(),
      feedId,
      Array.from({ length: 9 }, (_, n) => deal(n)),
    );
    const seen: number[] = [];
    let cursor: string | null = '';
    for (let page = 0; cursor !== null; page++) {
      const { body } = await get(`/v1/items?limit=2${cursor && `&cursor=${cursor}`}`);
      seen.push(...body.items.map((item: { item_id: number }) => item.item_id));
      cursor = body.next_cursor;
      await storeGiven(db(), feedId, [
        deal(100 + page, '2026-05-01T10:00:00Z'),
        deal(200 + page, '2026-04-30T00:00:00Z'),
      ]);
    }
    expect(seen).toEqual([...ids].reverse());
  });

  test('field names are those of wire.items, ids are numbers and times end in Z', async () => {
    await storeGiven(db(), feedId, [deal(1)]);
    const { body } = await get('/v1/items');
    const { fields } = await db().query('select * from wire.items limit 0');
    expect(Object.keys(body.items[0])).toEqual(fields.map((field) => field.name));
    expect(body.items[0].item_id).toBeTypeOf('number');
    expect(body.items[0].published_at).toBe('2026-03-02T10:00:00.000Z');
    expect(body.items[0]).toMatchObject({ relevant: true, countries: expect.arrayContaining(['RS', 'HU']) });
  });

  test('several values of one filter mean or, different filters and', async () => {
    const drill = {
      url: 'https://dnevnik.example/2',
      title: 'Croatia and Albania hold joint military exercise',
      lead: 'Soldiers of both armies took part in the drill near Split.',
      at: '2026-03-02T10:00:00Z',
    };
    await storeGiven(db(), feedId, [deal(1), drill]);
    const count = async (query: string) => (await get(`/v1/items?${query}`)).body.items.length;
    expect(await count('country=HU,AL')).toBe(2);
    expect(await count('country=HU&country=AL')).toBe(2);
    expect(await count('country=HU&cooperation=exercise')).toBe(0);
    expect(await count('country=HR&cooperation=exercise,agreement')).toBe(1);
    expect(await count('relevant=false')).toBe(0);
    expect(await count(`since=2020-01-01T00:00:00Z&feed=${feedId}`)).toBe(2);
    expect(await count('lang=sr')).toBe(0);
  });

  test('one question finds a name in every script, and words by their stems', async () => {
    await storeGiven(db(), feedId, [
      { url: 'https://a.example/1', title: 'Вучић и Сијарто о војној сарадњи Србије и Мађарске', lead: 'О споразуму.' },
      { url: 'https://a.example/2', title: 'Vučić: Vojska Srbije i vojska Mađarske sve bliže' },
      { url: 'https://a.example/3', title: 'Vucic welcomes joint military exercises' },
      { url: 'https://a.example/4', title: 'Weather for the weekend' },
    ]);
    const found = async (q: string) => {
      const { body } = await get(`/v1/items?relevant=any&q=${encodeURIComponent(q)}`);
      return body.items
        .map((item: { url: string }) => item.url.slice(-1))
        .sort()
        .join('');
    };
    for (const q of ['Vučić', 'Vucic', 'Вучић', 'VUČIĆ', 'vuči']) expect(await found(q), q).toBe('123');
    expect(await found('vojske')).toBe('2');
    expect(await found('exercise')).toBe('3');
    expect(await found('Вучић војска')).toBe('2');
    expect(await found("'); drop table -- & | ! :*")).toBe('');
    expect(await found('!!!')).toBe('');
  });

  test('a walk through search results holds still while items arrive', async () => {
    await storeGiven(
      db(),
      feedId,
      Array.from({ length: 7 }, (_, n) => deal(n)),
    );
    const seen = new Set<number>();
    let total = 0;
    let cursor: string | null = '';
    while (cursor !== null) {
      const { body } = await get(`/v1/items?q=agreement&limit=3${cursor && `&cursor=${cursor}`}`);
      for (const { item_id } of body.items) seen.add(item_id);
      total += body.items.length;
      cursor = body.next_cursor;
      await storeGiven(db(), feedId, [deal(300 + total)]);
    }
    expect([seen.size, total]).toEqual([7, 7]);
  });

  test('an item that is not there is 404, a hidden one too', async () => {
    const [id] = await storeGiven(db(), feedId, [deal(1)]);
    expect((await get(`/v1/items/${id}`)).status).toBe(200);
    await markItem(db(), id!, 'hidden');
    expect((await get(`/v1/items/${id}`)).body.type).toBe('urn:glasnik:problem:not-found');
    expect((await get('/v1/nothing')).status).toBe(404);
  });
});

describe('stories', () => {
  test('a joined story answers 308 with the address of the one that survives', async () => {
    await storeGiven(db(), feedId, [deal(1), deal(2)]);
    const { body } = await get('/v1/stories');
    expect(body.stories).toHaveLength(2);
    const [gone, kept] = body.stories.map((story: { story_id: number }) => story.story_id);
    await db().query('update glasnik.items set story_id = $1 where story_id = $2', [kept, gone]);
    await db().query('delete from glasnik.stories where story_id = $1', [gone]);
    await db().query('insert into glasnik.story_redirects values ($1, $2)', [gone, kept]);
    const moved = await fetch(`${served().base}/v1/stories/${gone}`, { redirect: 'manual' });
    expect([moved.status, moved.headers.get('location')]).toEqual([308, `/v1/stories/${kept}`]);
    const story = await get(`/v1/stories/${kept}`);
    expect(story.body).toMatchObject({ story_id: kept, items: 2 });
    expect(story.body.reports).toHaveLength(2);
    expect((await get('/v1/stories/999999')).status).toBe(404);
    expect((await get(`/v1/items?story=${gone}`)).body.items).toHaveLength(2);
  });

  test('are walked by cursor and narrowed by their reports', async () => {
    await storeGiven(
      db(),
      feedId,
      [1, 2, 3].map((n) => deal(n)),
    );
    const first = await get('/v1/stories?limit=2&country=RS');
    const rest = await get(`/v1/stories?limit=2&country=RS&cursor=${first.body.next_cursor}`);
    expect([first.body.stories.length, rest.body.stories.length, rest.body.next_cursor]).toEqual([2, 1, null]);
    expect((await get('/v1/stories?country=GR')).body.stories).toEqual([]);
  });
});
