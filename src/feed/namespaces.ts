/** Namespace addresses that mean the feed's own format: their elements carry no prefix in the normal form. */
const OWN = [
  'purl.org/rss/1.0',
  'purl.org/net/rss1.1',
  'my.netscape.com/rdf/simple/0.9',
  'channel.netscape.com/rdf/simple/0.9',
  'my.netscape.com/publish/formats/rss-0.91.dtd',
  'backend.userland.com/rss',
  'backend.userland.com/rss2',
  'backend.userland.com/rss091',
  'backend.userland.com/rss092',
  'backend.userland.com/rss093',
  'backend.userland.com/rss094',
  'blogs.law.harvard.edu/tech/rss',
  'cyber.law.harvard.edu/rss/rss.html',
];

const MODULES: Record<string, string> = {
  'www.w3.org/2005/atom': 'atom',
  'purl.org/atom/ns': 'atom',
  'purl.org/atom/app': 'app',
  'purl.org/echo': 'atom',
  'purl.org/pie': 'atom',
  'uri/of/echo/namespace': 'atom',
  'example.com/necho': 'atom',
  'example.com/newformat': 'atom',
  'purl.org/rss/1.0/modules/content': 'content',
  'purl.org/dc/elements/1.0': 'dc',
  'purl.org/dc/elements/1.1': 'dc',
  'purl.org/dc/terms': 'dcterms',
  'purl.org/rss/1.0/modules/dcterms': 'dcterms',
  'purl.org/rss/1.0/modules/dc': 'dc',
  'purl.org/rss/1.0/modules/syndication': 'sy',
  'search.yahoo.com/mrss': 'media',
  'search.yahoo.com/mrss/rss2.0': 'media',
  'video.search.yahoo.com/mrss': 'media',
  'tools.search.yahoo.com/mrss': 'media',
  'www.rssboard.org/media-rss': 'media',
  'www.itunes.com/dtds/podcast-1.0.dtd': 'itunes',
  'itunes.com/dtds/podcast-1.0.dtd': 'itunes',
  'example.com/dtds/podcast-1.0.dtd': 'itunes',
  'rssnamespace.org/feedburner/ext/1.0': 'feedburner',
  'www.w3.org/1999/02/22-rdf-syntax-ns': 'rdf',
  'www.w3.org/1999/xhtml': 'xhtml',
  'www.w3.org/xml/1998/namespace': 'xml',
  'www.google.com/schemas/play-podcasts/1.0/play-podcasts.xsd': 'googleplay',
};

/** Prefixes that are so common that a document which forgot to declare them means the module of that name. */
const WELL_KNOWN: Record<string, string> = {
  a10: 'atom',
  atom03: 'atom',
  rss: '',
  rss1: '',
  rss2: '',
  rss11: '',
  html: 'xhtml',
};

const byAddress = new Map<string, string>([...OWN.map((uri) => [uri, ''] as const), ...Object.entries(MODULES)]);
const seen = new Map<string, string | null>();

/** The module that a namespace address stands for: '' is the feed's own format, null an unknown one. */
export function moduleOf(uri: string): string | null {
  const known = seen.get(uri);
  if (known !== undefined) return known;
  const plain = uri
    .slice(0, 200)
    .trim()
    .toLowerCase()
    .replace(/^https?:\/\//, '')
    .replace(/[#/]+$/, '');
  const module = byAddress.get(plain) ?? null;
  if (seen.size < 1000) seen.set(uri, module);
  return module;
}

/** What an undeclared prefix stands for: itself, but for the few that are written in more than one way. */
export const moduleOfPrefix = (prefix: string): string => WELL_KNOWN[prefix] ?? prefix;

/** Prefixes whose usual declaration both readers understand alike: rss-parser never looks at the address behind them. */
export const usualPrefix = (prefix: string, uri: string): boolean => {
  const module = moduleOf(uri);
  return module === null ? !byModule.has(prefix) : module === prefix;
};
const byModule = new Set([...Object.values(MODULES), ...Object.keys(WELL_KNOWN)]);
