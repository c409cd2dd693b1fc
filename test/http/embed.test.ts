import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { inRoot } from '../../src/root.ts';
import { relate } from '../../workers/relate.ts';
import { someFeed, storeGiven } from '../support/articles.ts';
import { CHROMIUM, layoutShift, open, useBrowser, violations } from '../support/browser.ts';
import { useDatabase } from '../support/database.ts';
import { useServed } from '../support/served.ts';

const db = useDatabase();
const served = useServed(db);
const browser = useBrowser();

/** Somebody else's site, whose policy names nothing but the origin of the script. */
let site: Server;
let tag = '';
beforeAll(async () => {
  site = createServer((_, response) => {
    const policy = `default-src 'none'; script-src ${served().base}; connect-src ${served().base}; img-src 'self'`;
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8', 'content-security-policy': policy }).end(
      `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>A site</title>
       <script src="${served().base}/embed.js"></script><main><h1>An article</h1>${tag}<p id="after">After</p></main></html>`,
    );
  });
  await new Promise<void>((done) => site.listen(0, '127.0.0.1', done));
  const feedId = await someFeed(db());
  await storeGiven(db(), feedId, [
    {
      url: 'https://a.example/1',
      title: 'Serbia and Hungary sign defence agreement',
      lead: 'Defence ministers of Serbia and Hungary signed a plan.',
      at: '2026-03-01T10:00:00Z',
    },
    {
      url: 'https://a.example/2',
      title: 'Serbia and Hungary hold exercise',
      lead: '<b onclick=alert(1)>Troops</b> of Serbia and Hungary trained in a joint military exercise.',
      at: '2026-03-02T10:00:00Z',
    },
    {
      url: 'https://a.example/3',
      title: 'Croatia protests against the defence pact of Serbia and Hungary',
      lead: 'The defence ministry of Croatia called the military alliance of Serbia and Hungary a provocation.',
      at: '2026-03-03T10:00:00Z',
    },
  ]);
  await relate(db());
});
afterAll(() => site?.close());

const siteUrl = () => `http://127.0.0.1:${(site.address() as AddressInfo).port}/`;

test('the script is smaller than 5 kB', () => {
  expect(gzipSync(readFileSync(inRoot('src', 'http', 'static', 'embed.js'))).length).toBeLessThan(5000);
});

describe.skipIf(CHROMIUM === null)(`in Chromium${CHROMIUM === null ? ' (skipped: none is installed)' : ''}`, () => {
  const embed = async (markup: string) => {
    tag = markup;
    const opened = await open(browser(), siteUrl(), { width: 390 });
    // Asked from outside again and again: what Playwright itself would poll with is forbidden by the page's policy.
    const isDone =
      'Boolean(document.querySelector("read-next")?.shadowRoot && document.querySelector("read-next").dataset.done || performance.getEntriesByType("resource").some((e) => e.name.includes("/v1/read-next") && e.responseEnd))';
    await expect.poll(() => opened.page.evaluate(isDone)).toBe(true);
    await opened.page.waitForTimeout(50);
    return opened;
  };

  test('shows time, kicker and lead as text, under a policy that names only its origin', async () => {
    const { page, complaints } = await embed(
      '<read-next article="https://www.a.example/1?utm_source=x" limit="2" lang="en"></read-next>',
    );
    const entries = page.locator('read-next li');
    expect(await entries.count()).toBeGreaterThan(0);
    const leads = await page.locator('read-next li a').allTextContents();
    expect(leads.join(' ')).toContain('<b onclick=alert(1)>Troops</b>');
    expect(await page.locator('read-next li time').first().textContent()).toMatch(/^\d\d:\d\d$/);
    expect(await page.locator('read-next li b').first().textContent()).toBeTruthy();
    expect(complaints).toEqual([]);
    expect(await violations(page)).toEqual([]);
    expect(await page.context().cookies()).toEqual([]);
    await page.context().close();
  });

  test('moves nothing on the page when the list comes', async () => {
    const { page } = await embed('<read-next article="https://a.example/1" limit="2" lang="en"></read-next>');
    expect(await layoutShift(page)).toBeLessThan(0.01);
    await page.context().close();
  });

  test('is reached by keyboard', async () => {
    const { page } = await embed('<read-next article="https://a.example/1" limit="2" lang="en"></read-next>');
    await page.keyboard.press('Tab');
    expect(await page.evaluate('document.querySelector("read-next").shadowRoot.activeElement?.href')).toMatch(
      /^https:\/\/a\.example\//,
    );
    await page.context().close();
  });

  test('shows nothing rather than an error for an article that is not known, or a wrong limit', async () => {
    const { page, complaints } = await embed(
      '<read-next article="https://unknown.example/" limit="none" lang="sr-Latn-RS"></read-next>',
    );
    expect(await page.evaluate('document.querySelector("read-next").shadowRoot.textContent.trim()')).toBe('');
    expect(complaints).toEqual([]);
    await page.context().close();
  });
});
