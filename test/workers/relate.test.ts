import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { answerReadNext } from '../../src/http/readnext-answer.ts';
import { addToOutbox } from '../../src/store/articles.ts';
import { markItem } from '../../src/store/marks.ts';
import { readNextFor } from '../../src/store/readnext.ts';
import { relate } from '../../workers/relate.ts';
import { emptyDatabase, useDatabase } from '../support/database.ts';
import { addFeed, fetchAndRelate, type TestHouse, testHouse } from '../support/house.ts';
import { type Origin, startOrigin } from '../support/origin.ts';
import { feedAnswer, type RssItem, rss } from '../support/rss.ts';

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

const item = (name: string, date: string, title: string, lead: string): RssItem => ({
  title,
  lead,
  date,
  link: origin.url(`/${name}`),
});
const affair = () => ({
  plan: item(
    'plan',
    '2025-04-01T14:20:00Z',
    'Serbia and Hungary sign plan of 79 joint military activities',
    'The defence ministers of Serbia and Hungary signed in Belgrade a plan of bilateral military cooperation with 79 joint activities this year.',
  ),
  planSr: item(
    'plan-sr',
    '2025-04-01T15:00:00Z',
    'Србија и Мађарска потписале план војне сарадње са 79 активности',
    'Министри одбране Србије и Мађарске потписали су у Београду план билатералне војне сарадње са 79 заједничких активности ове године.',
  ),
  protest: item(
    'protest',
    '2025-03-19T09:00:00Z',
    'Serbia protests over the Tirana declaration',
    'Belgrade sent a protest to Tirana, Zagreb and Pristina over the declaration on military cooperation that Albania, Croatia and Kosovo signed on Tuesday.',
  ),
  exercise: item(
    'exercise',
    '2025-03-28T09:00:00Z',
    'Serbian and Hungarian pilots train together near Kecskemét',
    'Helicopter crews of the armed forces of Serbia and Hungary held a joint exercise at a Hungarian base.',
  ),
  resignation: item(
    'resignation',
    '2025-03-19T18:00:00Z',
    'Serbian parliament accepts the resignation of the prime minister',
    'The parliament of Serbia confirmed the resignation of the government; a new one must be formed within 30 days or elections are called.',
  ),
  weather: item(
    'weather',
    '2025-04-01T06:00:00Z',
    'Rain in the whole country until Friday',
    'Temperatures fall to twelve degrees, the weather service says.',
  ),
});

async function tellAll(items: readonly RssItem[], name = 'all'): Promise<void> {
  origin.on(`/${name}.xml`, feedAnswer(rss(items)));
  await fetchAndRelate(
    house,
    await addFeed(db(), { url: origin.url(`/${name}.xml`), outlet: name, outletCountry: 'RS' }),
  );
}
const listOf = async (name: string, langs: string[] | null = null) =>
  (await readNextFor(db(), origin.url(`/${name}`), 10, langs)).map((row) => new URL(row.url).pathname.slice(1));

/** What must hold whatever the order of arrival. */
async function expectInvariants(): Promise<void> {
  const { rows } = await db().query(`
    select (select count(*) from glasnik.unrelated) as unrelated,
           (select count(*) from glasnik.stories s where not exists (select from glasnik.items i where i.story_id = s.story_id)) as empty_stories,
           (select count(*) from glasnik.story_redirects r left join glasnik.stories s on s.story_id = r.to_story_id where s.story_id is null) as dead_redirects,
           (select count(*) from glasnik.story_redirects r join glasnik.stories s on s.story_id = r.from_story_id) as living_origins,
           (select count(*) from wire.read_next r join wire.items i using (item_id) where i.story_id = r.story_id) as own_story,
           (select count(*) from (select 1 from wire.read_next group by item_id, story_id having count(*) > 1) twice) as repeated`);
  expect(rows[0]).toEqual({
    unrelated: 0,
    empty_stories: 0,
    dead_redirects: 0,
    living_origins: 0,
    own_story: 0,
    repeated: 0,
  });
  const { rows: changes } = await db().query<{ item_id: number; kind: string }>(
    'select item_id, kind from wire.changes order by seq',
  );
  const shown = new Set<number>();
  for (const { item_id, kind } of changes) kind === 'gone' ? shown.delete(item_id) : shown.add(item_id);
  const { rows: relevant } = await db().query<{ item_id: number }>(
    'select item_id from wire.items where relevant order by 1',
  );
  expect([...shown].sort((a, b) => a - b)).toEqual(relevant.map((r) => r.item_id));
}

describe('relating', () => {
  test('makes the list under the article on the plan: its affair first, never itself, never its own story', async () => {
    const a = affair();
    await tellAll(Object.values(a));
    const list = await listOf('plan');
    expect(list.slice(0, 2).sort()).toEqual(['exercise', 'protest']);
    expect(list).toContain('resignation');
    for (const own of ['plan', 'plan-sr', 'weather']) expect(list).not.toContain(own);
    const { rows } = await db().query(
      `select reasons from wire.read_next where item_id = (select item_id from wire.items where url like '%/plan')`,
    );
    for (const row of rows) expect(row.reasons.length).toBeGreaterThan(0);
    await expectInvariants();
  });

  test('joins reports of one event across scripts into one story, the older id surviving', async () => {
    const a = affair();
    await tellAll([a.plan!, a.weather!], 'first');
    const { rows: before } = await db().query(`select story_id from wire.items where url like '%/plan'`);
    await tellAll([a.planSr!], 'second');
    const { rows } = await db().query(`select story_id from wire.items where url like '%/plan%'`);
    expect(rows.map((r) => r.story_id)).toEqual([before[0].story_id, before[0].story_id]);
    expect((await db().query('select to_story_id from wire.story_redirects')).rows).toEqual([
      { to_story_id: before[0].story_id },
    ]);
    expect((await db().query('select items, langs from wire.stories where items > 1')).rows).toEqual([
      { items: 2, langs: ['en', 'sr-Cyrl'] },
    ]);
    await expectInvariants();
  });

  test('refreshes the lists of articles that were there before', async () => {
    const a = affair();
    await tellAll([a.plan!], 'first');
    expect(await listOf('plan')).toEqual([]);
    await tellAll([a.protest!, a.exercise!], 'second');
    expect((await listOf('plan')).sort()).toEqual(['exercise', 'protest']);
    expect(await listOf('protest')).toContain('plan');
  });

  test('shows a story by its report in the asked languages, and leaves it out where it has none', async () => {
    await tellAll(Object.values(affair()));
    expect(await listOf('protest')).toContain('plan');
    expect(await listOf('protest', ['sr'])).toEqual(['plan-sr']);
    expect(await listOf('protest', ['hu'])).toEqual([]);
  });

  test('takes a hidden item out of all lists, and brings an item that was marked relevant into them', async () => {
    await tellAll(Object.values(affair()));
    const idOf = async (name: string) =>
      (await db().query('select item_id from glasnik.items where url = $1', [origin.url(`/${name}`)])).rows[0].item_id;
    await markItem(db(), await idOf('protest'), 'hidden');
    expect(await listOf('plan')).not.toContain('protest');
    await markItem(db(), await idOf('weather'), 'relevant');
    await relate(db());
    expect((await db().query(`select relevant, marked from wire.items where url like '%/weather'`)).rows).toEqual([
      { relevant: true, marked: 'relevant' },
    ]);
    await expectInvariants();
  });

  test('answers for an article that is not stored by what it is about', async () => {
    await tellAll(Object.values(affair()));
    const ask = (title: string | null) =>
      answerReadNext(
        db(),
        { url: 'https://unknown.example/x', limit: 4, langs: null, title, lead: null },
        new Date('2025-04-03T10:00:00Z'),
      );
    expect(await ask(null)).toEqual({ article: null, items: [] });
    const answer = await ask('Hungary and Serbia plan a joint military exercise on the Danube');
    expect(answer.article).toBeNull();
    expect(answer.items.map((i) => new URL(i.url).pathname)).toContain('/exercise');
    expect(answer.items.map((i) => i.rank)).toEqual(answer.items.map((_, i) => i + 1));
  });

  test('done again over what is related already changes nothing', async () => {
    await tellAll(Object.values(affair()));
    const state = async () =>
      (
        await db().query(`select (select json_agg(r order by item_id, rank) from wire.read_next r) as lists,
                                (select json_agg(json_build_array(item_id, story_id, copy_of) order by item_id) from wire.items) as items,
                                (select max(seq) from wire.changes) as seq`)
      ).rows[0];
    const before = await state();
    const { rows } = await db().query<{ item_id: number }>('select item_id from glasnik.items');
    await db().tx((tx) =>
      addToOutbox(
        tx,
        rows.map((r) => r.item_id),
      ),
    );
    await relate(db());
    expect(await state()).toEqual(before);
  });

  test('is one batch at a time: who finds another at it leaves it to that one', async () => {
    const a = affair();
    origin.on('/busy.xml', feedAnswer(rss([a.plan!])));
    const holder = await db().pool.connect();
    await holder.query('begin');
    await holder.query(`select pg_advisory_xact_lock(hashtext('glasnik.relate'))`);
    await fetchAndRelate(house, await addFeed(db(), { url: origin.url('/busy.xml') }));
    expect(await relate(db())).toEqual({ related: 0, elsewhere: true });
    await holder.query('rollback');
    holder.release();
    expect(await relate(db())).toEqual({ related: 1, elsewhere: false });
    await expectInvariants();
  });
});

test('what may be of the beat and is held for other news has a list, and stands in none', async () => {
  const { plan, protest, exercise, weather } = affair();
  await tellAll([plan, protest, exercise, weather]);
  const { rows } = await db().query<{ item_id: number; url: string }>(
    `update glasnik.items set topic = 'other', tagged_relevant = false, cooperation = '{}', relevance = case when url like '%weather' then 0.01 else 0.4 end
      where url like '%exercise' or url like '%weather' returning item_id, url`,
  );
  await addToOutbox(
    db(),
    rows.map((row) => row.item_id),
  );
  await relate(db());
  expect(await listOf('exercise')).toContain('plan');
  expect(await listOf('weather')).toEqual([]);
  expect(await listOf('plan')).not.toContain('exercise');
});

test('items keep how likely their tags are, and those of an older version count as sure', async () => {
  const { plan, protest, exercise } = affair();
  await tellAll([plan, protest]);
  const kept = 'select count(*) as n from glasnik.item_features where soft is not null';
  expect((await db().query(kept)).rows[0]).toEqual({ n: 2 });
  await db().query('update glasnik.item_features set soft = null');
  await tellAll([plan, protest, exercise]);
  expect(await listOf('exercise')).toContain('plan');
});
