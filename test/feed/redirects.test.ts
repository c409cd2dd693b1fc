import { expect, test } from 'vitest';
import { readHeaders } from '../../src/feed/headers.ts';
import { follow, startOf } from '../../src/feed/redirects.ts';

const from = (url: string, location: string) => {
  const chain = startOf(new URL(url));
  return { chain, objection: follow(chain, 301, readHeaders(['location', location])) };
};

test('a redirect from https down to http is not followed, up to https it is', () => {
  const down = from('https://example.org/feed', 'http://example.org/feed');
  expect(down.objection).toMatchObject({ reason: 'redirects', detail: expect.stringContaining('down to http') });
  expect(down.chain.permanentUrl).toBeNull();
  const up = from('http://example.org/feed', 'https://example.org/feed');
  expect(up.objection).toBeNull();
  expect(up.chain).toMatchObject({
    permanentUrl: 'https://example.org/feed',
    url: new URL('https://example.org/feed'),
  });
});

test.each([
  ['/rss', 'https://example.org/rss'],
  ['//www.example.org/rss#top', 'https://www.example.org/rss'],
  ['https://user:secret@example.org/rss', 'https://example.org/rss'],
  ['?x=1', 'https://example.org/feed?x=1'],
])('Location: %s leads to %s', (location, url) => {
  expect(from('https://example.org/feed', location).chain.url.href).toBe(url);
});
