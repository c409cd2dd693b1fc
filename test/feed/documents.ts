import fc from 'fast-check';

/** Documents for the reader's tests, made here so that each test shows the part that matters. */

export const NAMESPACES =
  'xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:media="http://search.yahoo.com/mrss/" xmlns:atom="http://www.w3.org/2005/Atom" xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd"';

export const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

/** An RSS 2.0 document around the given entries (or anything else inside its channel). */
export const rss = (inside: string, channel = '<title>Гласник</title><link>https://vesti.example/</link>'): string =>
  `<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0" ${NAMESPACES}><channel>${channel}${inside}</channel></rss>`;

/** An Atom 1.0 document around the given entries. */
export const atom = (inside: string, attributes = ''): string =>
  `<?xml version="1.0" encoding="UTF-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom"${attributes}><title>Glasnik</title><id>urn:glasnik</id><link href="https://vesti.example/"/>${inside}</feed>`;

/** An RSS item with a title, an address and whatever else is given. */
export const item = (n: number, more = ''): string =>
  `<item><title>Vest ${n}</title><link>https://vesti.example/${n}</link><guid>https://vesti.example/${n}</guid>${more}</item>`;

/** Texts as feeds hold them: both scripts, markup escaped and not, references, spaces, emoji, CDATA. */
const pieces = fc.constantFrom(
  ...[
    'Ministar',
    'Министар одбране',
    'Υπουργός',
    'šđčćž',
    'Şubat',
    ' ',
    '  ',
    '\n',
    '\u00a0',
    '\u200b',
    '😀',
    '„navod“',
    'AT',
  ],
  ...[
    '&amp;',
    '&lt;b&gt;',
    '&lt;/b&gt;',
    '&lt;p&gt;',
    '&lt;br/&gt;',
    '&#8217;',
    '&#x17E;',
    '&nbsp;',
    '&eacute;',
    '&amp;amp;',
    '&amp;nbsp;',
    '&quot;',
    '5 &lt; 6',
  ],
  ...[
    '<![CDATA[<p>Tekst</p>]]>',
    '<![CDATA[a & b]]>',
    '&lt;img src="/i/1.jpg"&gt;',
    '&lt;li&gt;',
    '<!-- beleška -->',
    'x&gt;y',
    '&#150;',
    '&#xD83D;&#xDE00;',
  ],
);
export const texts = fc.array(pieces, { maxLength: 8 }).map((parts) => parts.join(''));

const addresses = fc.constantFrom(
  ...[
    'https://vesti.example/a/1',
    ' https://vesti.example/a/2 ',
    '/a/3',
    'a/4?x=1&amp;y=2',
    '//cdn.example/5.jpg',
    'www.vesti.example/6',
  ],
  ...['http://vesti.example/вест/7', 'urn:x:8', 'mailto:a@b.example', '', 'https://vesti.example/9#deo'],
);
const dates = fc.constantFrom(
  ...[
    'Tue, 01 Apr 2025 10:42:00 +0200',
    '2025-04-01T10:42:00Z',
    '1. april 2025. u 10:42',
    '01.04.2025 10:42',
    'juče',
    '',
    '0',
  ],
);

const field = (name: string, attributes: fc.Arbitrary<string>, content: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc.tuple(attributes, content).map(([own, text]) => `<${name}${own}>${text}</${name}>`);
const none = fc.constant('');
const empty = (name: string, attributes: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  attributes.map((own) => `<${name}${own}/>`);

const rssField = fc.oneof(
  ...[
    'title',
    'description',
    'content:encoded',
    'category',
    'dc:title',
    'dc:subject',
    'itunes:summary',
    'media:description',
    'comments',
  ].map((name) => field(name, none, texts)),
  ...['dc:creator', 'author', 'itunes:author'].map((name) => field(name, none, texts)),
  field('author', none, fc.constant('redakcija@vesti.example (Ana Ilić)')),
  field('link', none, addresses),
  field('guid', fc.constantFrom('', ' isPermaLink="false"', ' isPermaLink="true"'), addresses),
  ...['pubDate', 'dc:date', 'atom:updated'].map((name) => field(name, none, dates)),
  empty(
    'enclosure',
    addresses.map((url) => ` url="${url}" type="image/jpeg"`),
  ),
  empty(
    'media:thumbnail',
    addresses.map((url) => ` url="${url}"`),
  ),
  empty(
    'media:content',
    fc.tuple(addresses, fc.constantFrom('image', 'video')).map(([url, medium]) => ` url="${url}" medium="${medium}"`),
  ),
  empty(
    'atom:link',
    addresses.map((url) => ` href="${url}" rel="alternate"`),
  ),
  addresses.map((url) => `<media:group><media:content url="${url}" width="640"/></media:group>`),
  addresses.map((url) => `<image><url>${url}</url></image>`),
  fc.constant('<source url="https://druge.example/rss">Druge vesti</source>'),
);

const atomField = fc.oneof(
  ...['title', 'summary', 'content'].map((name) =>
    field(name, fc.constantFrom('', ' type="text"', ' type="html"'), texts),
  ),
  empty(
    'link',
    fc
      .tuple(addresses, fc.constantFrom('', ' rel="alternate"', ' rel="self"', ' rel="enclosure" type="image/png"'))
      .map(([url, rel]) => ` href="${url}"${rel}`),
  ),
  field('id', none, addresses),
  ...['published', 'updated'].map((name) => field(name, none, dates)),
  texts.map((name) => `<author><name>${name}</name><email>a@vesti.example</email></author>`),
  empty('category', fc.constantFrom(' term="odbrana"', ' term="x" label="Војска"')),
  fc.constant('<source><title>Drugi</title><author><name>Izvor</name></author></source>'),
);

const entries = (name: string, one: fc.Arbitrary<string>): fc.Arbitrary<string[]> =>
  fc.array(
    fc.array(one, { maxLength: 9 }).map((fields) => `<${name}>${fields.join('')}</${name}>`),
    { minLength: 1, maxLength: 5 },
  );

/** Well-formed RSS 2.0 and Atom 1.0 documents with any fields in any order. */
export const cleanDocuments = fc.oneof(
  entries('item', rssField).map((all) => rss(all.join('\n'))),
  entries('entry', atomField).map((all) => atom(all.join(''))),
);

/** Damage of the kinds that feeds suffer: characters lost, doubled, cut off, marks put in. */
export const damaged = fc
  .tuple(
    cleanDocuments,
    fc.array(
      fc.tuple(
        fc.nat(),
        fc.constantFrom(
          '',
          '<',
          '>',
          '&',
          '"',
          '</item>',
          '<item>',
          ']]>',
          '<![CDATA[',
          '<!--',
          '\u0000',
          '<b>',
          '</channel>',
        ),
        fc.nat(12),
      ),
      { maxLength: 6 },
    ),
  )
  .map(([document, wounds]) =>
    wounds.reduce((text, [at, mark, lost]) => {
      const place = at % (text.length + 1);
      return text.slice(0, place) + mark + text.slice(place + lost);
    }, document),
  );
