import { describe, expect, test } from 'vitest';
import { freshnessS, httpDateMs, printable, readHeaders, retryAfterS } from '../../src/feed/headers.ts';

const NOW = Date.UTC(2026, 2, 1, 10, 0, 0);
const headers = (lines: Record<string, string>) => readHeaders(Object.entries(lines).flat());

describe('freshness', () => {
  test.each([
    [{}, null],
    [{ 'Cache-Control': 'max-age=600' }, 600],
    [{ 'Cache-Control': 'public, MAX-AGE = "600"' }, 600],
    [{ 'Cache-Control': 'max-age=600', Age: '100' }, 500],
    [{ 'Cache-Control': 'max-age=600', Age: '1000' }, 0],
    [{ 'Cache-Control': 's-maxage=600' }, null],
    [{ 'Cache-Control': 's-maxage=600, max-age=60' }, 60],
    [{ 'Cache-Control': 'no-cache, max-age=600' }, 0],
    [{ 'Cache-Control': 'no-store' }, 0],
    [{ 'Cache-Control': 'max-age=soon' }, 0],
    [{ 'Cache-Control': 'max-age=600', Expires: 'Sun, 01 Mar 2026 20:00:00 GMT' }, 600],
    [{ Expires: 'Sun, 01 Mar 2026 11:00:00 GMT' }, 3600],
    [{ Expires: 'Sun, 01 Mar 2026 11:00:00 GMT', Date: 'Sun, 01 Mar 2026 10:30:00 GMT' }, 1800],
    [{ Expires: '0' }, 0],
    [{ Expires: 'Thu, 19 Nov 1981 08:52:00 GMT' }, 0],
    [{ 'Cache-Control': 'max-age=99999999999999999999' }, 9_999_999_999],
  ])('of %j is %s', (lines, seconds) => {
    expect(freshnessS(headers(lines), NOW)).toBe(seconds);
  });

  test('reads a header that comes in two lines as one list', () => {
    expect(freshnessS(readHeaders(['cache-control', 'public', 'Cache-Control', 'max-age=30']), NOW)).toBe(30);
  });
});

test.each([
  ['Sun, 06 Nov 1994 08:49:37 GMT', Date.UTC(1994, 10, 6, 8, 49, 37)],
  ['Sunday, 06-Nov-94 08:49:37 GMT', Date.UTC(1994, 10, 6, 8, 49, 37)],
  ['Sun Nov  6 08:49:37 1994', Date.UTC(1994, 10, 6, 8, 49, 37)],
  ['Sun, 6 Nov 1994 08:49:37 +0000', Date.UTC(1994, 10, 6, 8, 49, 37)],
  ['Sunday, 06-Nov-26 08:49:37 GMT', Date.UTC(2026, 10, 6, 8, 49, 37)],
  ['Sun, 06 Foo 1994 08:49:37 GMT', null],
  ['tomorrow', null],
  [null, null],
])('the HTTP date %s is read', (value, ms) => {
  expect(httpDateMs(value)).toBe(ms);
});

test.each([
  ['0', 0],
  [' 30 ', 30],
  ['-5', null],
  ['1.5', null],
  ['Sun, 01 Mar 2026 10:02:00 GMT', 120],
  ['Sun Mar  1 10:02:00 2026', 120],
  ['Sun, 01 Mar 2026 09:00:00 GMT', 0],
  ['', null],
])('Retry-After: %s means %s seconds', (value, seconds) => {
  expect(retryAfterS(headers({ 'retry-after': value }), NOW)).toBe(seconds);
});

test('a message takes visible ASCII only, and not without end', () => {
  expect(printable('a\u001b[31m\u202eб\nc')).toBe('a?[31m?c');
  expect(printable('x'.repeat(300), 5)).toBe('xxxxx...');
});
