import { beforeEach, describe, expect, test } from 'vitest';
import { storeTellings, type Teller, type Told } from '../../src/store/articles.ts';
import { tagItem } from '../../src/tag/tagger.ts';
import { emptyDatabase, useDatabase } from '../support/database.ts';
import { addFeed } from '../support/house.ts';

const db = useDatabase();
let tellers: Teller[] = [];
beforeEach(async () => {
  await emptyDatabase(db());
  const feeds = await Promise.all(
    ['one', 'two', 'three'].map((name) => addFeed(db(), { url: `https://${name}.example/rss` })),
  );
  tellers = feeds.map((feedId) => ({
    feedId,
    outlet: `outlet ${feedId}`,
    outletCountry: 'RS',
    readerVersion: 1,
    tagger: 't',
  }));
});

const told = (key: string, title: string, ownSite = false): Told => ({
  keys: [`${key}.example/`],
  url: `https://${key}.example/`,
  title,
  lead: null,
  imageUrl: null,
  author: null,
  publishedAt: null,
  guid: key,
  entryHash: key,
  textHash: title,
  itemId: null,
  ownSite,
  tags: tagItem({ title, summary: null, outletCountry: 'RS' }),
});
const shown = async () => (await db().query('select title, told_by from glasnik.items order by url')).rows;

describe('what several feeds tell at once', () => {
  test('is stored as what each told, each with its own figures', async () => {
    const [one, two] = tellers as [Teller, Teller];
    const stored = await db().tx((tx) =>
      storeTellings(tx, [
        { teller: one, told: [told('a', 'The first'), told('b', 'The second')] },
        { teller: two, told: [told('c', 'The third')] },
        { teller: tellers[2]!, told: [] },
      ]),
    );
    expect(stored.map(({ newIds, updatedIds, duplicates }) => [newIds.length, updatedIds.length, duplicates])).toEqual([
      [2, 0, 0],
      [1, 0, 0],
      [0, 0, 0],
    ]);
    expect(await shown()).toEqual([
      { title: 'The first', told_by: one.feedId },
      { title: 'The second', told_by: one.feedId },
      { title: 'The third', told_by: two.feedId },
    ]);
  });

  test('of one article is shown as the feed of its own site tells it, and counted as a duplicate of the others', async () => {
    const [one, two, three] = tellers as [Teller, Teller, Teller];
    const stored = await db().tx((tx) =>
      storeTellings(tx, [
        { teller: one, told: [told('a', 'As the first tells it')] },
        { teller: two, told: [told('a', 'As its own site tells it', true)] },
        { teller: three, told: [told('a', 'As the third tells it')] },
      ]),
    );
    expect(stored.map(({ newIds, updatedIds, duplicates }) => [newIds.length, updatedIds.length, duplicates])).toEqual([
      [1, 0, 0],
      [0, 1, 1],
      [0, 0, 1],
    ]);
    expect(await shown()).toEqual([{ title: 'As its own site tells it', told_by: two.feedId }]);
  });
});
