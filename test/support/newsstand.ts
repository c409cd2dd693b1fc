import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { CatalogueFeed } from '../../src/store/feeds.ts';

/**
 * A deterministic origin: feeds on several loopback hosts whose documents grow stage by stage. What stands in them at a stage is a
 * function of the stage alone, so that an undisturbed walk and a disturbed one can be compared. Some articles are carried by two
 * feeds (under addresses that differ by tracking), some are corrected two stages later, some have no date, some are told by two
 * feeds in their own words.
 */
export type Newsstand = {
  readonly feeds: readonly CatalogueFeed[];
  /** Addresses of those among them that never give a document. */
  readonly broken: readonly string[];
  /** The stage that the documents are at, from 0. */
  stage(): number;
  setStage(stage: number): void;
  /** Addresses of all articles up to the present stage. */
  truth(): Set<string>;
  /** Milliseconds that an answer takes, by request number. */
  latency: (request: number) => number;
  /** The answers of a feed are held back from now on; resolves when somebody asks for it. Letting go answers. */
  hold(feed: number): { asked: Promise<void>; letGo(): void };
  requests(): number;
  /** Requests that came to a host while it was answering another. */
  overlaps(): readonly string[];
  close(): Promise<void>;
};

export type NewsstandOptions = {
  readonly feeds: number;
  readonly hosts: number;
  /** Entries of a document at stage 0. */
  readonly items?: number;
  /** Entries that each stage adds. */
  readonly each?: number;
  /** Share of feeds that always fail: 404, 500, cut off in the middle, HTML, not answered. */
  readonly bad?: number;
  /** Every entry has a date: one without stands where it was first seen, so its neighbours depend on when that was. */
  readonly dated?: boolean;
};

const T0 = Date.UTC(2026, 2, 2, 6);
const WORDS = [
  {
    lang: 'en',
    beat: 'Defence ministers of Serbia and Hungary agreed on joint training of engineers',
    other: 'Town council debates repairs of the old bridge and the market hall',
  },
  {
    lang: 'sr',
    beat: 'Министри одбране Србије и Мађарске договорили заједничку обуку инжињераца',
    other: 'Скупштина града расправља о обнови старог моста и пијаце',
  },
  {
    lang: 'hr',
    beat: 'Ministri obrane Hrvatske i Slovenije potpisali sporazum o vojnoj suradnji',
    other: 'Gradsko vijeće raspravlja o obnovi staroga mosta i tržnice',
  },
  {
    lang: 'el',
    beat: 'Κοινή άσκηση των ενόπλων δυνάμεων της Ελλάδας και της Βουλγαρίας στη Θράκη',
    other: 'Το δημοτικό συμβούλιο συζητά την επισκευή της παλιάς γέφυρας',
  },
  {
    lang: 'ro',
    beat: 'Miniștrii apărării din România și Bulgaria au semnat un acord de cooperare militară',
    other: 'Consiliul local discută repararea podului vechi și a pieței',
  },
] as const;
const TOWNS = ['Subotica', 'Szeged', 'Varna', 'Larissa', 'Osijek', 'Tirana', 'Bitola', 'Nikšić', 'Tuzla', 'Maribor'];

/** A number from 0 to 1 that depends on these numbers alone. */
const fraction = (...of: readonly number[]): number => {
  let x = 2166136261;
  for (const n of of) x = Math.imul(x ^ (n + 0x9e3779b9), 16777619) ^ (x >>> 13);
  x = Math.imul(x ^ (x >>> 15), 2246822519);
  return ((x ^ (x >>> 13)) >>> 0) / 2 ** 32;
};

const escapeXml = (text: string): string => text.replace(/&/g, '&amp;').replace(/</g, '&lt;');

export async function startNewsstand(options: NewsstandOptions): Promise<Newsstand> {
  const { feeds: feedCount, hosts, items = 10, each = 2, bad = 0, dated = false } = options;
  let stage = 0;
  let port = 0;
  let requests = 0;
  const busy = new Map<string, number>();
  const overlaps: string[] = [];
  const held = new Map<number, { asked: () => void; free: Promise<void> }>();
  const host = (feed: number) => `127.0.0.${2 + (feed % hosts)}`;
  const site = (feed: number) => `http://${host(feed)}:${port}`;
  const isBad = (feed: number) => fraction(feed, 5) < bad;

  const article = (feed: number, n: number) => {
    const owner = fraction(feed, n, 1) < 0.2 ? feed - (feed % 2) : feed;
    // Every fourth article reports an event that other feeds report too, in words and language of their own.
    const event = n % 4 === 0 ? n * 7 : owner * 1009 + n;
    const words = WORDS[owner % WORDS.length]!;
    const town = TOWNS[Math.floor(fraction(event, 2) * TOWNS.length)]!;
    const figure = 10 + Math.floor(fraction(event, 3) * 900);
    const beat = fraction(event, 4) < 0.4;
    const corrected = fraction(owner, n, 6) < 0.1 && stage >= stageOf(n) + 2;
    const at = !dated && n % 17 === 5 ? null : new Date(T0 + n * 3_600_000 + (event % 50) * 60_000);
    return {
      url: `${site(owner)}/article/${owner}/${n}.html`,
      own: owner === feed,
      title: `${beat ? words.beat : words.other}, ${town} ${figure}${corrected ? ' (corrected)' : ''}`,
      lead: `${town}: ${beat ? words.beat : words.other}. ${figure} / ${event}.`,
      at,
    };
  };
  const stageOf = (n: number) => (n < items ? 0 : Math.ceil((n - items + 1) / each));

  const document = (feed: number): string => {
    const entries: string[] = [];
    for (let n = items + stage * each - 1; n >= 0; n--) {
      const { url, own, title, lead, at } = article(feed, n);
      const link = own ? url : `${url}?utm_source=feed${feed}&amp;utm_medium=rss`;
      const date = at ? `<pubDate>${at.toUTCString()}</pubDate>` : '';
      entries.push(
        `<item><title>${escapeXml(title)}</title><link>${link}</link><guid isPermaLink="false">${feed}-${n}</guid>${date}<description>${escapeXml(lead)}</description></item>`,
      );
    }
    return `<?xml version="1.0" encoding="UTF-8"?><rss version="2.0"><channel><title>Outlet ${feed}</title><link>${site(feed)}/</link><description/>${entries.join('')}</channel></rss>`;
  };

  const answer = (feed: number, request: http.IncomingMessage, response: http.ServerResponse): void => {
    const etag = `"${feed}-${stage}"`;
    if (isBad(feed)) misbehave(feed, response);
    else if (request.headers['if-none-match'] === etag) response.writeHead(304, { etag }).end();
    else response.writeHead(200, { 'content-type': 'application/rss+xml; charset=utf-8', etag }).end(document(feed));
  };
  const misbehave = (feed: number, response: http.ServerResponse): void => {
    if (feed % 4 === 0) response.writeHead(404).end();
    else if (feed % 4 === 1) response.writeHead(500).end('no database');
    else if (feed % 4 === 3)
      response.writeHead(200, { 'content-type': 'text/html' }).end('<html><body>Soon</body></html>');
    else {
      response.writeHead(200, { 'content-type': 'application/rss+xml', 'content-length': '9999' });
      response.write('<?xml version="1.0"?><rss');
      setTimeout(() => response.destroy(), 20);
    }
  };

  const stand: Newsstand = {
    get feeds() {
      return Array.from({ length: feedCount }, (_, feed) => ({
        url: `${site(feed)}/feed/${feed}.xml`,
        outlet: `Outlet ${feed}`,
        outletCountry: ['RS', 'HU', 'HR', 'GR', 'RO'][feed % 5]!,
      }));
    },
    get broken() {
      return stand.feeds.flatMap(({ url }, feed) => (isBad(feed) ? [url] : []));
    },
    stage: () => stage,
    setStage: (to) => {
      stage = to;
    },
    truth() {
      const urls = new Set<string>();
      for (let feed = 0; feed < feedCount; feed++)
        if (!isBad(feed)) for (let n = 0; n < items + stage * each; n++) urls.add(article(feed, n).url);
      return urls;
    },
    latency: () => 0,
    hold(feed) {
      let free = () => {};
      let asked = () => {};
      const wasAsked = new Promise<void>((resolve) => {
        asked = resolve;
      });
      const freed = new Promise<void>((resolve) => {
        free = resolve;
      });
      held.set(feed, { asked, free: freed });
      return {
        asked: wasAsked,
        letGo() {
          held.delete(feed);
          free();
        },
      };
    },
    requests: () => requests,
    overlaps: () => overlaps,
    async close() {
      for (const server of servers) {
        server.closeAllConnections();
        server.close();
      }
      await Promise.all(servers.filter((server) => server.listening).map((server) => once(server, 'close')));
    },
  };

  const serve = async (request: http.IncomingMessage, response: http.ServerResponse): Promise<void> => {
    const name = (request.socket as Socket).localAddress!;
    const feed = Number(/^\/feed\/(\d+)\.xml$/.exec(request.url ?? '')?.[1] ?? -1);
    if (feed < 0) return void response.writeHead(404).end();
    if (busy.has(name)) overlaps.push(`${name}: feed ${feed} was asked for while feed ${busy.get(name)} was answered`);
    busy.set(name, feed);
    // A host is free again when its answer has gone, or when whoever asked hung up.
    response.once('close', () => busy.delete(name));
    const hold = held.get(feed);
    hold?.asked();
    await hold?.free;
    const wait = stand.latency(requests++);
    if (wait > 0) setTimeout(() => answer(feed, request, response), wait);
    else answer(feed, request, response);
  };
  const servers: http.Server[] = [];
  for (let n = 0; n < hosts; n++) {
    const server = http.createServer((request, response) => void serve(request, response));
    server.listen(port, host(n));
    await once(server, 'listening');
    port ||= (server.address() as AddressInfo).port;
    servers.push(server);
  }
  return stand;
}
