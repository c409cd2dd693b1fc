import { readFileSync } from 'node:fs';
import pg from 'pg';
import { beforeAll, describe, expect, test } from 'vitest';
import { inRoot } from '../../src/root.ts';
import { relate } from '../../workers/relate.ts';
import { deal, someFeed, storeGiven } from '../support/articles.ts';
import { CHROMIUM, useBrowser } from '../support/browser.ts';
import { useDatabase } from '../support/database.ts';
import { useServed } from '../support/served.ts';

// The examples of docs/integrate.md, run as they stand there.
const db = useDatabase();
const served = useServed(db);
const browser = useBrowser();
const DOCUMENT = readFileSync(inRoot('docs', 'integrate.md'), 'utf8');
const ARTICLE = 'https://www.example.org/2025/04/01/alliance';

/** The code of a section, with the address of the server that the test runs. */
function code(section: string, language: string): string[] {
  const text = DOCUMENT.split(/^## /m).find((part) => part.startsWith(section))!;
  const blocks = [...text.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, 'gm'))];
  return blocks.map((block) => block[1]!.replaceAll('http://127.0.0.1:8080', served().base));
}

/** Runs JavaScript as a module's body would run; each console.log is handed on. */
const run = (source: string, log: (...said: unknown[]) => void): Promise<void> => {
  const AsyncFunction = Object.getPrototypeOf(async () => {}).constructor;
  return new AsyncFunction('console', source)({ log });
};

async function said(source: string): Promise<unknown[][]> {
  const lines: unknown[][] = [];
  await run(source, (...line) => lines.push(line));
  return lines;
}

let feedId = 0;
beforeAll(async () => {
  feedId = await someFeed(db());
  await storeGiven(db(), feedId, [
    { ...deal(1), url: ARTICLE },
    {
      url: 'https://a.example/2',
      title: 'Croatia protests against the defence pact of Serbia and Hungary',
      lead: 'The defence ministry of Croatia called the military alliance of Serbia and Hungary a provocation.',
      at: '2026-03-03T10:00:00Z',
    },
    {
      url: 'https://a.example/3',
      title: 'Serbia and Hungary hold joint military exercise',
      lead: 'Troops of Serbia and Hungary trained together.',
      at: '2026-03-04T10:00:00Z',
    },
  ]);
  await relate(db());
});

test('SQL, as a site that may read and nothing else', async () => {
  const client = new pg.Client({ connectionString: db().url });
  await client.connect();
  await client.query('set role glasnik_reader');
  const [list, newest] = code('SQL', 'sql');
  expect((await client.query(list!)).rows[0]).toMatchObject({ url: expect.stringContaining('https://a.example/') });
  expect((await client.query(newest!)).rows.length).toBe(3);
  await expect(client.query('select * from glasnik.items')).rejects.toThrow('permission denied');
  await client.end();
});

test('HTTP', async () => {
  const [list, unknown, walk] = code('HTTP', 'js');
  const lines = await said(list!);
  expect(lines.length).toBeGreaterThan(0);
  for (const line of lines)
    expect(line).toEqual([
      expect.any(String),
      expect.any(String),
      expect.any(String),
      expect.stringContaining('https://a.example/'),
    ]);
  const [[article, count]] = (await said(unknown!)) as [[unknown, number]];
  expect(article).toBeNull();
  expect(count).toBeGreaterThan(0);
  expect((await said(walk!)).length).toBe(3);
});

test('Feed', async () => {
  const [feed] = code('Feed', 'js');
  expect((await said(feed!)).length).toBeGreaterThan(0);
});

test('Stream', async () => {
  const [stream] = code('Stream', 'js');
  const first = new Promise<unknown[]>((done) => {
    // it runs until the server ends the stream, and fails then
    run(stream!, (...line) => done(line)).catch(() => {});
  });
  const hub = setInterval(() => void storeGiven(db(), feedId, [deal(Math.floor(Math.random() * 1e6))]), 300);
  const [kind, , size] = await first;
  clearInterval(hub);
  expect(kind).toBe('new');
  expect(size).toBeGreaterThan(3);
});

describe.skipIf(CHROMIUM === null)(`in Chromium${CHROMIUM === null ? ' (skipped: none is installed)' : ''}`, () => {
  test('Embed', async () => {
    const [markup] = code('Embed', 'html');
    const page = await browser().newPage();
    await page.setContent(`<!doctype html><html lang="en"><title>A site</title>${markup}</html>`);
    await page.locator('read-next li').first().waitFor();
    expect(await page.locator('read-next li a').first().getAttribute('href')).toContain('https://a.example/');
    await page.close();
  });
});
