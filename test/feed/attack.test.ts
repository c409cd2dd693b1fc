import { execFileSync } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { FeedError } from '../../src/feed/entry.ts';
import { parseFeed } from '../../src/feed/parse.ts';
import { htmlToText } from '../../src/feed/text.ts';
import { inRoot } from '../../src/root.ts';
import { atom, bytesOf, damaged, item, rss } from './documents.ts';

/** Threads run the compiled reader: compile it where it is missing or older than the sources. */
beforeAll(() => {
  const newest = Math.max(
    ...readdirSync(inRoot('src', 'feed')).map((name) => statSync(inRoot('src', 'feed', name)).mtimeMs),
  );
  const compiled = statSync(inRoot('dist', 'src', 'feed', 'reader-thread.js'), { throwIfNoEntry: false });
  if (compiled === undefined || compiled.mtimeMs < newest) {
    execFileSync(process.execPath, [
      inRoot('node_modules', 'typescript', 'bin', 'tsc'),
      '-p',
      inRoot('tsconfig.build.json'),
      '--incremental',
      'false',
    ]);
  }
}, 60_000);

const many = (text: string, times: number): string => text.repeat(times);
const second = (inside: string): string => rss(`${inside}${item(2)}`);
const lead = (text: string): string => second(item(1, `<description>${text}</description>`));

describe('a hostile document ends in bounded time, and the entry after the attack is still there', () => {
  it.each([
    ['100,000 references that are honest', lead(many('&amp;', 100_000))],
    ['references escaped over and over', lead(`${many('&amp;', 3)}${many('amp;', 50_000)}`)],
    ['tags that never end', lead(many('a&lt;p ', 50_000))],
    ['tags that never end, in CDATA', lead(`<![CDATA[${many('a<div ', 50_000)}]]>`)],
    ['scripts that never end', lead(`<![CDATA[${many('<script>', 50_000)}]]>`)],
    ['comments that never end, in CDATA', lead(`<![CDATA[${many('<!--', 50_000)}]]>`)],
    ['quotes that never end', lead(`<![CDATA[${many('<a b="', 50_000)}]]>`)],
    ['nesting 50,000 deep', lead(many('<div>', 50_000) + many('</div>', 50_000))],
    ['nesting that is never closed', rss(item(1) + item(2).replace('</item>', `${many('<div>', 50_000)}</item>`))],
    [
      '50,000 attributes',
      second(item(1).replace('<item>', `<item ${Array.from({ length: 50_000 }, (_, n) => `a${n}="x"`).join(' ')}>`)),
    ],
    ['20,000 categories', second(item(1, many('<category>x</category>', 20_000)))],
    ['a title of 2 MB', second(`<item><title>${many('Vest ', 400_000)}</title></item>`)],
    ['a date of 300,000 digits', second(item(1, `<pubDate>${many('1', 300_000)}</pubDate>`))],
    ['bare ampersands', lead(many('& ', 100_000))],
    ['less-than signs', lead(many('&lt;', 100_000))],
    ['spaces', lead(`${many(' ', 1_000_000)}x`)],
    [
      '20,000 namespaces',
      second(item(1)).replace(
        '<channel>',
        `<channel ${Array.from({ length: 20_000 }, (_, n) => `xmlns:n${n}="urn:${n}"`).join(' ')}>`,
      ),
    ],
    ['pictures that are none', lead(`<![CDATA[${many('<img src="">', 50_000)}]]>`)],
  ])('%s', async (_, text) => {
    const start = performance.now();
    const { items } = await parseFeed(bytesOf(text));
    expect(items.at(-1)?.title).toBe('Vest 2');
    expect(performance.now() - start).toBeLessThan(6_000);
  });

  it.each([
    ['items that are never closed', rss('').replace('</channel></rss>', many('<item><title>x', 20_000))],
    ['sections that are opened over and over', rss(many('<![CDATA[', 50_000))],
    ['sections that swallow entries over and over', rss(`${many('<![CDATA[', 50_000)}</item><item>]]>`)],
    ['comments that are opened over and over', rss(many('<!--', 50_000))],
    ['declarations', many('<!DOCTYPE ', 50_000) + rss(item(1))],
    ['processing instructions', many('<?x ', 50_000) + rss(item(1))],
    ['zeros', many('\0', 2_000_000)],
    ['brackets', `{"items":${many('[', 100_000)}`],
  ])('%s', async (_, text) => {
    const start = performance.now();
    await parseFeed(bytesOf(text)).catch((error) => expect(error).toBeInstanceOf(FeedError));
    expect(performance.now() - start).toBeLessThan(6_000);
  });
});

describe('entities', () => {
  it('that a document declares are read', async () => {
    const text = `<!DOCTYPE rss [<!ENTITY m "ministar"><!ENTITY o '&m; odbrane'>]><rss><channel><item><title>&o;</title></item></channel></rss>`;
    expect((await parseFeed(bytesOf(text))).items[0]?.title).toBe('ministar odbrane');
  });

  it('that multiply stay what they are', async () => {
    const bomb = Array.from({ length: 12 }, (_, n) => `<!ENTITY e${n + 1} "${many(`&e${n};`, 10)}">`).join('');
    const text = `<!DOCTYPE rss [<!ENTITY e0 "${many('x', 50)}">${bomb}]><rss><channel><item><title>a &e12; b</title></item></channel></rss>`;
    expect((await parseFeed(bytesOf(text))).items[0]?.title?.length).toBeLessThan(20_000);
  });

  it('that are long and many end at a limit', async () => {
    const text = `<!DOCTYPE rss [<!ENTITY a "${many('x', 9_000)}">]><rss><channel><item><description>${many('&a;', 20_000)}</description></item></channel></rss>`;
    expect((await parseFeed(bytesOf(text))).items[0]?.summary?.length).toBeLessThan(1_500_000);
  });

  it('outside the document are never fetched', async () => {
    const text =
      '<!DOCTYPE rss [<!ENTITY f SYSTEM "file:///etc/passwd">]><rss><channel><item><title>a &f; b</title></item></channel></rss>';
    expect((await parseFeed(bytesOf(text))).items[0]?.title).toBe('a &f; b');
  });
});

describe('a large document', () => {
  it('does not hold up the event loop', async () => {
    const bytes = bytesOf(
      rss(
        Array.from({ length: 10_000 }, (_, n) => item(n, `<description>${many('opis ', 20)}</description>`)).join(''),
      ),
    );
    let longest = 0;
    let last = performance.now();
    const ticks = setInterval(() => {
      longest = Math.max(longest, performance.now() - last);
      last = performance.now();
    }, 5);
    const { items } = await parseFeed(bytes);
    clearInterval(ticks);
    expect(items).toHaveLength(10_000);
    // Receiving 10,000 entries from the thread is itself a matter of tens of milliseconds; reading them takes a second.
    expect(longest).toBeLessThan(400);
  });

  it('takes time in proportion to its entries', async () => {
    const timed = async (entries: number) => {
      const bytes = bytesOf(
        rss(Array.from({ length: entries }, (_, n) => item(n, '<description>opis</description>')).join('')),
      );
      await parseFeed(bytes);
      const start = performance.now();
      await parseFeed(bytes);
      return performance.now() - start;
    };
    const [some, more] = [await timed(2_000), await timed(16_000)];
    expect(more / some).toBeLessThan(24);
  });
});

describe('whatever the bytes', () => {
  it('nothing but FeedError is thrown, and every text can be stored', async () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 300 }),
      damaged.map(bytesOf),
      fc
        .tuple(damaged.map(bytesOf), fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 8 }))
        .map(([document, flips]) => {
          for (const [at, value] of flips) document[at % document.length] = value;
          return document;
        }),
      fc.json().map(bytesOf),
    );
    await fc.assert(
      fc.asyncProperty(bytes, async (document) => {
        const feed = await parseFeed(document, { url: 'https://vesti.example/' }).catch((error: unknown) => {
          expect(error).toBeInstanceOf(FeedError);
          return null;
        });
        const text = JSON.stringify(feed);
        expect(text.isWellFormed()).toBe(true);
        expect(text).not.toMatch(/[\u0000-\u001f\u007f-\u009f]|\\u00[01]/);
      }),
      { numRuns: 300 },
    );
  });

  it('text is never markup that a browser would run', () => {
    for (const html of [
      '<img src=x onerror=alert(1)>',
      '<scr<script>ipt>alert(1)</script>',
      '<svg><a xlink:href="javascript:alert(1)">x</a></svg>',
      '<<b>script>alert(1)<</b>/script>',
      '&lt;script&gt;alert(1)&lt;/script&gt;<p>',
    ]) {
      expect(htmlToText(html)).not.toMatch(/<(?:img|svg|a)\b/i);
    }
  });

  it('a feed of two entries does not remember the one before it', async () => {
    const broken = atom('<entry><category="x"/><title>a</title></entry>');
    const once = await parseFeed(bytesOf(broken));
    expect(await parseFeed(bytesOf(broken))).toEqual(once);
  });
});
