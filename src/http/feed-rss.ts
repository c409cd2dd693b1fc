import type { FeedOut, FeedOutItem } from './feeds-out.ts';
import { escapeHtml } from './pages/html.ts';
import { element, xml } from './xml.ts';

/** RSS 2.0 with the namespaces that the RSS Advisory Board's profile names: self link by Atom, authors by Dublin Core. */
export function rssFeed(feed: FeedOut): string {
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom" xmlns:dc="http://purl.org/dc/elements/1.1/">',
    '<channel>',
    element('title', feed.title),
    element('link', feed.homeUrl),
    element('description', feed.description),
    `<atom:link rel="self" type="application/rss+xml" href="${xml(feed.selfUrl)}"/>`,
    feed.nextUrl && `<atom:link rel="next" type="application/rss+xml" href="${xml(feed.nextUrl)}"/>`,
    element('lastBuildDate', feed.updated.toUTCString()),
    element('generator', 'glasnik'),
    ...feed.items.map(rssItem),
    '</channel>',
    '</rss>',
    '',
  ]
    .filter((line) => line !== '' && line !== null)
    .join('\n');
}

const rssItem = (item: FeedOutItem): string =>
  [
    '<item>',
    element('title', item.title),
    element('link', item.url),
    element('guid', item.id, { isPermaLink: 'false' }),
    element('pubDate', item.date.toUTCString()),
    element('dc:creator', item.by),
    element('dc:language', item.lang),
    ...item.categories.map((category) => element('category', category)),
    // A description is HTML to every reader, so a plain text is made HTML before it is made XML.
    element('description', item.lead && escapeHtml(item.lead)),
    '</item>',
  ].join('');
