import { expect, test } from 'vitest';
import { isAllowedByRobots } from '../../src/feed/robots.ts';

const allowed = (robots: string, path = '/feed'): boolean => isAllowedByRobots(robots, `https://example.rs${path}`);

test('a rule for everybody is meant for crawlers of pages', () => {
  expect(allowed('User-agent: *\nDisallow: /')).toBe(true);
  expect(allowed('')).toBe(true);
  expect(allowed('<!doctype html><title>404</title>')).toBe(true);
});

test('a group that names us is honoured, alone or among others, in any case', () => {
  expect(allowed('User-agent: Glasnik\nDisallow: /feed')).toBe(false);
  expect(allowed('user-agent: other\r\nuser-agent: glasnik # the reader\r\ndisallow: /')).toBe(false);
  expect(allowed('User-agent: glasnik\nDisallow: /\n\nUser-agent: *\nDisallow:')).toBe(false);
  expect(allowed('User-agent: *\nDisallow: /\n\nUser-agent: glasnik\nDisallow:')).toBe(true);
  expect(allowed('User-agent: glasnik\nUser-agent: other\nDisallow: /a\nUser-agent: other\nDisallow: /feed')).toBe(
    true,
  );
});

test.each([
  ['Disallow: /\nAllow: /feed', '/feed', true],
  ['Disallow: /feed/\nAllow: /', '/feed', true],
  ['Disallow: /feed/', '/feed/', false],
  ['Disallow: /*.xml$', '/rss/a.xml', false],
  ['Disallow: /*.xml$', '/rss/a.xml?b', true],
  ['Disallow: /*/feed', '/vesti/sr/feed?x', false],
  ['Disallow: /*?', '/feed?x=1', false],
  ['Disallow: /вести', '/%d0%b2%d0%b5%d1%81%d1%82%d0%b8/feed', false],
  ['Disallow: /a*b*c$', '/aXbYc', false],
  ['Disallow: /a*b*c$', '/aXbYcZ', true],
])('%s decides about %s', (rules, path, isAllowed) => {
  expect(allowed(`User-agent: glasnik\n${rules}`, path)).toBe(isAllowed);
});
