import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';

// Each call is a process of its own, and the machine may be busy.
vi.setConfig({ testTimeout: 90_000 });

import { inRoot } from '../../src/root.ts';
import { createTestDatabase, openTestServer, type TestServer } from '../support/database.ts';
import { type Origin, redirect, reply, startOrigin } from '../support/origin.ts';
import { feedAnswer, rss } from '../support/rss.ts';

let server: TestServer;
let database: Awaited<ReturnType<typeof createTestDatabase>>;
let origin: Origin;
const folder = mkdtempSync(path.join(tmpdir(), 'glasnik-cli-'));

type Ended = { readonly status: number; readonly out: string; readonly err: string };

/** Runs the command line as a user does, over the test's own database. */
const glasnik = (
  args: readonly string[],
  { env = {}, input = '' }: { env?: Record<string, string>; input?: string } = {},
) =>
  new Promise<Ended>((resolve) => {
    const child = execFile(
      process.execPath,
      [inRoot('bin', 'glasnik.mjs'), ...args],
      {
        cwd: inRoot(),
        env: {
          PATH: process.env.PATH!,
          HOME: folder,
          DATABASE_URL: database.url,
          FETCH_ALLOW_CIDRS: '127.0.0.0/8',
          LOG_LEVEL: 'silent',
          ...env,
        },
        maxBuffer: 1 << 26,
      },
      (error, out, err) => resolve({ status: error ? ((error.code as unknown as number) ?? 1) : 0, out, err }),
    );
    child.stdin?.end(input);
  });
const json = (out: string) =>
  out
    .trim()
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));

beforeAll(async () => {
  server = await openTestServer();
  database = await createTestDatabase(server);
  origin = await startOrigin();
  origin.on(
    '/feed.xml',
    feedAnswer(
      rss([
        {
          title: 'Serbia and Hungary sign a plan of military cooperation',
          link: origin.url('/a/1'),
          date: '2026-03-01T10:00:00Z',
          lead: 'The defence ministers signed the plan for the year in Belgrade.',
        },
        { title: 'The town opens a new bridge', link: origin.url('/a/2'), date: '2026-03-01T11:00:00Z' },
      ]),
    ),
  );
  origin.on(
    '/page',
    reply(
      200,
      { 'content-type': 'text/html' },
      '<html><head><link rel="alternate" type="application/rss+xml" href="/feed.xml"></head></html>',
    ),
  );
  origin.on('/down.xml', reply(500));
  origin.on('/moved.xml', redirect(301, origin.url('/feed.xml')));
});
afterAll(async () => {
  await origin.close();
  await database.drop();
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});

describe('the command line', () => {
  test('migrates, twice without harm', async () => {
    expect((await glasnik(['feeds', 'list'])).err).toContain('glasnik migrate');
    const first = await glasnik(['migrate', '--json']);
    expect(json(first.out)[0]).toMatchObject({
      applied: expect.arrayContaining(['0001_ground.sql']),
      for_administrator: [],
    });
    expect(json((await glasnik(['migrate', '--json'])).out)[0]).toMatchObject({ applied: [] });
  });

  test('finds the feed of a page, adds it once, and names it when it is asked again under another address', async () => {
    expect((await glasnik(['feeds', 'add', origin.url('/page')])).out).toContain('Added feed 1');
    const again = json((await glasnik(['feeds', 'add', origin.url('/feed.xml'), '--json'])).out)[0];
    expect(again).toMatchObject({ feed_id: 1, added: false });
  });

  test('fetches by hand, settles, and shows what came of it', async () => {
    const fetched = await glasnik(['fetch', '1', '--settle', '--json']);
    expect(fetched.status).toBe(0);
    expect(json(fetched.out)).toEqual([
      expect.objectContaining({
        feed_id: 1,
        url: origin.url('/feed.xml'),
        outcome: 'fetched',
        reason: null,
        http_status: 200,
        entries: 2,
        new: 2,
        updated: 0,
        duplicate: 0,
        relevant: 1,
      }),
    ]);
    expect(Object.keys(json(fetched.out)[0])).toEqual([
      'feed_id',
      'url',
      'outcome',
      'reason',
      'http_status',
      'entries',
      'new',
      'updated',
      'duplicate',
      'relevant',
      'bytes',
      'ms',
      'next_fetch_at',
    ]);
    const explained = json((await glasnik(['explain', `${origin.url('/a/1')}?utm_source=x`, '--json'])).out)[0];
    expect(explained.item).toMatchObject({
      topic: 'defence-cooperation',
      relevant: true,
      countries: expect.arrayContaining(['HU', 'RS']),
    });
    expect(explained.tags.find((t: { scheme: string }) => t.scheme === 'country').evidence.length).toBeGreaterThan(0);
    const status = json((await glasnik(['status', '--json'])).out)[0];
    expect(status).toMatchObject({ feeds: { active: 1 }, items: 2, relevant: 1, unrelated: 0 });
  });

  test('shows a feed outside the catalogue without storing anything', async () => {
    const lines = json((await glasnik(['fetch', origin.url('/moved.xml'), '--json'])).out);
    expect(lines[0]).toMatchObject({ feed_id: null, outcome: 'fetched', entries: 2, relevant: 1 });
    expect(json((await glasnik(['status', '--json'])).out)[0]).toMatchObject({ items: 2 });
  });

  test('exits 1 when the one feed that was named failed, and says why', async () => {
    const added = await glasnik(['feeds', 'import', '-'], {
      input: JSON.stringify([{ url: origin.url('/down.xml') }]),
    });
    expect(added).toMatchObject({ status: 0, err: '' });
    const failed = await glasnik(['fetch', origin.url('/down.xml'), '--json']);
    expect(failed.status).toBe(1);
    expect(json(failed.out)[0]).toMatchObject({ outcome: 'failed', reason: 'http-500' });
    expect((await glasnik(['fetch', '--all', '--json'])).status).toBe(0);
  });

  test('sets, disables, exports and imports feeds, OPML and JSON alike', async () => {
    expect((await glasnik(['feeds', 'set', '1', 'outlet=Dnevnik & <b>', 'outletCountry=RS'])).status).toBe(0);
    const wrong = await glasnik(['feeds', 'set', '1', 'outletCountry=Serbia']);
    expect([wrong.status, wrong.err]).toEqual([2, expect.stringContaining('outletCountry')]);
    const opml = (await glasnik(['feeds', 'export', '--opml'])).out;
    writeFileSync(path.join(folder, 'feeds.opml'), opml);
    const again = await glasnik(['feeds', 'import', path.join(folder, 'feeds.opml'), '--json']);
    expect(json(again.out)[0]).toEqual({ added: 0, known: 2 });
    expect((await glasnik(['feeds', 'export', '--opml'])).out).toBe(opml);
    expect(JSON.parse((await glasnik(['feeds', 'export'])).out)[0]).toMatchObject({
      outlet: 'Dnevnik & <b>',
      outletCountry: 'RS',
    });
    await glasnik(['feeds', 'disable', '1']);
    expect(json((await glasnik(['feeds', 'show', '1', '--json'])).out)[0]).toMatchObject({
      state: 'disabled',
      attempts: expect.arrayContaining([expect.objectContaining({ outcome: 'fetched' })]),
    });
  });

  test('parses and tags from standard input, without a database', async () => {
    const env = { DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none' };
    const parsed = await glasnik(['parse', '-', '--url', 'https://example.org/'], {
      env,
      input: rss([{ title: 'A &amp; B', link: '/x' }]),
    });
    expect(JSON.parse(parsed.out).items[0]).toMatchObject({ title: 'A & B', url: 'https://example.org/x' });
    const tagged = await glasnik(['tag'], {
      env,
      input: `${JSON.stringify({ id: 7, title: 'NATO and Croatia begin a joint exercise near Slunj', summary: null })}\n`,
    });
    expect(json(tagged.out)[0]).toMatchObject({ id: 7, lang: 'en', relevant: true, countries: ['HR'], orgs: ['nato'] });
    expect(Object.keys(json(tagged.out)[0])).toEqual([
      'id',
      'lang',
      'topic',
      'relevant',
      'relevance',
      'countries',
      'cooperation',
      'orgs',
      'kicker',
      'evidence',
    ]);
  });

  test('answers wrong usage with 2 and a sentence, a wrong environment with every mistake, and never with a stack', async () => {
    const cases: [string[], Record<string, string>, number, RegExp][] = [
      [['nonsense'], {}, 2, /no command "nonsense"/],
      [['fetch'], {}, 2, /fetch what/],
      [['fetch', '--nope'], {}, 2, /nope/],
      [['fetch', '99'], {}, 1, /no feed 99/],
      [['mark', origin.url('/a/1'), 'good'], {}, 2, /a mark is one of/],
      [['parse', '/nowhere'], {}, 1, /cannot be read/],
      [['feeds', 'list'], { PORT: 'x', FETCH_CONCURRENCY: '0' }, 2, /PORT[\s\S]*FETCH_CONCURRENCY/],
      [['feeds', 'list'], { DATABASE_URL: 'postgres://user:secret@127.0.0.1:1/none' }, 1, /Nothing answers/],
    ];
    const ended = await Promise.all(cases.map(([args, env]) => glasnik(args, { env })));
    for (const [i, [, , status, message]] of cases.entries()) {
      expect([ended[i]!.status, ended[i]!.err]).toEqual([status, expect.stringMatching(message)]);
      expect(ended[i]!.err).not.toMatch(/\n\s+at |secret/);
    }
  });
});
