import { parseDocument } from 'htmlparser2';
import Parser from 'rss-parser';
import { beforeAll, describe, expect, test } from 'vitest';
import { deal, someFeed, storeGiven } from '../support/articles.ts';
import { useDatabase } from '../support/database.ts';
import { getJson, useServed } from '../support/served.ts';

/** The rules of the W3C feed validator that such documents can break, and JSON Feed's own. */

const db = useDatabase();
const served = useServed(db);
beforeAll(async () => {
  const feedId = await someFeed(db());
  await storeGiven(db(), feedId, [
    ...[0, 1, 2].map((n) => deal(n)),
    { ...deal(3), title: 'Serbia & Hungary <b>sign</b> a defence "pact" \u0007\u202e]]> &amp; &nbsp; <script>' },
    { ...deal(4), lead: null, at: null },
    { ...deal(5), url: 'https://dnevnik.example/вест?а=б c&d="e"', at: new Date(Date.now() + 6 * 3_600_000) },
  ]);
  await db().query(`update glasnik.items set author = ' ' where item_id = (select min(item_id) from glasnik.items)`);
  await db().query(`update glasnik.items set url = 'javascript:alert(1)', outlet = null
                     where item_id = (select max(item_id) - 1 from glasnik.items)`);
});

type Node = { name: string; attributes: Record<string, string>; text: string; children: Node[] };

/** The document as a tree; rss-parser's strict reader refuses what is not well-formed. */
async function read(path: string): Promise<{ root: Node; text: string; type: string; address: string }> {
  const address = served().base + path;
  const response = await fetch(address);
  const text = await response.text();
  await new Parser().parseString(text);
  const tree = (node: { children?: unknown[] }): Node[] =>
    ((node.children ?? []) as never[]).flatMap((child: never) => {
      const { type, name, attribs } = child as { type: string; name: string; attribs: Record<string, string> };
      return type === 'tag' ? [{ name, attributes: attribs, text: textOf(child), children: tree(child) }] : [];
    });
  const textOf = (node: { data?: string; children?: unknown[] }): string =>
    node.data ?? ((node.children ?? []) as never[]).map(textOf).join('');
  const [root] = tree(parseDocument(text, { xmlMode: true }));
  return { root: root!, text, type: response.headers.get('content-type')!, address };
}

const all = (node: Node, name: string): Node[] => node.children.filter((child) => child.name === name);
const one = (node: Node, name: string): Node => {
  const found = all(node, name);
  if (found.length !== 1) throw new Error(`${node.name} has ${found.length} ${name}`);
  return found[0]!;
};
const everything = (node: Node): Node[] => [node, ...node.children.flatMap(everything)];
const isAbsolute = (address: string) => /^https?:\/\/[^\s<>"{}|\\^`]+$/.test(address) && URL.canParse(address);
const TAG = /^tag:[a-z0-9.-]+,\d{4}(-\d\d(-\d\d)?)?:[0-9a-zA-Z;/?:@&=+$.\-_!~*'()%,]+$/;
/** RFC 822 with a year of four digits, whose name of the day is right. */
const isMailDate = (date: string) =>
  /^(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT$/.test(date) &&
  new Date(date).toUTCString() === date;
const isWebDate = (date: string) => /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/.test(date);
const isPast = (date: string) => Date.parse(date) <= Date.now() && Date.parse(date) > Date.UTC(1990);
const isLanguage = (lang: string) => /^[a-z]{2,3}(-[A-Z][a-z]{3})?$/.test(lang);
const areUnique = (values: readonly string[]) => new Set(values).size === values.length;
const items = ({ root }: Document) => all(one(root, 'channel'), 'item');
const entries = ({ root }: Document) => all(root, 'entry');

type Document = Awaited<ReturnType<typeof read>>;
type Rule = [rule: string, holds: (document: Document) => boolean];

const XML_RULES: Rule[] = [
  [
    'says UTF-8 and is',
    ({ text, type }) => text.startsWith('<?xml version="1.0" encoding="UTF-8"?>') && /charset=utf-8/.test(type),
  ],
  [
    'holds no character that XML has no place for',
    ({ text }) => !/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/.test(text) && text.isWellFormed(),
  ],
];

const RSS_RULES: Rule[] = [
  ['is served as RSS', ({ type }) => type.startsWith('application/rss+xml')],
  ['is version 2.0 with one channel', ({ root }) => root.attributes.version === '2.0' && root.children.length === 1],
  [
    'a channel has one title, link and description',
    ({ root }) => ['title', 'link', 'description'].every((name) => one(one(root, 'channel'), name).text.trim() !== ''),
  ],
  ['a channel leads to a page', ({ root }) => isAbsolute(one(one(root, 'channel'), 'link').text)],
  [
    'a channel names its own address',
    ({ root, address }) =>
      all(one(root, 'channel'), 'atom:link').some(
        ({ attributes: { rel, href, type } }) => rel === 'self' && href === address && type === 'application/rss+xml',
      ),
  ],
  [
    'dates are of RFC 822, and past',
    ({ root }) =>
      everything(root)
        .filter(({ name }) => /^(pubDate|lastBuildDate)$/.test(name))
        .every(({ text }) => isMailDate(text) && isPast(text)),
  ],
  [
    'an item has a title or a description',
    (document) => items(document).every((item) => one(item, 'title').text.trim() !== ''),
  ],
  [
    'an item has at most one of each',
    (document) =>
      items(document).every((item) =>
        ['title', 'link', 'guid', 'pubDate', 'description', 'dc:creator', 'dc:language'].every(
          (name) => all(item, name).length <= 1,
        ),
      ),
  ],
  [
    'a guid is a permalink or says that it is none',
    (document) =>
      items(document).every(
        (item) => one(item, 'guid').attributes.isPermaLink === 'false' && TAG.test(one(item, 'guid').text),
      ),
  ],
  ['guids are unique', (document) => areUnique(items(document).map((item) => one(item, 'guid').text))],
  [
    'links are absolute',
    (document) => items(document).every((item) => all(item, 'link').every(({ text }) => isAbsolute(text))),
  ],
  ['creators are not blank', (document) => items(document).every((item) => one(item, 'dc:creator').text.trim() !== '')],
  ['languages are codes', (document) => items(document).every((item) => isLanguage(one(item, 'dc:language').text))],
  [
    'descriptions hold no markup of strangers',
    (document) => items(document).every((item) => all(item, 'description').every(({ text }) => !text.includes('<'))),
  ],
  [
    'every prefix is declared',
    ({ root, text }) =>
      [...new Set([...text.matchAll(/<(\w+):/g)].map((match) => match[1]!))].every(
        (prefix) => `xmlns:${prefix}` in root.attributes,
      ),
  ],
];

const ATOM_RULES: Rule[] = [
  ['is served as Atom', ({ type }) => type.startsWith('application/atom+xml')],
  [
    'is a feed of RFC 4287',
    ({ root }) => root.name === 'feed' && root.attributes.xmlns === 'http://www.w3.org/2005/Atom',
  ],
  [
    'a feed has one id, title, updated and author',
    ({ root }) => ['id', 'title', 'updated', 'author'].every((name) => one(root, name).text.trim() !== ''),
  ],
  [
    'ids are addresses that never change',
    ({ root }) =>
      everything(root)
        .filter(({ name }) => name === 'id')
        .every(({ text }) => TAG.test(text)),
  ],
  [
    'ids are unique',
    ({ root }) => areUnique(everything(root).flatMap(({ name, text }) => (name === 'id' ? [text] : []))),
  ],
  [
    'dates are of RFC 3339, and past',
    ({ root }) =>
      everything(root)
        .filter(({ name }) => /^(updated|published)$/.test(name))
        .every(({ text }) => isWebDate(text) && isPast(text)),
  ],
  [
    'a feed names its own address',
    ({ root, address }) =>
      all(root, 'link').some(({ attributes: { rel, href } }) => rel === 'self' && href === address),
  ],
  [
    'links are absolute, one alternate of a type',
    ({ root }) =>
      [root, ...all(root, 'entry')].every(
        (node) =>
          all(node, 'link').every(({ attributes: { href } }) => isAbsolute(href!)) &&
          all(node, 'link').filter(({ attributes: { rel } }) => rel === 'alternate').length <= 1,
      ),
  ],
  [
    'an entry has one id, title and updated',
    (document) =>
      entries(document).every((entry) =>
        ['id', 'title', 'updated'].every((name) => one(entry, name).text.trim() !== ''),
      ),
  ],
  [
    'an entry has an alternate link or content',
    (document) =>
      entries(document).every((entry) => all(entry, 'link').length === 1 || one(entry, 'content').text.trim() !== ''),
  ],
  [
    'authors have names',
    ({ root }) =>
      everything(root)
        .filter(({ name }) => name === 'author')
        .every((author) => one(author, 'name').text.trim() !== ''),
  ],
  [
    'languages are codes',
    (document) => entries(document).every(({ attributes }) => isLanguage(attributes['xml:lang']!)),
  ],
  [
    'categories have terms',
    ({ root }) =>
      everything(root)
        .filter(({ name }) => name === 'category')
        .every(({ attributes: { term } }) => Boolean(term)),
  ],
];

describe.each([
  ['rss', [...XML_RULES, ...RSS_RULES]],
  ['atom', [...XML_RULES, ...ATOM_RULES]],
] as const)('/feed.%s', (format, rules) => {
  test.each(rules)('%s', async (_, holds) => {
    for (const query of ['', '?country=HU&limit=2&q=defence%20%26%20%22', '?country=IS'])
      expect(holds(await read(`/feed.${format}${query}`)), query).toBe(true);
  });
});

test('Atom feeds of different filters are different feeds, their pages one', async () => {
  const idOf = async (query: string) => one((await read(`/feed.atom${query}`)).root, 'id').text;
  expect(await idOf('?country=HU&lang=en')).toBe(await idOf('?lang=en&limit=2&country=HU'));
  expect(await idOf('?country=HU')).not.toBe(await idOf(''));
});

test('a JSON feed has what version 1.1 requires', async () => {
  const address = `${served().base}/feed.json`;
  const { headers, body: feed } = await getJson(address);
  expect(headers.get('content-type')).toMatch(/^application\/feed\+json/);
  expect(feed).toMatchObject({ version: 'https://jsonfeed.org/version/1.1', feed_url: address });
  expect(feed.title && isAbsolute(feed.home_page_url)).toBe(true);
  expect(areUnique(feed.items.map((item: { id: string }) => item.id))).toBe(true);
  for (const item of feed.items) {
    expect(item).toMatchObject({ id: expect.stringMatching(TAG), content_text: expect.stringMatching(/\S/) });
    for (const date of [item.date_published, item.date_modified])
      expect(isWebDate(date) && isPast(date), date).toBe(true);
    for (const author of item.authors) expect(author.name.trim()).not.toBe('');
    for (const link of [item.url, item.image].filter(Boolean)) expect(isAbsolute(link), link).toBe(true);
    expect(isLanguage(item.language), item.language).toBe(true);
    expect(Object.keys(item).filter((key) => !KNOWN.has(key) && !key.startsWith('_'))).toEqual([]);
  }
});

const KNOWN = new Set([
  ...['id', 'url', 'external_url', 'title', 'content_html', 'content_text', 'summary', 'image', 'banner_image'],
  ...['date_published', 'date_modified', 'authors', 'tags', 'language', 'attachments'],
]);
