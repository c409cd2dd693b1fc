import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer, type Server } from 'node:net';
import { availableParallelism, loadavg, tmpdir } from 'node:os';
import path from 'node:path';
import iconv from 'iconv-lite';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { readSamples } from '../../demo/samples.ts';
import { processBirth } from '../../src/embedded/account.ts';
import { inRoot } from '../../src/root.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

/** What is promised of a machine whose cores are free; where others keep them busy, everything takes as much longer. */
const promised = (ms: number): number => ms * Math.max(1, loadavg()[0]! / availableParallelism());

const base = mkdtempSync(path.join(tmpdir(), 'gd-'));
chmodSync(base, 0o711); // root's database runs under another account
const dataDir = path.join(base, 'data');
const running = new Set<ChildProcess>();

type Run = {
  readonly child: ChildProcess;
  readonly out: () => string;
  /** Resolves once its output has the text; rejects where the process ends before. */
  readonly says: (text: string) => Promise<void>;
  readonly ended: Promise<number | NodeJS.Signals>;
};

function start(script: string, args: readonly string[], env: Record<string, string>): Run {
  const child = spawn(process.execPath, [inRoot('bin', script), ...args], {
    cwd: base,
    env: { PATH: process.env.PATH!, HOME: base, TMPDIR: base, DISPLAY_TIME_ZONE: 'UTC', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.add(child);
  let out = '';
  for (const stream of [child.stdout!, child.stderr!])
    stream.setEncoding('utf8').on('data', (text) => {
      out += text;
      child.emit('said');
    });
  const ended = once(child, 'close').then(([code, signal]) => {
    running.delete(child);
    return (code ?? signal) as number | NodeJS.Signals;
  });
  const says = async (text: string) => {
    while (!out.includes(text)) {
      const over = await Promise.race([once(child, 'said').then(() => false), ended.then(() => true)]);
      if (over && !out.includes(text)) throw new Error(`it ended without saying "${text}":\n${out}`);
    }
  };
  return { child, out: () => out, says, ended };
}

/** With settings of the user's that must not count: a database, a queue and a data folder. */
const startDemo = (env: Record<string, string> = {}) =>
  start('glasnik-demo.mjs', [], {
    DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none',
    REDIS_URL_FILE: path.join(base, 'there-is-none'),
    DATA_DIR: dataDir,
    ...env,
  });

const demoFolders = () => readdirSync(base).filter((name) => name.startsWith('glasnik-demo-'));
const databaseOf = (folder: string) =>
  Number(readFileSync(path.join(base, folder, 'pg18', 'postmaster.pid'), 'utf8').split('\n')[0]);
const LAST_WORDS = 'Ctrl-C ends it';

let taken: Server;
let demo: Run;
let elapsedMs: number;

beforeAll(async () => {
  taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  const began = performance.now();
  demo = startDemo({ PORT: String((taken.address() as AddressInfo).port) });
  await demo.says(LAST_WORDS);
  elapsedMs = performance.now() - began;
});

afterAll(async () => {
  for (const child of running) child.kill('SIGTERM');
  while (running.size) await once([...running][0]!, 'close');
  taken.close();
  rmSync(base, { recursive: true, force: true });
});

describe('the sample feeds', () => {
  const samples = readSamples(new Date('2026-05-05T12:00:30Z'));
  const articles = samples.filter(({ feed }) => !feed.of).flatMap((sample) => sample.articles);

  test('are of many outlets, languages and scripts, and end in the present minute', () => {
    const langs = new Set(samples.flatMap(({ feed, articles }) => (articles.length ? [feed.lang] : [])));
    expect(new Set(samples.map(({ feed }) => feed.outlet)).size).toBeGreaterThanOrEqual(12);
    expect(langs.size).toBeGreaterThanOrEqual(10);
    expect(articles.length).toBeGreaterThanOrEqual(150);
    for (const script of [/\p{Script=Latin}/u, /\p{Script=Cyrillic}/u, /\p{Script=Greek}/u])
      expect(articles.some(({ title }) => script.test(title))).toBe(true);
    const times = articles.map(({ at }) => at.toISOString()).sort();
    expect(times.at(-1)).toBe('2026-05-05T12:00:00.000Z');
    expect(Date.parse(times.at(-1)!) - Date.parse(times[0]!)).toBeGreaterThan(14 * 86_400_000);
  });

  test('lose no letter in the charset of their feed', () => {
    for (const { feed, articles } of samples)
      for (const { title, lead } of articles)
        expect(iconv.decode(iconv.encode(title + lead, feed.charset ?? 'utf-8'), feed.charset ?? 'utf-8')).toBe(
          title + lead,
        );
  });

  test('tell no article twice under one address', () => {
    expect(new Set(articles.map((article) => article.path)).size).toBe(articles.length);
  });
});

describe('npm run demo', () => {
  const listOf = (out: string) => out.slice(out.indexOf('READ NEXT') + 9, out.indexOf('The page with')).trim();
  const addressAfter = (words: string) =>
    new RegExp(`^${words}.*\\n +(http\\S+)`, 'm').exec(demo.out())?.[1] ?? `no address after "${words}"`;

  test('prints the Read next list of the article about the plan within 15 seconds', () => {
    expect(elapsedMs).toBeLessThan(promised(15_000));
    const entries = listOf(demo.out()).split('\n\n');
    expect(entries.length).toBeGreaterThanOrEqual(4);
    for (const entry of entries) expect(entry).toMatch(/^\d\d \w{3}, \d\d:\d\d(?: · .+)+\n {2}\S/);
  });

  test('has the protest first in it, and never the article itself', () => {
    const list = listOf(demo.out());
    expect(list.split('\n\n')[0]!.replace(/\s+/g, ' ')).toMatch(/Serbia has protested|a provocation/);
    expect(list).not.toMatch(/\b79\b/);
  });

  test('reads every odd feed and says what became of the broken ones', () => {
    const out = demo.out();
    for (const outlet of [
      'Дунавски гласник',
      'Jadranski list',
      'Вардарски весник',
      'Θερμαϊκός Τύπος',
      'Rumeli Postası',
    ])
      expect(out).toMatch(new RegExp(`${outlet} .* \\d+ articles read`));
    expect(out).toMatch(/Kvarnerski val .*failed \(not-a-feed\), asked again in/);
    expect(out).toMatch(/Родопски преглед .*failed \(http-404\), asked again in/);
    expect(out).toMatch(/Stari most .*retired/);
  });

  test('serves the pages that it names, on a free port where PORT is taken', async () => {
    const page = addressAfter('The page with');
    expect(new URL(page).port).not.toBe(String((taken.address() as AddressInfo).port));
    expect(await (await fetch(page)).text()).toMatch(/Hungary|Budapest/);
    const { items } = (await (await fetch(addressAfter('The same list'))).json()) as { items: { lead: string }[] };
    const article = await (await fetch(addressAfter('The article on'))).text();
    expect(article).toContain('Read next');
    for (const { lead } of items.slice(0, 4)) expect(article).toContain(lead.slice(0, 40).replace(/&/g, '&amp;'));
  });

  test('works a second time beside the first, ends at SIGTERM, leaves nothing; a killed one is tidied up by the next', async () => {
    const killed = startDemo();
    await killed.says(LAST_WORDS);
    const [own] = demoFolders().filter((name) => existsSync(path.join(base, name, 'pg18')));
    expect(own).toBeDefined();
    killed.child.kill('SIGKILL');
    expect(await killed.ended).toBe('SIGKILL');

    const folders = demoFolders();
    const databases = folders.map(databaseOf);
    expect(folders).toHaveLength(2);
    const began = performance.now();
    demo.child.kill('SIGTERM');
    expect(await demo.ended).toBe(0);
    expect(performance.now() - began).toBeLessThan(promised(10_000));
    expect(demoFolders()).toHaveLength(1);

    const next = startDemo();
    await next.says('glasnik, shown on sample feeds');
    next.child.kill('SIGTERM'); // in the middle of its start
    expect(await next.ended).toBe(0);
    expect(demoFolders()).toEqual([]);
    for (const pid of databases) expect(processBirth(pid)).toBeNull();
    expect(readdirSync(base)).toEqual([]);
  });

  test('leaves the catalogue alone: up over the same DATA_DIR finds the bundled one and no sample', async () => {
    // It serves before it begins to fetch: ended then, it asks next to nothing of the internet.
    const little = { FETCH_CONCURRENCY: '1', FETCH_TIMEOUT_MS: '100' };
    const up = start('glasnik.mjs', ['up'], { DATA_DIR: dataDir, PORT: '0', LOG_LEVEL: 'debug', ...little });
    await up.says('Server listening at');
    const url = /Server listening at (http\S+?)"/.exec(up.out())![1]!;
    const { feeds } = (await (await fetch(`${url}/v1/feeds?limit=500`)).json()) as { feeds: { url: string }[] };
    up.child.kill('SIGTERM');
    const bundled = JSON.parse(readFileSync(inRoot('catalogue', 'feeds.json'), 'utf8')) as unknown[];
    expect(feeds).toHaveLength(bundled.length);
    expect(feeds.filter((feed) => new URL(feed.url).hostname.startsWith('127.'))).toEqual([]);
    expect(await up.ended).toBe(0);
  });
});
