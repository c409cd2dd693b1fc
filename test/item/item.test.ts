import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Entry } from '../../src/feed/entry.ts';
import { clean, cut, itemsOf, MAX_LEAD } from '../../src/item/item.ts';

const entry = (fields: Partial<Entry>): Entry => ({
  title: 'Ministri potpisali sporazum',
  url: 'https://example.org/a',
  id: null,
  publishedAt: null,
  updatedAt: null,
  summary: 'Sporazum o saradnji potpisan je u Beogradu.',
  author: null,
  imageUrl: null,
  categories: [],
  ...fields,
});
const only = (fields: Partial<Entry>) => itemsOf([entry(fields)]).items[0]!;

describe('an entry becomes an item', () => {
  test('with the canonical URL and the key of its link', () => {
    expect(only({ url: 'https://www.example.org/a/?utm_source=rss#x' })).toMatchObject({
      url: 'https://www.example.org/a/',
      key: 'example.org/a',
    });
  });

  test('by its guid where the link is missing or a service that hides the article', () => {
    expect(only({ url: null, id: 'https://example.org/b' }).url).toBe('https://example.org/b');
    expect(only({ url: 'http://feedproxy.google.com/~r/x/~3/h/', id: 'https://example.org/b' }).url).toBe(
      'https://example.org/b',
    );
    expect(only({ url: 'https://example.org/a', id: 'https://example.org/?p=7' }).url).toBe('https://example.org/a');
  });

  test('with the start of its lead as the title where it has none', () => {
    expect(only({ title: ' ', summary: 'Kratka vest.' }).title).toBe('Kratka vest.');
  });

  test('without control, escape and direction-overriding characters in its texts', () => {
    const item = only({ title: 'a\u001b[31mb\u0000\u202ec\u009b\ud800', author: 'x\r\ny' });
    expect(item.title).toBe('a[31mbc\ufffd');
    expect(item.author).toBe('x y');
  });

  test('whose picture is an http(s) address or none', () => {
    expect(only({ imageUrl: 'javascript:alert(1)' }).imageUrl).toBeNull();
    expect(only({ imageUrl: 'data:image/png;base64,AA' }).imageUrl).toBeNull();
    expect(only({ imageUrl: 'https://example.org/č.jpg' }).imageUrl).toBe('https://example.org/%C4%8D.jpg');
  });

  test('whose guid is an opaque name of bounded size', () => {
    expect(only({ id: '234947' }).guid).toBe('234947');
    expect(only({ id: 'g'.repeat(5000) }).guid).toMatch(/^sha1:[0-9a-f]{40}$/);
  });
});

describe('an entry that cannot be kept is reported and costs the others nothing', () => {
  test.each([
    ['no-address', { url: null, id: '234947' }],
    ['address-unusable', { url: 'javascript:alert(1)' }],
    ['address-unusable', { url: 'https://example.org/\u0000' }],
    ['address-unusable', { url: 'https://example.org/\udfff' }],
    ['address-unusable', { url: `https://example.org/${'a'.repeat(2000)}` }],
    ['no-text', { title: null, summary: null }],
  ] as const)('%s', (reason, fields) => {
    const { items, unusable } = itemsOf([
      entry({ url: 'https://example.org/1' }),
      entry(fields),
      entry({ url: 'https://example.org/2' }),
    ]);
    expect(items.map(({ entry: index }) => index)).toEqual([0, 2]);
    expect(unusable).toEqual([{ entry: 1, reason }]);
  });

  test('whatever the entry holds', () => {
    const any = fc.record({
      title: fc.option(fc.string({ unit: 'binary' })),
      url: fc.option(fc.oneof(fc.webUrl({ withFragments: true }), fc.string({ unit: 'binary' }))),
      id: fc.option(fc.string({ unit: 'binary' })),
      publishedAt: fc.constant(null),
      updatedAt: fc.constant(null),
      summary: fc.option(fc.string({ unit: 'binary', maxLength: 2000 })),
      author: fc.option(fc.string({ unit: 'binary' })),
      imageUrl: fc.option(fc.oneof(fc.webUrl(), fc.string({ unit: 'binary' }))),
      categories: fc.array(fc.string({ unit: 'binary' }), { maxLength: 3 }),
    });
    fc.assert(
      fc.property(fc.array(any, { maxLength: 8 }), (entries) => {
        const { items, unusable, repeated } = itemsOf(entries);
        expect(items.length + unusable.length + repeated).toBe(entries.length);
        for (const item of items) {
          expect(item.lead?.length ?? 0).toBeLessThanOrEqual(MAX_LEAD);
          expect(JSON.stringify(item)).not.toMatch(/\\u0000|\\ud[89a-f]/);
        }
      }),
    );
  });
});

describe('entries of one document', () => {
  test('that tell the same article twice are one item', () => {
    const { items, repeated } = itemsOf([entry({}), entry({ url: 'http://www.example.org/a/?utm_source=x' })]);
    expect(items).toHaveLength(1);
    expect(repeated).toBe(1);
  });

  test('that differ only by a fragment are two items', () => {
    const { items } = itemsOf([
      entry({ url: 'https://example.org/live#5' }),
      entry({ url: 'https://example.org/live#6' }),
    ]);
    expect(items.map(({ key }) => key)).toEqual(['example.org/live#5', 'example.org/live#6']);
  });

  test('that differ only by a tracking fragment are one item', () => {
    const { items } = itemsOf([
      entry({ url: 'https://example.org/a#xtor=RSS-1' }),
      entry({ url: 'https://example.org/a#utm_source=b' }),
    ]);
    expect(items.map(({ key }) => key)).toEqual(['example.org/a']);
  });

  test('that all link to the front page are told apart by guid, else by title', () => {
    const { items } = itemsOf(
      [
        entry({ url: 'https://example.org/', id: '1' }),
        entry({ url: 'https://example.org/', id: '2' }),
        entry({ url: 'https://example.org/sr/', title: 'Druga vest' }),
        entry({ url: 'https://example.org/sr', title: 'Treća vest' }),
      ],
      'https://www.example.org/sr/',
    );
    expect(new Set(items.map(({ key }) => key)).size).toBe(4);
  });
});

describe('hashes', () => {
  test('move with what they stand for and not with a new date', () => {
    const before = only({});
    expect(only({ publishedAt: '2026-01-01T00:00:00Z', updatedAt: '2026-01-02T00:00:00Z' })).toMatchObject({
      textHash: before.textHash,
      shownHash: before.shownHash,
    });
    expect(only({ title: 'Ispravljen naslov' }).textHash).not.toBe(before.textHash);
    expect(only({ author: 'N. N.' }).textHash).toBe(before.textHash);
    expect(only({ author: 'N. N.' }).shownHash).not.toBe(before.shownHash);
    expect(only({ title: 'a', summary: 'b c' }).textHash).not.toBe(only({ title: 'a b', summary: 'c' }).textHash);
  });
});

describe('text', () => {
  test('is cut at a word, within the limit, with an ellipsis', () => {
    expect(cut('jedan dva tri', 13)).toBe('jedan dva tri');
    expect(cut('jedan dva, tri', 12)).toBe('jedan dva…');
    expect(cut('jedan dva tri četiri', 10)).toBe('jedan dva…');
    expect(cut('a'.repeat(20), 10)).toBe(`${'a'.repeat(9)}…`);
    expect(cut(`${'a'.repeat(8)}\u{1f30d}bc`, 10)).toBe(`${'a'.repeat(8)}…`);
  });

  test('that says nothing is none', () => {
    expect(clean(' \u200b\n')).toBeNull();
  });
});
