import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { createLog } from '../../src/log.ts';
import { addToOutbox } from '../../src/store/articles.ts';
import { type Database, openDatabase } from '../../src/store/database.ts';
import { createMemory, memoryOf, recall } from '../../src/store/memory.ts';
import { storyFeatures } from '../../src/story/features.ts';
import { relate } from '../../workers/relate.ts';
import { type GivenArticle, someFeed, storeGiven } from '../support/articles.ts';
import { emptyDatabase, useDatabase } from '../support/database.ts';

const db = useDatabase();
let other: Database;
let feedId = 0;
beforeAll(() => {
  other = openDatabase(db().url, 4, createLog('silent'));
});
afterAll(() => other.close());
beforeEach(async () => {
  await emptyDatabase(db());
  feedId = await someFeed(db());
});

const quake = (n: number): GivenArticle => ({
  url: `https://dnevnik.example/quake/${n}`,
  title: 'Earthquake of magnitude 5.4 shakes Petrinja, no casualties',
  lead: 'A strong earthquake shook Petrinja and Sisak early on Tuesday; roofs were damaged and schools stay closed.',
  at: `2026-03-0${n}T08:00:00Z`,
});
const festival: GivenArticle = {
  url: 'https://dnevnik.example/festival',
  title: 'Film festival opens in Sarajevo with a comedy',
  lead: 'The red carpet was rolled out in front of the national theatre for the eleventh time.',
  at: '2026-03-01T10:00:00Z',
};
const storyOf = async (itemId: number): Promise<number> =>
  (await db().query<{ story_id: number }>('select story_id from glasnik.items where item_id = $1', [itemId])).rows[0]!
    .story_id;
const versions = async () =>
  (
    await db().query<{ item_id: number; version: string }>(
      'select item_id, xmin::text as version from glasnik.item_features order by 1',
    )
  ).rows;

test('what another process related again is read anew', async () => {
  const [first] = await storeGiven(db(), feedId, [festival]);
  await relate(db());
  expect(memoryOf(db()).items.has(first!)).toBe(true);
  // The article is corrected into another one, and another process relates it.
  await db().query('update glasnik.items set title = $2, lead = $3 where item_id = $1', [
    first,
    quake(1).title,
    quake(1).lead,
  ]);
  await db().tx((tx) => addToOutbox(tx, [first!]));
  await relate(other);
  const [second] = await storeGiven(db(), feedId, [quake(2)]);
  await relate(db());
  expect(await storyOf(second!)).toBe(await storyOf(first!));
});

test('what a transaction that failed had computed is not believed', async () => {
  const [first] = await storeGiven(db(), feedId, [quake(1)]);
  await db().query(`create function glasnik.refuse() returns trigger language plpgsql as $$ begin raise 'no'; end $$`);
  await db().query('create trigger refused before delete on glasnik.unrelated execute function glasnik.refuse()');
  await expect(relate(db())).rejects.toThrow('no');
  expect(memoryOf(db()).items.has(first!)).toBe(true);
  await db().query('drop trigger refused on glasnik.unrelated; drop function glasnik.refuse()');
  await relate(db());
  const known = await recall(db(), createMemory(10), await versions());
  expect(memoryOf(db()).items.get(first!)!.version).toBe((await versions())[0]!.version);
  expect(known.get(first!)!.sketch).toEqual(memoryOf(db()).items.get(first!)!.item.sketch);
});

test('items that were related before there were sketches are compared by their features', async () => {
  const [first] = await storeGiven(db(), feedId, [quake(1)]);
  await relate(db());
  const { title, lead, at } = quake(1);
  const features = storyFeatures({ lang: 'en', title, summary: lead!, publishedAt: at as string });
  await db().query('update glasnik.item_features set sketch = null, features = $1', [JSON.stringify(features)]);
  const [second] = await storeGiven(other, feedId, [quake(2)]);
  await relate(other);
  expect(await storyOf(second!)).toBe(await storyOf(first!));
});

test('no more is kept in mind than was asked for, the oldest goes first', async () => {
  const ids = await storeGiven(db(), feedId, [quake(1), quake(2), festival]);
  await relate(db());
  const memory = createMemory(2);
  const all = await versions();
  expect((await recall(db(), memory, all)).size).toBe(3);
  expect([...memory.items.keys()]).toEqual(ids.slice(1));
  await recall(db(), memory, [all[1]!]);
  await recall(db(), memory, [all[0]!]);
  expect([...memory.items.keys()]).toEqual([ids[1], ids[0]]);
});
