import { expect, test } from 'vitest';
import { applyStories } from '../../src/store/relate.ts';
import { deal, storeGiven } from '../support/articles.ts';
import { useDatabase } from '../support/database.ts';
import { addFeed } from '../support/house.ts';

const db = useDatabase();

test('an original that turns out to be a copy hands on all its copies, those that nobody looked at included', async () => {
  const feed = await addFeed(db(), { url: 'https://dnevnik.example/feed.xml', outlet: 'Dnevnik' });
  const [agency, paper, portal] = (await storeGiven(db(), feed, [deal(1), deal(2), deal(3)])) as [
    number,
    number,
    number,
  ];
  const copies = (itemId: number, copyOf: number) =>
    db().tx((tx) => applyStories(tx, { moves: [], joins: [], copies: [{ itemId, copyOf }] }));
  await copies(portal, paper);
  const { touchedItems } = await copies(paper, agency);
  const { rows } = await db().query('select item_id, copy_of from glasnik.items order by item_id');
  expect(rows).toEqual([
    { item_id: agency, copy_of: null },
    { item_id: paper, copy_of: agency },
    { item_id: portal, copy_of: agency },
  ]);
  expect(touchedItems.sort()).toEqual([paper, portal].sort());
});
