import { Parser } from 'htmlparser2';
import { beforeAll, expect, test } from 'vitest';
import { parseFeed } from '../../src/feed/parse.ts';
import { deal, someFeed, storeGiven } from '../support/articles.ts';
import { useDatabase } from '../support/database.ts';
import { getJson, serve, useServed } from '../support/served.ts';

const db = useDatabase();
const served = useServed(db);
const HOSTILE = 'Serbia & Hungary sign <b>defence</b> "pact" \u0007\u202e]]>';
beforeAll(async () => {
  const feedId = await someFeed(db());
  const odd = {
    url: 'https://dnevnik.example/odd',
    title: HOSTILE,
    lead: 'Defence ministers of Serbia and Hungary signed a plan of military cooperation.',
  };
  await storeGiven(db(), feedId, [...Array.from({ length: 5 }, (_, n) => deal(n)), odd]);
});

/** Element names with their attributes; throws nothing but keeps what is not well-formed out. */
function elements(document: string): { name: string; attributes: Record<string, string> }[] {
  const found: { name: string; attributes: Record<string, string> }[] = [];
  const parser = new Parser({ onopentag: (name, attributes) => found.push({ name, attributes }) }, { xmlMode: true });
  parser.end(document);
  return found;
}

test.each(['rss', 'atom', 'json'])(
  '/feed.%s reads back as the items of /v1/items, with the same filters',
  async (format) => {
    const response = await fetch(`${served().base}/feed.${format}?country=HU&limit=3&unknown=1`);
    const { body } = await getJson(`${served().base}/v1/items?country=HU&limit=3`);
    const read = await parseFeed(new Uint8Array(await response.arrayBuffer()), {
      contentType: response.headers.get('content-type')!,
    });
    expect(read.items.map((item) => item.url)).toEqual(body.items.map((item: { url: string }) => item.url));
    expect(read.items.map((item) => item.summary)).toEqual(body.items.map((item: { lead: string }) => item.lead));
    expect(read.items[0]!.title).toContain('Serbia & Hungary sign <b>defence</b> "pact"');
  },
);

test('ids are tag: URIs of installation and item, whatever the address of the service', async () => {
  const { app, base } = await serve(db(), { PUBLIC_URL: 'https://news.example/glasnik/' });
  const here = (await getJson(`${served().base}/feed.json`)).body;
  const there = (await getJson(`${base}/feed.json?country=RS`)).body;
  await app.close();
  expect(there.items.map((item: { id: string }) => item.id)).toEqual(here.items.map((item: { id: string }) => item.id));
  expect(here.items[0].id).toMatch(/^tag:glasnik,2026:[0-9a-f-]{36}:item:\d+$/);
  expect(there.feed_url).toBe('https://news.example/glasnik/feed.json?country=RS');
  expect(here.feed_url).toBe(`${served().base}/feed.json`);
});

test('RSS says what its validator asks for', async () => {
  const document = await (await fetch(`${served().base}/feed.rss?limit=2`)).text();
  const all = elements(document);
  const count = (name: string) => all.filter((element) => element.name === name).length;
  expect(all[0]).toMatchObject({ name: 'rss', attributes: { version: '2.0' } });
  expect([count('title'), count('link'), count('description'), count('guid'), count('pubDate')]).toEqual([
    3, 3, 3, 2, 2,
  ]);
  const self = all.find((element) => element.name === 'atom:link')!;
  expect(self.attributes).toMatchObject({
    rel: 'self',
    type: 'application/rss+xml',
    href: `${served().base}/feed.rss?limit=2`,
  });
  expect(document).not.toMatch(/[\u0000-\u0008\u202e]|<b>/);
});

test('Atom says what its validator asks for, and pages lead on', async () => {
  const seen: string[] = [];
  let next: string | undefined = `${served().base}/feed.atom?limit=4`;
  while (next) {
    const document: string = await (await fetch(next)).text();
    const all = elements(document);
    for (const name of ['id', 'title', 'updated', 'author', 'link'])
      expect(
        all.some((e) => e.name === name),
        name,
      ).toBe(true);
    seen.push(...[...document.matchAll(/<entry[^>]*><id>([^<]+)/g)].map((match) => match[1]!));
    next = all.find((e) => e.name === 'link' && e.attributes.rel === 'next')?.attributes.href;
  }
  expect(new Set(seen).size).toBe(6);
  expect(seen).toHaveLength(6);
});

test('/opml lists the feeds', async () => {
  const document = await (await fetch(`${served().base}/opml`)).text();
  expect(
    elements(document)
      .filter((e) => e.name === 'outline')
      .map((e) => e.attributes.xmlUrl),
  ).toEqual(['https://dnevnik.example/rss']);
});

test('/metrics follows the naming rules, and every sample has a type', async () => {
  const text = await (await fetch(`${served().base}/metrics`)).text();
  const types = new Map([...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map((match) => [match[1]!, match[2]!]));
  for (const [name, type] of types) if (type === 'counter') expect(name).toMatch(/_total$/);
  for (const [, name] of text.matchAll(/^([a-z_]\w*)(?:\{.*\})? \S+$/gm))
    expect(types.has(name!) || types.has(name!.replace(/_(bucket|sum|count)$/, '')), name).toBe(true);
  for (const name of [
    'glasnik_feeds',
    'glasnik_fetches_total',
    'glasnik_fetch_duration_seconds',
    'glasnik_relate_backlog',
    'nodejs_eventloop_lag_seconds',
  ])
    expect(types.has(name), name).toBe(true);
  expect(text).toContain('glasnik_feeds{state="active"} 1');
});
