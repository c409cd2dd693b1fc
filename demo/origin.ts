/** The loopback origin: every sample outlet's feed, and its articles with a Read next list below, as a site would show it. */
import { hash } from 'node:crypto';
import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Sample, SampleArticle, SampleFeed } from './samples.ts';
import { type AddressOf, escapeMarkup, type SampleAnswer, writeFeed } from './write.ts';

export type SampleOrigin = {
  /** The address of a path of the samples, whose first step names the feed. */
  readonly addressOf: AddressOf;
  close(): Promise<void>;
};

type Page = { readonly feed: SampleFeed; readonly article: SampleArticle };
type Site = { readonly server: http.Server; readonly url: string };

/**
 * Starts the origin, a loopback address an outlet: a host is asked for one feed at a time, and so are 127.0.1.1, 127.0.1.2, …
 * @param service where glasnik's HTTP is, once it listens: the article pages ask it for their lists, as any site would
 */
export async function startOrigin(
  samples: readonly Sample[],
  { service, timeZone }: { service: () => string | null; timeZone: string },
): Promise<SampleOrigin> {
  const feeds = new Map<string, SampleAnswer>();
  const pages = new Map<string, Page>();
  const sites = new Map<string, Site>();
  const addressOf = (path: string) => `${sites.get(path.split('/')[1]!)!.url}${path}`;
  const answer: http.RequestListener = (request, response) => {
    const path = request.url ?? '/';
    const feed = feeds.get(path);
    const page = pages.get(path) ?? pages.get(path.replace(/\?.*/, ''));
    if (feed) return answerFeed(feed, request, response);
    if (!page) return response.writeHead(404, { 'content-type': 'text/plain' }).end('There is nothing here\n');
    return void listOf(service(), addressOf(page.article.path)).then((list) =>
      response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(articlePage(page, list, timeZone)),
    );
  };
  for (const { feed } of samples) if (!feed.of) sites.set(feed.name, await openSite(answer, sites.size + 1));
  for (const { feed } of samples) if (feed.of) sites.set(feed.name, sites.get(feed.of)!);
  for (const sample of samples) {
    feeds.set(`/${sample.feed.name}/feed`, writeFeed(sample, addressOf));
    if (!sample.feed.of) for (const article of sample.articles) pages.set(article.path, { feed: sample.feed, article });
  }
  return {
    addressOf,
    async close() {
      for (const { server } of new Set(sites.values())) {
        server.closeAllConnections();
        server.close();
      }
    },
  };
}

/** Listens on 127.0.1.n, or on 127.0.0.1 where the system has no other loopback addresses (macOS). */
async function openSite(answer: http.RequestListener, n: number): Promise<Site> {
  return listenOn(answer, `127.0.1.${n}`).catch(() => listenOn(answer, '127.0.0.1'));
}

async function listenOn(answer: http.RequestListener, host: string): Promise<Site> {
  const server = http.createServer(answer).listen(0, host);
  await once(server, 'listening');
  return { server, url: `http://${host}:${(server.address() as AddressInfo).port}` };
}

/** With validators, so that the scheduler's next round is answered 304. */
function answerFeed(
  { status, contentType, body }: SampleAnswer,
  request: http.IncomingMessage,
  response: http.ServerResponse,
): void {
  const etag = `"${hash('sha1', body)}"`;
  if (status === 200 && request.headers['if-none-match'] === etag) response.writeHead(304, { etag }).end();
  else response.writeHead(status, { 'content-type': contentType, ...(status === 200 ? { etag } : {}) }).end(body);
}

/** What a page needs of an entry of `/v1/read-next`. */
type ListEntry = {
  readonly url: string;
  readonly title: string;
  readonly lead: string | null;
  readonly kicker: string | null;
  readonly lang: string;
  readonly published_at: string | null;
};

/** The list of an article, or an empty one where the service is not there. */
async function listOf(service: string | null, address: string): Promise<readonly ListEntry[]> {
  if (service === null) return [];
  try {
    const answer = await fetch(`${service}/v1/read-next?limit=6&url=${encodeURIComponent(address)}`);
    return ((await answer.json()) as { items?: ListEntry[] }).items ?? [];
  } catch {
    return [];
  }
}

const STYLE = `body{font:18px/1.5 Georgia,serif;max-width:40rem;margin:2rem auto;padding:0 1rem;color:#222;background:#fffefa}
header,time,b{font:14px/1.5 system-ui,sans-serif}time{color:#767676;margin-right:.5em}b{color:#a3271d}
ol{list-style:none;padding:0;border-top:3px double #999}li{padding:.6rem 0;border-bottom:1px solid #ddd}a{color:inherit}li a{display:block;text-decoration:none}`;

function articlePage({ feed, article }: Page, list: readonly ListEntry[], timeZone: string): string {
  const format = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    ...{ day: '2-digit', month: 'short', hour: '2-digit', minute: '2-digit' },
  });
  const time = (at: Date) => `<time datetime="${at.toISOString()}">${format.format(at)}</time>`;
  const entries = list.map(
    ({ url, title, lead, kicker, lang, published_at }) =>
      `<li lang="${lang}">${published_at ? time(new Date(published_at)) : ''}${kicker ? `<b>${escapeMarkup(kicker)}</b>` : ''}
<a href="${escapeMarkup(url)}">${escapeMarkup(lead ?? title)}</a></li>`,
  );
  return `<!doctype html><html lang="${feed.lang}"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${escapeMarkup(article.title)}</title><style>${STYLE}</style>
<header>${escapeMarkup(feed.outlet)} (a made-up outlet)</header>
<h1>${escapeMarkup(article.title)}</h1>
<p>${time(article.at)}</p><p>${escapeMarkup(article.lead)}</p>
${list.length ? `<section lang="en"><h2>Read next</h2><ol>\n${entries.join('\n')}\n</ol></section>` : ''}</html>`;
}
