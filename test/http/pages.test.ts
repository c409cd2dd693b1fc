import { beforeAll, describe, expect, test } from 'vitest';
import { relate } from '../../workers/relate.ts';
import { someFeed, storeGiven } from '../support/articles.ts';
import { CHROMIUM, layoutShift, open, useBrowser, violations } from '../support/browser.ts';
import { useDatabase } from '../support/database.ts';
import { useServed } from '../support/served.ts';

const db = useDatabase();
const served = useServed(db);
const browser = useBrowser();
const HOSTILE =
  '<img src=x onerror=alert(1)> Serbia and "Hungary" sign \u202edefence\u202c agreement <script>alert(2)</script> & more';

let hostileId = 0;
let storyId = 0;
beforeAll(async () => {
  const feedId = await someFeed(db());
  const hour = (n: number) => new Date(Date.now() - n * 3_600_000);
  const ids = await storeGiven(db(), feedId, [
    {
      url: 'https://a.example/1',
      title: HOSTILE,
      lead: 'Defence ministers of Serbia and Hungary signed a plan.',
      at: hour(1),
    },
    {
      url: 'https://a.example/2',
      title: 'Serbia and Hungary hold joint military exercise',
      lead: 'Troops of both armies trained near Subotica.',
      at: hour(30),
    },
    {
      url: 'https://a.example/3',
      title: 'Грчка и Србија потписале војни споразум',
      lead: 'Министри одбране Грчке и Србије потписали су план војне сарадње.',
      at: hour(31),
    },
    {
      url: 'https://a.example/4',
      title: 'Η Ελλάδα και η Κύπρος σε κοινή στρατιωτική άσκηση',
      lead: 'Οι ένοπλες δυνάμεις Ελλάδας και Βουλγαρίας.',
      at: hour(60),
    },
    {
      url: 'https://a.example/5',
      title: 'Serbia buys Turkish drones for its army',
      lead: 'The defence ministry of Serbia signed the contract with Turkey.',
      at: hour(90),
    },
  ]);
  hostileId = ids[0]!;
  await relate(db());
  const { rows } = await db().query('select story_id from wire.items where item_id = $1', [hostileId]);
  storyId = rows[0].story_id;
});

const text = async (path: string) => (await fetch(served().base + path)).text();

test('hostile titles come out as text on every page and in the fragment', async () => {
  const fragment = `/v1/read-next.html?url=${encodeURIComponent('https://a.example/2')}`;
  for (const path of ['/', `/story/${storyId}`, `/item/${hostileId}`, '/?q=hungary', fragment]) {
    const page = await text(path);
    expect(page, path).not.toMatch(/<img src=x|<script>alert|\u202e/);
  }
  expect(await text('/')).toContain('&lt;img src=x onerror=alert(1)&gt; Serbia and &quot;Hungary&quot;');
});

test('an address that is none to follow is shown without a link', async () => {
  const [id] = await storeGiven(db(), await someFeed(db(), 'odd'), [{ url: 'https://b.example/1', title: 'Odd' }]);
  await db().query(`update glasnik.items set url = 'javascript:alert(1)' where item_id = $1`, [id]);
  const page = await text(`/item/${id}`);
  expect(page).not.toContain('href="javascript:');
});

test('filters stand in the address, empty ones do not', async () => {
  const response = await fetch(`${served().base}/?country=RS&kind=&lang=&period=&q=`, { redirect: 'manual' });
  expect([response.status, response.headers.get('location')]).toEqual([303, '/?country=RS']);
  const exercise = await text('/?kind=exercise');
  expect(exercise).toContain('joint military exercise');
  expect(exercise).not.toContain('Turkish drones');
  expect(await text('/?country=RS&with=TR')).toContain('Turkish drones');
  expect(await text('/?q=Srbija')).toContain('Грчка и Србија');
  const wrong = await fetch(`${served().base}/?country=nowhere&x=1`);
  expect([wrong.status, wrong.headers.get('content-type')]).toEqual([400, 'text/html; charset=utf-8']);
});

test('a joined story leads on, one that is not there says so', async () => {
  await db().query('insert into glasnik.story_redirects values (999999, $1)', [storyId]);
  const moved = await fetch(`${served().base}/story/999999`, { redirect: 'manual' });
  expect([moved.status, moved.headers.get('location')]).toEqual([308, `/story/${storyId}`]);
  expect((await fetch(`${served().base}/story/999998`)).status).toBe(404);
});

describe.skipIf(CHROMIUM === null)(`in Chromium${CHROMIUM === null ? ' (skipped: none is installed)' : ''}`, () => {
  const paths = ['/', '/story/ID', '/item/ID', '/matrix', '/?q=hungary', '/ops', '/?country=SI'];

  test.each(paths)('%s fits 320 px, does not move, complains of nothing, and axe-core finds nothing', async (path) => {
    const address = path.replace('story/ID', `story/${storyId}`).replace('item/ID', `item/${hostileId}`);
    const { page, complaints } = await open(browser(), served().base + address, { width: 320 });
    expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth')).toBeLessThanOrEqual(0);
    expect(await layoutShift(page)).toBeLessThan(0.01);
    expect(await violations(page)).toEqual([]);
    await page.emulateMedia({ colorScheme: 'dark' });
    expect(await violations(page, 'color-contrast')).toEqual([]);
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  test('a reader without script filters, opens a story and follows Read next', async () => {
    const { page } = await open(browser(), served().base, { script: false });
    await page.selectOption('select[name=country]', 'RS');
    await page.click('button[type=submit]');
    expect(new URL(page.url()).search).toBe('?country=RS');
    await page.click('text=Serbia buys Turkish drones');
    expect(await page.textContent('h1')).toBe('Serbia buys Turkish drones for its army');
    await page.click('.next__lead a >> nth=0');
    expect(new URL(page.url()).pathname).toMatch(/^\/story\/\d+$/);
    await page.context().close();
  });

  test('words that gave tags are marked where they stand', async () => {
    const { page } = await open(browser(), `${served().base}/item/${hostileId}`);
    expect(await page.locator('h1 mark').allTextContents()).toEqual(expect.arrayContaining(['Serbia', 'Hungary']));
    await page.context().close();
  });
});
