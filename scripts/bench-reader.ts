/**
 * The reader beside rss-parser, on documents made here: what people meet daily, what is damaged, what is large, and what
 * was read before. Prints one line a measure. Run it compiled: `npx tsx scripts/bench-reader.ts`.
 */
import Parser from 'rss-parser';
import { parseFeed, readDocument } from '../src/feed/parse.ts';

const LEAD =
  'Министри одбране потписали су у Београду план војне сарадње за наредну годину, саопштило је министарство. Zajednička vježba počinje u ponedjeljak na poligonu kod Slunja. ';
const markup = (n: number): string =>
  `<p><img src="https://vesti.example/i/${n}.jpg" alt=""/></p>${`<p>${LEAD}</p>`.repeat(5)}<p><a href="https://vesti.example/a/${n}">…</a></p>`;
const escaped = (html: string): string => html.replace(/&/g, '&amp;').replace(/</g, '&lt;');

type Shape = { readonly items: number; readonly title?: (n: number) => string; readonly lead?: (n: number) => string };

function rss({ items, title = (n) => `Вест број ${n}`, lead = (n) => escaped(markup(n)) }: Shape): Buffer {
  const list = Array.from({ length: items }, (_, n) => {
    const date = new Date(Date.UTC(2026, 9, 1) + n * 600_000).toUTCString();
    return `<item><title>${title(n)}</title><link>https://vesti.example/a/${n}</link><guid isPermaLink="false">v:${n}</guid><pubDate>${date}</pubDate><dc:creator>Редакција</dc:creator><category>Вести</category><media:content url="https://vesti.example/i/${n}.jpg" medium="image"/><description>${lead(n)}</description></item>`;
  });
  return Buffer.from(
    `<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:media="http://search.yahoo.com/mrss/"><channel><title>Вести</title><link>https://vesti.example/</link>${list.join('\n')}</channel></rss>`,
  );
}

function atom(items: number): Buffer {
  const list = Array.from({ length: items }, (_, n) => {
    const date = new Date(Date.UTC(2026, 9, 1) + n * 600_000).toISOString();
    return `<entry><title>Вест број ${n}</title><link rel="alternate" href="https://vesti.example/a/${n}"/><id>tag:vesti.example,${n}</id><published>${date}</published><updated>${date}</updated><summary type="html">${escaped(markup(n))}</summary></entry>`;
  });
  return Buffer.from(
    `<?xml version="1.0" encoding="utf-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom"><title>Вести</title><link href="https://vesti.example/"/><id>x</id>${list.join('\n')}</feed>`,
  );
}

type Work = () => Promise<unknown>;

async function cpuOf(work: Work, calls: number): Promise<number> {
  const start = process.cpuUsage();
  for (let call = 0; call < calls; call++) await work();
  const used = process.cpuUsage(start);
  return (used.user + used.system) / 1000 / calls;
}

/** The fourth least of 31: what the work costs when little else runs; the least of all would be luck. */
const quiet = (numbers: readonly number[]): number => numbers.toSorted((a, b) => a - b)[3] ?? 0;

/** CPU milliseconds a call of each, in turn, so that other work on the machine meets all alike. */
async function cpu(works: readonly Work[], calls = 15): Promise<number[]> {
  for (const work of works) await cpuOf(work, 60);
  const rounds: number[][] = works.map(() => []);
  for (let round = 0; round < 31; round++) {
    for (const [at, work] of works.entries()) rounds[at]!.push(await cpuOf(work, calls));
  }
  return rounds.map(quiet);
}

const parser = new Parser();
const url = 'https://vesti.example/rss.xml';
const row = (name: string, ms: number, beside?: number): void => {
  const times = beside === undefined ? '' : `  ${(ms / beside).toFixed(2)} × rss-parser's ${beside.toFixed(3)}`;
  console.log(`${name.padEnd(46)} ${ms.toFixed(3).padStart(9)} ms${times}`);
};

async function beside(name: string, bytes: Buffer, rival: Buffer): Promise<void> {
  const [ours, theirs] = await cpu([() => parseFeed(bytes, { url }), () => parser.parseString(rival.toString('utf8'))]);
  row(`${name}, ${(bytes.length / 1024).toFixed(0)} KiB`, ours!, theirs);
}

async function warm(name: string, bytes: Buffer, fresh: number): Promise<void> {
  const { entries } = await readDocument(bytes, { url });
  const known = new Set(entries.slice(fresh).map(({ hash }) => hash));
  const [ms] = await cpu([() => readDocument(bytes, { url, known })]);
  row(name, ms!);
}

const clean = rss({ items: 30 });
await beside('RSS 2.0, 30 entries, clean', clean, clean);
await beside('Atom 1.0, 30 entries, clean', atom(30), atom(30));
const cdata = rss({ items: 30, lead: (n) => `<![CDATA[${markup(n)}]]>` });
await beside('RSS 2.0, CDATA, clean', cdata, cdata);
await beside('bare ampersands, tolerant', rss({ items: 30, title: (n) => `Град & село ${n}` }), clean);
await beside('inline markup, tolerant', rss({ items: 30, lead: (n) => markup(n).replace('…', 'више') }), cdata);
await warm('seen before, 2 of 30 new', clean, 2);
await warm('seen before, none new', clean, 0);
await warm('first sight with hashes, 30 new', clean, 30);
for (const items of [1_000, 5_000, 20_000]) {
  const large = rss({ items, lead: () => escaped(`<p>${LEAD}</p>`) });
  const start = performance.now();
  const { items: found } = await parseFeed(large, { url });
  const ms = performance.now() - start;
  row(`${found.length} entries in a thread, ${(large.length / 1024).toFixed(0)} KiB (wall)`, ms);
}
