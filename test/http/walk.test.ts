import fc from 'fast-check';
import { beforeEach, expect, test } from 'vitest';
import { prune, refreshStories } from '../../src/store/prune.ts';
import { applyStories } from '../../src/store/relate.ts';
import { deal, someFeed, storeGiven } from '../support/articles.ts';
import { emptyDatabase, useDatabase } from '../support/database.ts';
import { getJson, useServed } from '../support/served.ts';

const db = useDatabase();
const served = useServed(db);

let feedId = 0;
let told = 0;
beforeEach(async () => {
  await emptyDatabase(db());
  feedId = await someFeed(db());
  told = 0;
});

const ids = async (): Promise<number[]> =>
  (await db().query<{ story_id: number }>('select story_id from glasnik.stories where relevant order by 1')).rows.map(
    (row) => row.story_id,
  );

/** A new story of a day, or a new report of a story that is there. */
async function tell(day: number, ofStory: number | null = null): Promise<void> {
  const [itemId] = await storeGiven(db(), feedId, [
    deal(1000 + told++, new Date(Date.UTC(2026, 2, day)).toISOString()),
  ]);
  if (ofStory !== null) await move([{ itemId: itemId!, storyId: ofStory }], []);
}

async function move(
  moves: { itemId: number; storyId: number }[],
  joins: { from: number; to: number }[],
): Promise<void> {
  await db().tx(async (tx) => {
    const { touchedStories } = await applyStories(tx, { moves, joins, copies: [] });
    await refreshStories(tx, touchedStories);
  });
}

/** What happens between two pages. Numbers choose among what is there. */
const happening = fc.oneof(
  fc.record({ what: fc.constant('report' as const), day: fc.integer({ min: 1, max: 60 }), of: fc.nat(100) }),
  fc.record({ what: fc.constant('story' as const), day: fc.integer({ min: 1, max: 60 }), of: fc.nat(100) }),
  fc.record({ what: fc.constant('join' as const), day: fc.nat(100), of: fc.nat(100) }),
);

async function happen({ what, day, of }: typeof happening extends fc.Arbitrary<infer T> ? T : never): Promise<void> {
  const there = await ids();
  const story = there[of % there.length]!;
  if (what === 'story') await tell(day);
  else if (what === 'report') await tell(day, story);
  else {
    const other = there[day % there.length]!;
    if (other !== story) await move([], [{ from: Math.max(story, other), to: Math.min(story, other) }]);
  }
}

test('a walk through stories while reports come in and stories are joined neither skips nor repeats', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.array(happening, { maxLength: 3 }), { maxLength: 8 }), async (between) => {
      await emptyDatabase(db());
      feedId = await someFeed(db());
      for (let day = 1; day <= 9; day++) await tell(day * 5);
      const before = await ids();
      const seen: number[] = [];
      let cursor: string | null = '';
      for (let page = 0; cursor !== null; page++) {
        const { body } = await getJson(`${served().base}/v1/stories?limit=2${cursor && `&cursor=${cursor}`}`);
        seen.push(...body.stories.map((story: { story_id: number }) => story.story_id));
        cursor = body.next_cursor;
        for (const one of between[page] ?? []) await happen(one);
      }
      const left = new Set(await ids());
      expect(new Set(seen).size).toBe(seen.length);
      expect(before.filter((id) => left.has(id) && !seen.includes(id))).toEqual([]);
    }),
    { numRuns: 12 },
  );
});

test('a story that gets a report during a walk keeps its place for that walk, and leads the next one', async () => {
  for (const day of [1, 2, 3, 4]) await tell(day);
  const walk = async (query: string) => (await getJson(`${served().base}/v1/stories?limit=2${query}`)).body;
  const first = await walk('');
  const oldest = (await ids())[0]!;
  await tell(20, oldest);
  const rest = await walk(`&cursor=${first.next_cursor}`);
  expect(rest.stories.map((story: { story_id: number }) => story.story_id)).toContain(oldest);
  expect((await walk('')).stories[0].story_id).toBe(oldest);
});

test('where stories stood is forgotten after a day', async () => {
  await tell(1);
  await tell(20, (await ids())[0]!);
  await db().query(`update glasnik.story_moves set at = now() - interval '2 days'`);
  await prune(db(), { days: 0, otherDays: 0 });
  expect((await db().query('select from glasnik.story_moves')).rowCount).toBe(0);
});

test('a cursor with a snapshot that is none is refused by name', async () => {
  for (const began of ['5:3:', '3:5:4,3', '0:0:', 'x']) {
    const cursor = Buffer.from(JSON.stringify(['s', '2026-01-01 00:00:00+00', 1, began])).toString('base64url');
    const { status, body } = await getJson(`${served().base}/v1/stories?cursor=${cursor}`);
    expect([status, body.errors?.[0]?.parameter], began).toEqual([400, 'cursor']);
  }
});
