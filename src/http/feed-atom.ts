import type { FeedOut, FeedOutItem } from './feeds-out.ts';
import { element, xml } from './xml.ts';

/** Atom 1.0 (RFC 4287), pages by RFC 5005. */
export function atomFeed(feed: FeedOut): string {
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<feed xmlns="http://www.w3.org/2005/Atom">',
    element('id', feed.id),
    element('title', feed.title),
    element('subtitle', feed.description),
    element('updated', feed.updated.toISOString()),
    `<link rel="self" type="application/atom+xml" href="${xml(feed.selfUrl)}"/>`,
    `<link rel="alternate" type="text/html" href="${xml(feed.homeUrl)}"/>`,
    feed.nextUrl ? `<link rel="next" type="application/atom+xml" href="${xml(feed.nextUrl)}"/>` : '',
    '<author><name>glasnik</name></author>',
    element('generator', 'glasnik'),
    ...feed.items.map(atomEntry),
    '</feed>',
    '',
  ]
    .filter(Boolean)
    .join('\n');
}

const atomEntry = (item: FeedOutItem): string =>
  [
    `<entry xml:lang="${xml(item.lang)}">`,
    element('id', item.id),
    element('title', item.title),
    // An entry without content must have an alternate link (RFC 4287, 4.1.1.1): where there is none to follow, its text stands in.
    item.url ? `<link rel="alternate" href="${xml(item.url)}"/>` : element('content', item.lead ?? item.title),
    element('published', item.date.toISOString()),
    element('updated', item.updated_at.toISOString()),
    `<author>${element('name', item.by)}</author>`,
    ...item.categories.map((category) => `<category term="${xml(category)}"/>`),
    element('summary', item.lead),
    '</entry>',
  ].join('');
