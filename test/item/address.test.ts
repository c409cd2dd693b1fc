import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { addressKey, canonicalUrl, isOpaqueWrapper, MAX_ADDRESS_BYTES } from '../../src/item/address.ts';
import { anyAddress, DIFFERENT_ARTICLES, SAME_ARTICLE } from './addresses.ts';

describe('the address key', () => {
  test.each(SAME_ARTICLE.map((row) => [row[0]!, row]))('is one for every address of %s', (_first, addresses) => {
    expect(new Set(addresses.map((a) => addressKey(a))).size).toBe(1);
    expect(addressKey(addresses[0]!)).not.toBeNull();
  });

  test.each(DIFFERENT_ARTICLES)('tells %s from %s', (one, other) => {
    expect(addressKey(one)).not.toBe(addressKey(other));
  });

  test('is the key of itself, whatever the address', () => {
    fc.assert(
      fc.property(anyAddress, fc.boolean(), (address, keepFragment) => {
        const key = addressKey(address, { keepFragment });
        if (key !== null) expect(addressKey(`https://${key}`, { keepFragment })).toBe(key);
      }),
      { numRuns: 3000 },
    );
  });

  test('keeps a fragment only when asked to, and never one that is a tracking mark', () => {
    expect(addressKey('https://example.org/live#post-5')).toBe('example.org/live');
    expect(addressKey('https://example.org/live#post-5', { keepFragment: true })).toBe('example.org/live#post-5');
    expect(addressKey('https://example.org/live#xtor=RSS-5', { keepFragment: true })).toBe('example.org/live');
    expect(addressKey('https://example.org/live#:~:text=a', { keepFragment: true })).toBe('example.org/live');
  });
});

describe('the canonical URL', () => {
  test.each(SAME_ARTICLE.map((row) => row[0]!))('leaves %s as it is', (address) => {
    expect(canonicalUrl(address)).toBe(address);
  });

  test.each([
    ['https://WWW.Example.org/A?utm_source=rss&b=%7e&c', 'https://www.example.org/A?b=%7e&c'],
    ['http://m.example.org/amp/a/#top', 'http://m.example.org/amp/a/'],
    ['https://example.org', 'https://example.org/'],
    ['https://example.org/вести?ид=5', 'https://example.org/%D0%B2%D0%B5%D1%81%D1%82%D0%B8?%D0%B8%D0%B4=5'],
    ['https://feeds.feedburner.com/~r/n/~3/h/http://example.org/a?utm_medium=feed', 'http://example.org/a'],
    ['https://user:secret@example.org/a', 'https://example.org/a'],
    ['https://example.org/a;jsessionid=77?x=1', 'https://example.org/a?x=1'],
    ['http://feedproxy.google.com/~r/vecer/~3/AbC/', 'http://feedproxy.google.com/~r/vecer/~3/AbC/'],
  ])('of %s is %s', (address, canonical) => {
    expect(canonicalUrl(address)).toBe(canonical);
  });

  test.each([
    '',
    'x',
    'mailto:a@b.c',
    'javascript:alert(1)',
    'ftp://example.org/a',
    '//example.org/a',
    'https://',
    'https://a b/',
    'http://[::1',
    'https://x:99999/',
    'https://example.org/\u0000',
    'https://example.org/\ud800',
    `https://example.org/${'a'.repeat(MAX_ADDRESS_BYTES)}`,
  ])('of %j is none, and so is the key', (address) => {
    expect(canonicalUrl(address)).toBeNull();
    expect(addressKey(address)).toBeNull();
  });

  test('is idempotent, has the key of the address, and neither ever throws', () => {
    fc.assert(
      fc.property(anyAddress, (address) => {
        const canonical = canonicalUrl(address);
        const key = addressKey(address);
        if (canonical === null) return;
        expect(canonicalUrl(canonical)).toBe(canonical);
        expect(addressKey(canonical)).not.toBeNull();
        const host = /^[^:]*:[/\\]*([^/\\?#]*)/.exec(address)?.[1] ?? '';
        if (key !== null && /^[\u0001-\u007f]*$/.test(host)) expect(addressKey(canonical)).toBe(key);
      }),
      { numRuns: 3000 },
    );
  });

  test('of hostile length is decided in no time', () => {
    const started = performance.now();
    for (const noise of ['/', '/amp', '.amp', '%', ';jsessionid=', '&', ' ', '(S(']) {
      addressKey(`https://example.org/${noise.repeat(Math.floor(8000 / noise.length))}x`);
      canonicalUrl(`https://example.org/${noise.repeat(Math.floor(8000 / noise.length))}x`);
    }
    expect(performance.now() - started).toBeLessThan(500);
  });
});

test('a redirecting service that hides the article is known as such', () => {
  expect(isOpaqueWrapper('http://feedproxy.google.com/~r/vecer/~3/AbC/')).toBe(true);
  expect(isOpaqueWrapper('http://feeds.feedburner.com/~r/n/~3/h/http://example.org/a')).toBe(false);
  expect(isOpaqueWrapper('https://example.org/a')).toBe(false);
});
