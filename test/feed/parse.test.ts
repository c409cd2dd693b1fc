import { describe, expect, it } from 'vitest';
import type { Entry } from '../../src/feed/entry.ts';
import { parseFeed } from '../../src/feed/parse.ts';
import { atom, bytesOf, item, NAMESPACES, rss } from './documents.ts';

const url = 'https://vesti.example/rss/sve.xml';
const read = (text: string, options = {}) => parseFeed(bytesOf(text), { url, ...options });
const titles = async (text: string) => (await read(text)).items.map(({ title }) => title);
const one = async (fields: string): Promise<Entry> => (await read(rss(`<item>${fields}</item>`))).items[0]!;
const oneAtom = async (fields: string): Promise<Entry> => (await read(atom(`<entry>${fields}</entry>`))).items[0]!;

describe('formats', () => {
  it('reads RSS 2.0', async () => {
    expect(await read(rss(item(1, '<pubDate>Tue, 01 Apr 2025 10:42:00 +0200</pubDate>')))).toMatchObject({
      title: 'Гласник',
      link: 'https://vesti.example/',
      items: [{ title: 'Vest 1', url: 'https://vesti.example/1', publishedAt: '2025-04-01T08:42:00.000Z' }],
    });
  });

  it.each([
    ['RSS without version', `<rss><channel><title>x</title>${item(1)}</channel></rss>`],
    [
      'RSS 0.91 with a doctype',
      `<!DOCTYPE rss SYSTEM "rss-0.91.dtd"><rss version="0.91"><channel>${item(1)}</channel></rss>`,
    ],
    ['a channel without root', `<channel><title>x</title>${item(1)}</channel>`],
    ['items beside the channel', `<rss version="2.0"><channel><title>x</title></channel>${item(1)}</rss>`],
    ['capitals', `<RSS VERSION="2.0"><CHANNEL><ITEM><TITLE>Vest 1</TITLE></ITEM></CHANNEL></RSS>`],
    [
      'RDF',
      `<r:RDF xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"><channel/>${item(1)}</r:RDF>`,
    ],
    [
      'RSS 1.0 with a prefix',
      `<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:q="http://purl.org/rss/1.0/"><q:item><q:title>Vest 1</q:title></q:item></rdf:RDF>`,
    ],
    ['Atom 1.0', atom('<entry><title>Vest 1</title></entry>')],
    [
      'Atom with a prefix',
      '<a:feed xmlns:a="http://www.w3.org/2005/Atom"><a:entry><a:title>Vest 1</a:title></a:entry></a:feed>',
    ],
    ['Atom 0.3', '<feed version="0.3" xmlns="http://purl.org/atom/ns#"><entry><title>Vest 1</title></entry></feed>'],
    ['Atom without namespace', '<feed><entry><title>Vest 1</title></entry></feed>'],
    ['a lone Atom entry', '<entry xmlns="http://www.w3.org/2005/Atom"><title>Vest 1</title></entry>'],
    ['JSON Feed', '{"version":"https://jsonfeed.org/version/1","items":[{"id":1,"title":"Vest 1"}]}'],
    [
      'JSON Feed that was cut off',
      '{"version":"https://jsonfeed.org/version/1","items":[{"id":1,"title":"Vest 1"},{"id":2,"tit',
    ],
  ])('reads %s', async (_, text) => {
    expect(await titles(text)).toEqual(['Vest 1']);
  });

  it.each([
    ['a web page', '<!DOCTYPE html><html><head><title>x</title></head><body>y</body></html>'],
    ['OPML', '<opml version="2.0"><body><outline text="x"/></body></opml>'],
    ['other XML', '<note><to>x</to></note>'],
    ['other JSON', '{"status":"error"}'],
    ['plain text', 'Service unavailable'],
    ['nothing', ''],
  ])('refuses %s', async (_, text) => {
    await expect(read(text)).rejects.toMatchObject({ name: 'FeedError', reason: 'not-a-feed' });
  });

  it('reads JSON Feed 1.1 with all that the normal form has', async () => {
    const entry = {
      id: 7,
      url: '/7',
      title: 'A &amp; B',
      content_html: '<p>Prvi</p><p>drugi</p>',
      date_published: '2025-04-01T10:42:00+02:00',
      authors: [{ name: 'Ana' }, { name: 'Marko' }],
      tags: ['odbrana'],
      image: '/7.jpg',
    };
    const { items } = await read(JSON.stringify({ version: 'https://jsonfeed.org/version/1.1', items: [entry] }));
    expect(items[0]).toEqual({
      id: '7',
      url: 'https://vesti.example/7',
      title: 'A & B',
      summary: 'Prvi drugi',
      publishedAt: '2025-04-01T08:42:00.000Z',
      updatedAt: null,
      author: 'Ana, Marko',
      imageUrl: 'https://vesti.example/7.jpg',
      categories: ['odbrana'],
    });
  });
});

describe('damage', () => {
  it.each([
    [
      'a bare ampersand',
      rss(`<item><title>Vest 1</title><link>https://vesti.example/?a=1&b=2</link></item>${item(2)}`),
    ],
    ['an undeclared entity', rss(item(1, '<description>a &nbsp; &zcaron; b</description>') + item(2))],
    ['an undeclared prefix', rss(item(1, '<foo:bar>x</foo:bar>') + item(2))],
    ['an unclosed tag in the lead', rss(item(1, '<description>a <b>b <i>c</description>') + item(2))],
    ['an unclosed lead', rss(item(1, '<description>a <p>b<pubDate>x</pubDate>') + item(2))],
    ['an unclosed title', rss(`<item><title>Vest 1<link>https://vesti.example/1</link></item>${item(2)}`)],
    ['an unclosed item', rss(`<item><title>Vest 1</title>${item(2)}`)],
    ['an unclosed quote', rss(`<item><title>Vest 1</title><enclosure url="a.jpg/></item>${item(2)}`)],
    [
      'a CDATA section that never ends',
      rss(
        `<item><title>Vest 1</title><description><![CDATA[x</description></item>${item(2, '<category><![CDATA[y]]></category>')}`,
      ),
    ],
    ['junk before the prolog', `Warning: mysql in /var/www <br />\n${rss(item(1) + item(2))}`],
    ['junk after the root', `${rss(item(1) + item(2))}\n<!-- 0.3 s --><script>if (1<2) x()</script>`],
    ['two roots', `${rss(item(1))}${rss(item(2))}`],
    ['a stray end tag', rss(`${item(1)}</b></item>${item(2)}`)],
    ['a missing end', rss(item(1) + item(2)).replace('</channel></rss>', '')],
    ['control characters', rss(item(1, '<description>a\u0001\u0008b</description>') + item(2))],
  ])('%s costs no entry', async (_, text) => {
    expect(await titles(text)).toEqual(['Vest 1', 'Vest 2']);
  });

  it('of a document that was cut off costs the entry that was cut, at whatever byte', async () => {
    const text = rss(
      [1, 2, 3].map((n) => item(n, '<description>Opis &amp; <![CDATA[<p>x</p>]]></description>')).join(''),
    );
    for (let end = text.indexOf('</item>') + 7; end < text.length; end += 3) {
      const whole = text.slice(0, end).split('</item>').length - 1;
      expect((await titles(text.slice(0, end))).length).toBe(whole);
    }
  });

  it('never lets an extension pass for an entry', async () => {
    expect(
      await titles(atom('<x:y xmlns:x="urn:x"><entry><title>ne</title></entry></x:y><entry><title>da</title></entry>')),
    ).toEqual(['da']);
  });
});

describe('title and lead', () => {
  it.each([
    ['AT&amp;T', 'AT&T'],
    ['AT&amp;amp;T', 'AT&T'],
    ['<![CDATA[AT&T &#8220;x&#8221;]]>', 'AT&T “x”'],
    ['&lt;b&gt;Hitno:&lt;/b&gt; vest', 'Hitno: vest'],
    ['&amp;lt;b&amp;gt;Hitno&amp;lt;/b&amp;gt;', 'Hitno'],
    ['Cena &lt; 100 i &gt; 5', 'Cena < 100 i > 5'],
    ['Cena < 100', 'Cena < 100'],
    ['Kako radi &lt;T&gt; u kodu', 'Kako radi <T> u kodu'],
    ['Prvi&lt;br/&gt;drugi', 'Prvi drugi'],
    ['  a\n\t b&#160;&#8203;c ', 'a b c'],
    ['&#150; &#x96; &ndash;', '– – –'],
    ['?a=1&copy=2', '?a=1&copy=2'],
  ])('title %s', async (written, meant) => {
    expect((await one(`<title>${written}</title>`)).title).toBe(meant);
  });

  it.each([
    ['&lt;ul&gt;&lt;li&gt;Prvi&lt;/li&gt;&lt;li&gt;Drugi&lt;/li&gt;&lt;/ul&gt;', 'Prvi Drugi'],
    ['<![CDATA[<p>Prvi</p><p>Drugi<script>alert("x<y")</script></p>]]>', 'Prvi Drugi'],
    ['<![CDATA[a<!-- skriveno -->b<style>p{}</style>]]>', 'ab'],
    ['<![CDATA[<img alt="a > b" src="x.jpg">Tekst]]>', 'Tekst'],
    ['<![CDATA[Tekst <a href="https://vesti.example/dug]]>', 'Tekst'],
    ['<p>Prvi</p><p>Drugi</p>', 'Prvi Drugi'],
    ['&amp;lt;p&amp;gt;Dvaput&amp;lt;/p&amp;gt;', 'Dvaput'],
  ])('lead %s', async (written, meant) => {
    expect((await one(`<description>${written}</description>`)).summary).toBe(meant);
  });

  it('keeps what Atom says is plain, and reads html and xhtml as they say', async () => {
    expect((await oneAtom('<title>1 &lt; 2 &amp; 3</title>')).title).toBe('1 < 2 & 3');
    expect((await oneAtom('<title type="html">1 &amp;lt; &lt;i&gt;2&lt;/i&gt;</title>')).title).toBe('1 < 2');
    expect(
      (await oneAtom('<title type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">1 <i>2</i> &lt; 3</div></title>'))
        .title,
    ).toBe('1 2 < 3');
  });

  it('takes the content for a lead where there is none', async () => {
    expect((await one('<description/><content:encoded><![CDATA[<p>Ceo tekst</p>]]></content:encoded>')).summary).toBe(
      'Ceo tekst',
    );
  });
});

describe('permalink and id', () => {
  it.each([
    ['<link> /a/1\n</link>', 'https://vesti.example/a/1'],
    ['<link>a/1</link>', 'https://vesti.example/rss/a/1'],
    ['<link>//www.vesti.example/a</link>', 'https://www.vesti.example/a'],
    ['<link>www.vesti.example/a</link>', 'https://www.vesti.example/a'],
    ['<link>https://vesti.example/?a=1&amp;amp;b=2</link>', 'https://vesti.example/?a=1&b=2'],
    ['<link/><guid>https://vesti.example/g</guid>', 'https://vesti.example/g'],
    ['<guid isPermaLink="false">abc</guid>', null],
    ['<guid>234947</guid>', null],
    ['<atom:link href="https://vesti.example/at" rel="alternate"/>', 'https://vesti.example/at'],
    ['<link>javascript:alert(1)</link>', null],
    [
      '<link>https://feedproxy.example/1</link><f:origLink xmlns:f="http://rssnamespace.org/feedburner/ext/1.0">https://vesti.example/o</f:origLink>',
      'https://vesti.example/o',
    ],
  ])('%s', async (fields, address) => {
    expect((await one(fields)).url).toBe(address);
  });

  it('resolves against xml:base, then the address of the document', async () => {
    const text = atom(
      '<entry xml:base="sr/"><link rel="self" href="x"/><link href="1"/></entry><entry><link href="2"/></entry>',
      ' xml:base="https://druge.example/vesti/"',
    );
    expect((await read(text)).items.map((entry) => entry.url)).toEqual([
      'https://druge.example/vesti/sr/1',
      'https://druge.example/vesti/2',
    ]);
  });

  it('gives the id as published', async () => {
    expect((await one('<guid isPermaLink="false"> rs-1 </guid>')).id).toBe('rs-1');
    expect((await oneAtom('<id>tag:vesti.example,2025:1</id>')).id).toBe('tag:vesti.example,2025:1');
  });
});

describe('picture', () => {
  it.each([
    [
      '<media:content url="v.mp4" medium="video"/><media:content url="s.jpg" width="90"/><media:content url="l.jpg" width="900"/>',
      'l.jpg',
    ],
    ['<media:group><media:thumbnail url="t.jpg"/></media:group>', 't.jpg'],
    ['<enclosure url="a.mp3" type="audio/mpeg"/><enclosure url="b.jpg" type="image/jpeg"/>', 'b.jpg'],
    ['<itunes:image href="c.png"/>', 'c.png'],
    ['<image><url>d.png</url></image>', 'd.png'],
    [
      '<description>&lt;img src="px.gif" width="1" height="1"&gt;&lt;img class=x data-src="e.webp" src="data:x"&gt;</description>',
      'e.webp',
    ],
    ['<description>&lt;img src="https://feeds.feedburner.com/~r/x/1"/&gt;</description>', null],
    ['<description>bez slike</description>', null],
  ])('%s', async (fields, name) => {
    expect((await one(fields)).imageUrl).toBe(name === null ? null : `https://vesti.example/rss/${name}`);
  });
});

describe('author, categories, dates', () => {
  it.each([
    ['<dc:creator>Ana Ilić</dc:creator><dc:creator>Marko Ban</dc:creator>', 'Ana Ilić, Marko Ban'],
    ['<author>ana@vesti.example (Ana Ilić)</author>', 'Ana Ilić'],
    ['<author>Ana Ilić &lt;ana@vesti.example&gt;</author>', 'Ana Ilić'],
    ['<itunes:author>Ana</itunes:author>', 'Ana'],
    ['<author/>', null],
  ])('%s', async (fields, author) => {
    expect((await one(fields)).author).toBe(author);
  });

  it('signs what no one signed with the author of the Atom feed', async () => {
    const text = atom(
      '<author><name>Redakcija</name></author><entry/><entry><author><name>Ana</name></author></entry>',
    );
    expect((await read(text)).items.map((entry) => entry.author)).toEqual(['Redakcija', 'Ana']);
  });

  it('gathers categories once each', async () => {
    expect(
      (await one('<category>Војска</category><dc:subject>NATO</dc:subject><category>Војска</category>')).categories,
    ).toEqual(['Војска', 'NATO']);
  });

  it('takes the first date that can be believed, and the change for the publication where that is all', async () => {
    expect(await one('<pubDate>juče</pubDate><dc:date>2025-04-01</dc:date>')).toMatchObject({
      publishedAt: '2025-04-01T00:00:00.000Z',
      updatedAt: null,
    });
    expect(await oneAtom('<updated>2025-04-01T10:00:00Z</updated>')).toMatchObject({
      publishedAt: '2025-04-01T10:00:00.000Z',
      updatedAt: '2025-04-01T10:00:00.000Z',
    });
  });

  it('reads local time as the country has it, and nothing as future without now', async () => {
    const text = rss('<item><pubDate>01.07.2099 10:00</pubDate></item>');
    expect((await read(text, { outletCountry: 'RS' })).items[0]?.publishedAt).toBe('2099-07-01T08:00:00.000Z');
    expect((await read(text, { now: new Date('2026-01-01') })).items[0]?.publishedAt).toBeNull();
  });

  it('hands on when the feed wants to be asked', async () => {
    const { readDocument } = await import('../../src/feed/parse.ts');
    const channel =
      '<ttl>60</ttl><sy:updatePeriod xmlns:sy="http://purl.org/rss/1.0/modules/syndication/">hourly</sy:updatePeriod><sy:updateFrequency xmlns:sy="http://purl.org/rss/1.0/modules/syndication/">2</sy:updateFrequency><skipHours><hour>0</hour><hour>24</hour><hour>3</hour></skipHours><skipDays><day>Sunday</day></skipDays><atom:link rel="hub" href="https://hub.example/"/>';
    const { feed } = await readDocument(bytesOf(rss('', channel)));
    expect(feed.hints).toEqual({ ttlMinutes: 60, updatePeriodS: 1_800, skipHours: [0, 3], skipDays: [0] });
    expect(feed.hub).toBe('https://hub.example/');
  });

  it('knows a module by its address, whatever its prefix', async () => {
    const text = `<rss version="2.0" ${NAMESPACES} xmlns:m="https://search.yahoo.com/mrss"><channel><item><m:content url="https://vesti.example/a.jpg"/><x:creator xmlns:x="http://purl.org/dc/elements/1.1/">Ana</x:creator></item></channel></rss>`;
    expect((await read(text)).items[0]).toMatchObject({ imageUrl: 'https://vesti.example/a.jpg', author: 'Ana' });
  });
});
