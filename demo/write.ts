/** Sample feeds as documents: each in the format, charset and state of repair that outlets.json asks for. */
import iconv from 'iconv-lite';
import { zoneOfCountry } from '../src/feed/zones.ts';
import type { Sample, SampleArticle, SampleFeed } from './samples.ts';

/** What an address answers. */
export type SampleAnswer = { readonly status: number; readonly contentType: string; readonly body: Buffer };

/** The whole address of a path of the samples. */
export type AddressOf = (path: string) => string;

/** The answer of a feed's address. */
export function writeFeed({ feed, articles }: Sample, addressOf: AddressOf): SampleAnswer {
  switch (feed.format) {
    case 'rss':
      return xml(feed, rss(feed, articles, addressOf), 'text/xml');
    case 'rdf':
      return xml(feed, rdf(feed, articles, addressOf), 'application/rdf+xml');
    case 'atom':
      return xml(feed, atom(feed, articles, addressOf), 'application/atom+xml');
    case 'json':
      return { status: 200, contentType: 'application/feed+json', body: Buffer.from(json(feed, articles, addressOf)) };
    case 'page':
      return page(200, `<h1>${feed.outlet}</h1><p>Stranica je u izradi.</p>`);
    case 'missing':
      return page(404, '<h1>404</h1>');
    case 'gone':
      return page(410, '<h1>410</h1>');
  }
}

const page = (status: number, body: string): SampleAnswer => ({
  status,
  contentType: 'text/html; charset=utf-8',
  body: Buffer.from(`<!doctype html><html><body>${body}</body></html>`),
});

/** Text for XML and HTML, attributes included. */
export const escapeMarkup = (text: string): string =>
  text.replace(/[&<>"]/g, (c) => `&${{ '&': 'amp', '<': 'lt', '>': 'gt', '"': 'quot' }[c]};`);

/** The whole document in bytes, with its flaw. The header names no charset: what the document itself says is all there is. */
function xml(feed: SampleFeed, body: string, contentType: string): SampleAnswer {
  const charset = feed.charset ?? 'utf-8';
  const declared = feed.declares === undefined ? charset : feed.declares;
  const declaration = `<?xml version="1.0"${declared === null ? '' : ` encoding="${declared}"`}?>\n`;
  const document = withFlaw(`${declaration}${body}`, feed);
  return { status: 200, contentType, body: iconv.encode(document, charset) };
}

function withFlaw(document: string, { flaw }: SampleFeed): string {
  if (flaw === 'ampersands') return document.replaceAll('&amp;', '&');
  if (flaw === 'blank-lines') return `\n\n${document}`;
  if (flaw === 'truncated') return document.slice(0, document.lastIndexOf('</description>') - 20);
  return document;
}

function rss(feed: SampleFeed, articles: readonly SampleArticle[], addressOf: AddressOf): string {
  const items = articles.map(({ path, title, lead, at }) => {
    const link = escapeMarkup(addressOf(path));
    return `<item>
<title>${escapeMarkup(title)}</title>
<link>${link}</link>
<guid isPermaLink="true">${link}</guid>
<pubDate>${feed.dates === 'local' ? localDate(at, feed) : at.toUTCString()}</pubDate>
<description>${feed.flaw === 'html-leads' ? htmlLead(lead, link) : escapeMarkup(lead)}</description>
</item>`;
  });
  return `<rss version="2.0"><channel>
<title>${escapeMarkup(feed.outlet)}</title>
<link>${addressOf(`/${feed.name}`)}</link>
<description>${escapeMarkup(feed.outlet)}</description>
<language>${feed.lang}</language>
${items.join('\n')}
</channel></rss>
`;
}

/** A lead as content systems write it: letters as entities, markup around, a link to the rest. */
function htmlLead(lead: string, link: string): string {
  const letters: Readonly<Record<string, string>> = { â: '&acirc;', î: '&icirc;', Î: '&Icirc;' };
  const text = escapeMarkup(lead).replace(/[âîÎ]/g, (letter) => letters[letter]!);
  return `<![CDATA[<p><strong>${text}</strong>&nbsp;<a href="${link}">Cite&#537;te mai mult &raquo;</a></p>]]>`;
}

/** "1 април 2025, 10:42" by the outlet's clock. */
function localDate(at: Date, { lang, country }: SampleFeed): string {
  const parts = new Intl.DateTimeFormat(lang, {
    timeZone: (country && zoneOfCountry(country)) ?? 'Europe/Belgrade',
    ...{ day: 'numeric', month: 'long', year: 'numeric', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' },
  }).formatToParts(at);
  const [day, month, year, hour, minute] = (['day', 'month', 'year', 'hour', 'minute'] as const).map(
    (type) => parts.find((part) => part.type === type)!.value,
  );
  return `${day} ${month} ${year}, ${hour}:${minute}`;
}

function rdf(feed: SampleFeed, articles: readonly SampleArticle[], addressOf: AddressOf): string {
  const items = articles.map(({ path, title, lead, at }) => {
    const link = escapeMarkup(addressOf(path));
    return `<item rdf:about="${link}">
<title>${escapeMarkup(title)}</title>
<link>${link}</link>
<dc:date>${at.toISOString()}</dc:date>
<description>${escapeMarkup(lead)}</description>
</item>`;
  });
  return `<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/">
<channel rdf:about="${addressOf(`/${feed.name}`)}">
<title>${escapeMarkup(feed.outlet)}</title>
<link>${addressOf(`/${feed.name}`)}</link>
<description>${escapeMarkup(feed.outlet)}</description>
</channel>
${items.join('\n')}
</rdf:RDF>
`;
}

function atom(feed: SampleFeed, articles: readonly SampleArticle[], addressOf: AddressOf): string {
  const entries = articles.map(({ path, title, lead, at }) => {
    const link = escapeMarkup(addressOf(path));
    return `<entry>
<id>${link}</id>
<title>${escapeMarkup(title)}</title>
<link rel="alternate" href="${link}"/>
<published>${at.toISOString()}</published>
<updated>${at.toISOString()}</updated>
<summary>${escapeMarkup(lead)}</summary>
</entry>`;
  });
  return `<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="${feed.lang}">
<id>${addressOf(`/${feed.name}`)}</id>
<title>${escapeMarkup(feed.outlet)}</title>
<link rel="alternate" href="${addressOf(`/${feed.name}`)}"/>
<updated>${articles[0]!.at.toISOString()}</updated>
${entries.join('\n')}
</feed>
`;
}

function json(feed: SampleFeed, articles: readonly SampleArticle[], addressOf: AddressOf): string {
  const items = articles.map(({ path, title, lead, at }) => ({
    id: addressOf(path),
    url: addressOf(path),
    title,
    summary: lead,
    date_published: at.toISOString(),
  }));
  const home_page_url = addressOf(`/${feed.name}`);
  return JSON.stringify({
    version: 'https://jsonfeed.org/version/1.1',
    title: feed.outlet,
    home_page_url,
    language: feed.lang,
    items,
  });
}
