import type { Answer } from './origin.ts';

export type RssItem = {
  readonly title: string;
  readonly link: string;
  readonly guid?: string;
  readonly date?: string | Date | null;
  readonly lead?: string;
  readonly author?: string;
};

const xml = (text: string): string => text.replace(/&/g, '&amp;').replace(/</g, '&lt;');

/** An RSS 2.0 document. */
export function rss(items: readonly RssItem[], title = 'A feed'): string {
  const entries = items.map(({ title, link, guid, date, lead, author }) =>
    [
      '<item>',
      `<title>${xml(title)}</title><link>${xml(link)}</link>`,
      `<guid isPermaLink="false">${xml(guid ?? link)}</guid>`,
      date ? `<pubDate>${new Date(date).toUTCString()}</pubDate>` : '',
      lead ? `<description>${xml(lead)}</description>` : '',
      author ? `<author>${xml(author)}</author>` : '',
      '</item>',
    ].join(''),
  );
  return `<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0"><channel><title>${xml(title)}</title><link>https://example.org/</link><description/>${entries.join('\n')}</channel></rss>`;
}

/** Answers 200 with a feed document and the given headers. */
export const feedAnswer =
  (body: string, headers: Record<string, string> = {}): Answer =>
  (_, response) => {
    response.writeHead(200, { 'content-type': 'application/rss+xml; charset=utf-8', ...headers }).end(body);
  };
