/** The origin of bench-fetch.ts: synthetic RSS feeds of thirty entries on forty loopback hosts, in a process of its own. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';

const FEEDS = Number(process.argv[2]);
const HOSTS = 40;
const ENTRIES = 30;
const SENTENCES = [
  'The defence ministers of Serbia and Hungary signed a plan of bilateral military cooperation for the coming year in Belgrade.',
  'The government discussed the draft budget and the programme of road construction in the north of the country.',
  'Ministar obrane potpisao je deklaraciju o suradnji na području obrane s kolegama iz susjednih zemalja.',
  'Na autocesti je jutros došlo do zastoja zbog radova, a vozačima se preporučuje drugi pravac.',
  'У Народном позоришту вечерас је премијера представе по делу домаћег писца.',
];
let version = 0;
let perAdvance = 0;
let validators = true;
let port = 0;
const bodies = new Map<number, { gz: Buffer; etag: string }>();

const sentence = (n: number): string => SENTENCES[n % SENTENCES.length]!;
function entry(feed: number, n: number): string {
  const link = `http://127.0.0.${2 + (feed % HOSTS)}:${port}/a/${feed}/${n}.html`;
  const html = Array.from(
    { length: 6 },
    (_, k) => `&lt;p&gt;${sentence(feed + n + k)} ${sentence(n + 2 * k)} (${feed * n + k})&lt;/p&gt;`,
  ).join('');
  const date = new Date(Date.UTC(2026, 10, 20, 6) + n * 600_000).toUTCString();
  return `<item><title><![CDATA[${sentence(feed + n).slice(0, 60)} ${feed}-${n}]]></title><link>${link}</link><guid isPermaLink="false">${feed}:${n}</guid><pubDate>${date}</pubDate><description>${html}</description></item>`;
}

function body(feed: number): { gz: Buffer; etag: string } {
  const known = bodies.get(feed);
  if (known) return known;
  const last = ENTRIES + version * perAdvance;
  const entries = Array.from({ length: ENTRIES }, (_, k) => entry(feed, last - 1 - k)).join('\n');
  const document = `<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0"><channel><title>Outlet ${feed}</title><link>http://127.0.0.${2 + (feed % HOSTS)}:${port}/</link><description/><!-- ${validators ? '' : Math.random()} -->${entries}</channel></rss>`;
  const made = { gz: gzipSync(document), etag: `"${feed}-${version}"` };
  bodies.set(feed, made);
  return made;
}

function answer(request: IncomingMessage, response: ServerResponse): void {
  const url = new URL(request.url ?? '/', 'http://x');
  const [, first, second] = url.pathname.split('/');
  if (first === 'control') {
    if (second === 'validators') validators = url.searchParams.get('on') === '1';
    if (second === 'advance') {
      perAdvance = Number(url.searchParams.get('new'));
      version++;
    }
    if (second !== 'urls') bodies.clear();
    for (let f = 0; f < FEEDS; f++) body(f);
    response.end(
      JSON.stringify(Array.from({ length: FEEDS }, (_, f) => `http://127.0.0.${2 + (f % HOSTS)}:${port}/f/${f}.xml`)),
    );
    return;
  }
  const { gz, etag } = body(Number.parseInt(second ?? '', 10));
  const headers = { 'content-type': 'application/rss+xml; charset=utf-8', ...(validators ? { etag } : {}) };
  if (validators && request.headers['if-none-match'] === etag) response.writeHead(304, headers).end();
  else response.writeHead(200, { ...headers, 'content-encoding': 'gzip', 'content-length': gz.length }).end(gz);
}

const first = createServer({ keepAliveTimeout: 60_000 }, answer);
first.listen(0, '127.0.0.2', () => {
  port = (first.address() as { port: number }).port;
  let open = 1;
  for (let h = 1; h < HOSTS; h++)
    createServer({ keepAliveTimeout: 60_000 }, answer).listen(port, `127.0.0.${2 + h}`, () => {
      if (++open === HOSTS) process.send?.(`http://127.0.0.2:${port}`);
    });
});
process.on('disconnect', () => process.exit(0));
