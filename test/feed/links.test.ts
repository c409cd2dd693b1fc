import { expect, test } from 'vitest';
import { feedLinks, wellKnownLinks } from '../../src/feed/links.ts';

const PAGE = 'https://www.example.rs/vesti/';
const urls = (html: string): readonly string[] => feedLinks(html, PAGE).map(({ url }) => url);

test('announced feeds are found by type, in any spelling, relative to the base', () => {
  const html = `<BASE HREF="/sr/"><LINK REL="Alternate" TYPE="application/rss+xml" HREF="rss.xml" TITLE=" Вести ">
    <link rel="alternate nofollow" type="application/atom+xml; charset=utf-8" href="https://www.example.rs/atom#x">
    <link rel=alternate type=application/feed+json href=feed.json><link rel="feed" href="/all">
    <link rel="alternate" hreflang="en" href="/en/"><link rel="alternate" type="text/html" href="/amp/"><link rel="stylesheet" href="/rss.css">`;
  expect(urls(html)).toEqual([
    'https://www.example.rs/sr/rss.xml',
    'https://www.example.rs/atom',
    'https://www.example.rs/sr/feed.json',
    'https://www.example.rs/all',
  ]);
  expect(feedLinks(html, PAGE)[0]).toMatchObject({
    title: 'Вести',
    source: 'announced',
    isComments: false,
    isOwnSite: true,
  });
});

test('comment feeds come last, and other sites after the own one', () => {
  const html = `<link rel="alternate" type="application/rss+xml" title="Site &raquo; Comments Feed" href="/comments/feed/">
    <link rel="alternate" type="application/rss+xml" title="Komentari: naslov" href="/vest/feed/">
    <link rel="alternate" type="application/rss+xml" href="https://theme-author.blogspot.com/feeds/posts/default">
    <a href="/rss/politika">Politika</a><link rel="alternate" type="application/rss+xml" href="/feed/">`;
  expect(urls(html)).toEqual([
    'https://www.example.rs/feed/',
    'https://www.example.rs/rss/politika',
    'https://theme-author.blogspot.com/feeds/posts/default',
    'https://www.example.rs/comments/feed/',
    'https://www.example.rs/vest/feed/',
  ]);
});

test('links in the text count where they look like a feed and stay on the site', () => {
  const html = `<a href="/rss/sport.xml">Спорт</a><a href="//rss.example.rs/feed">Све</a><a href="feed://www.example.rs/rss.php?kat=2">2</a>
    <a href="/harassment">x</a><a href="https://other.rs/feed">x</a><a href="javascript:rss()">x</a><a href="mailto:rss@example.rs">x</a>`;
  expect(urls(html)).toEqual([
    'https://www.example.rs/rss/sport.xml',
    'https://rss.example.rs/feed',
    'http://www.example.rs/rss.php?kat=2',
  ]);
});

test('a link whose path was taken for a host is mended', () => {
  expect(urls('<link rel="alternate" type="application/rss+xml" href="//rss.html">')).toEqual([
    'https://www.example.rs/rss.html',
  ]);
});

test('an address is found once, and the page itself is no candidate', () => {
  expect(
    urls(
      `<link rel="alternate" type="application/rss+xml" href="/feed"><a href="/feed">RSS</a><link rel="feed" href="${PAGE}">`,
    ),
  ).toEqual(['https://www.example.rs/feed']);
});

test('broken markup costs nothing, and endless lists are cut', () => {
  expect(urls('<link rel="alternate" type="application/rss+xml" href="/feed"><p <a href="')).toEqual([
    'https://www.example.rs/feed',
  ]);
  expect(urls(Array.from({ length: 500 }, (_, i) => `<a href="/rss/${i}">x</a>`).join('')).length).toBeLessThanOrEqual(
    60,
  );
});

test('the usual places are on the host of the page', () => {
  expect(wellKnownLinks(PAGE)[0]!.url).toBe('https://www.example.rs/feed');
});
