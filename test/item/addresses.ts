import fc from 'fast-check';

/** Addresses of one article a row; the first is the canonical URL of itself. */
export const SAME_ARTICLE: readonly (readonly string[])[] = [
  [
    'https://n1info.rs/vesti/sporazum-o-odbrani/',
    'http://n1info.rs/vesti/sporazum-o-odbrani',
    'https://www.n1info.rs/vesti/sporazum-o-odbrani/?utm_source=rss&utm_medium=feed',
    'https://m.n1info.rs/vesti/sporazum-o-odbrani/#komentari',
    'https://n1info.rs/vesti/sporazum-o-odbrani/amp/',
    'https://amp.n1info.rs/vesti/sporazum-o-odbrani',
    'HTTPS://N1INFO.RS:443/vesti/sporazum-o-odbrani//',
    'https://n1info.rs./vesti/./x/../sporazum-o-odbrani?fbclid=IwAR0abc',
    ' https://n1info.rs/vesti/sporazum-o-odbrani?amp=1\n',
    'https://n1info.rs/vesti/sporazum-o-odbrani?ref=rss&amp;utm_campaign=x',
    'https://www.google.com/url?sa=t&url=https%3A%2F%2Fn1info.rs%2Fvesti%2Fsporazum-o-odbrani%2F&usg=AOv',
    'https://www.google.com/amp/s/n1info.rs/vesti/sporazum-o-odbrani/amp/',
    'https://n1info-rs.cdn.ampproject.org/c/s/n1info.rs/vesti/sporazum-o-odbrani/',
    'https://l.facebook.com/l.php?u=https%3A%2F%2Fn1info.rs%2Fvesti%2Fsporazum-o-odbrani%2F%3Ffbclid%3Dx&h=AT',
    'http://feeds.feedburner.com/~r/n1/~3/AbC123/https://n1info.rs/vesti/sporazum-o-odbrani/',
    'http://feedproxy.google.com/~r/n1/~3/AbC123/https%3A%2F%2Fn1info.rs%2Fvesti%2Fsporazum-o-odbrani%2F',
  ],
  [
    'https://www.novinite.com/view_news.php?id=234947',
    'http://novinite.com/view_news.php?id=234947&utm_source=feedburner',
    'https://www.novinite.com/view_news.php?PHPSESSID=9c1b&id=234947',
    'https://www.novinite.com/view_news.php?&id=234947&',
  ],
  [
    'https://www.dw.com/bs/vojna-vjezba/a-712',
    'https://www.dw.com/bs/vojna-vjezba/a-712?maca=bos-rss-bos-all-1475-rdf',
    'https://amp.dw.com/bs/vojna-vjezba/a-712',
  ],
  [
    'https://gol.mk/%D0%B2%D0%B5%D1%81%D1%82%D0%B8/%D0%BE%D0%B4%D0%B1%D1%80%D0%B0%D0%BD%D0%B0',
    'https://gol.mk/вести/одбрана',
    'https://gol.mk/%d0%b2%d0%b5%d1%81%d1%82%d0%b8/одбрана/',
  ],
  ['https://xn--80apaogufcgd.xn--90a3ac/vest', 'https://МИНИСТАРСТ.СРБ/vest', 'https://министарст.срб/vest?'],
  ['https://example.org/#!/clanak/5', 'http://www.example.org/#!/clanak/5'],
  ['https://example.org/app#/clanak/7', 'https://example.org/app/#/clanak/7'],
  [
    'https://portal.example.com/a;v=2/b.jsp?id=1',
    'https://portal.example.com/a;v=2/b.jsp;jsessionid=0A1B.node2?id=1',
    'https://portal.example.com/(S(lit3py55t21z5v55vlm25s55))/a;v=2/b.jsp?id=1',
  ],
  [
    'https://x.example.com/it%27s-(a)-b,c',
    "https://x.example.com/it's-%28a%29-b%2Cc",
    "https://x.example.com/it's-(a)-b,c",
  ],
  ['https://x.example.com/?q=a+b%2Bc', 'https://x.example.com/?q=a%20b%2bc'],
  [
    'https://vijesti.example.me/a.html',
    'https://vijesti.example.me/a.amp.html',
    'https://user:secret@vijesti.example.me/a.html',
  ],
  ['https://en.wikipedia.org/wiki/Tirana', 'https://en.m.wikipedia.org/wiki/Tirana'],
  [
    'https://example.com/clanak?id=4',
    'https://m.example.com/clanak?id=4&m=1',
    'https://example.com/clanak?id=4&outputType=amp',
  ],
  ['http://192.0.2.7:8000/a', 'http://192.0.2.7:08000/a/'],
];

/** Pairs that look alike and are two articles. */
export const DIFFERENT_ARTICLES: readonly (readonly [string, string])[] = [
  ['https://www.novinite.com/view_news.php?id=234947', 'https://www.novinite.com/view_news.php?id=234948'],
  ['https://www.index.hr/clanak.aspx?id=1', 'https://www.index.hr/clanak.aspx?id=2'],
  ['https://example.org/?p=1', 'https://example.org/?p=2'],
  ['https://forum.example.org/article.php?sid=12', 'https://forum.example.org/article.php?sid=13'],
  ['https://example.org/a/B', 'https://example.org/a/b'],
  ['https://lat.example.org/a', 'https://example.org/a'],
  ['https://example.org/#!/clanak/5', 'https://example.org/#!/clanak/6'],
  ['https://example.org/a%2Fb', 'https://example.org/a/b'],
  ['https://example.org/?q=a%26b', 'https://example.org/?q=a&b'],
  ['https://example.org:8080/a', 'https://example.org/a'],
  ['https://amp.rs/a', 'https://m.rs/a'],
  ['https://example.org/vesti?ref=42', 'https://example.org/vesti?ref=43'],
  ['https://example.org/lamp', 'https://example.org/l'],
  ['https://example.org/x?source=nato', 'https://example.org/x?source=eu'],
];

const host = fc.oneof(
  fc.constantFrom(
    'example.org',
    'www.example.org',
    'm.x.co',
    'AMP.www.Пример.срб',
    'straße.at',
    'Ελλάδα.gr',
    '192.0.2.1',
    '[2001:DB8::1]',
  ),
  fc.domain(),
  fc.string({ unit: 'binary', maxLength: 12 }),
);
const piece = fc.constantFrom(
  '/',
  '//',
  '/amp',
  '.amp',
  '.html',
  '/.',
  '/..',
  '%2e',
  '%2F',
  '%41',
  '%zz',
  '%',
  'а',
  'Ж',
  'é',
  '\u{1f30d}',
  ' ',
  '\t',
  '\\',
  '+',
  '&',
  '=',
  ';jsessionid=1',
  ';',
  '(S(abcdefghijklmnop))',
  '?',
  '#',
  '#!',
  '#/',
  '@',
  ':',
  "'",
  '"',
  '<',
  '|',
  '[',
  'amp;',
  'vest',
  'id=7',
  'utm_source=a',
  'fbclid',
  'ref=rss',
  'm=1',
  'sid=0123456789abcdef0123456789abcdef',
  'url=https%3A%2F%2Fb.example%2Fx',
  '~r/n/~3/h/http://c.example/y',
);
const tail = fc.array(piece, { maxLength: 14 }).map((pieces) => pieces.join(''));

/** Strings around the shape of an address, from well-formed ones to noise. */
export const anyAddress: fc.Arbitrary<string> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc
      .tuple(
        fc.constantFrom('http://', 'https://', 'HTTPS:/', 'https:', 'http:\\\\u:p@'),
        host,
        fc.constantFrom('', '', ':80', ':0443', ':8080', ':99999', ':'),
        tail,
      )
      .map((parts) => parts.join('')),
  },
  {
    weight: 2,
    arbitrary: fc
      .tuple(
        fc.constantFrom(
          'https://www.google.com/url?',
          'http://feeds.feedburner.com/',
          'https://www.google.rs/amp/s/d.example/',
          'https://x.cdn.ampproject.org/c/',
        ),
        tail,
      )
      .map((parts) => parts.join('')),
  },
  { weight: 1, arbitrary: fc.webUrl({ withQueryParameters: true, withFragments: true }) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 40 }) },
);
