import { Parser } from 'htmlparser2';
import { getDomain } from 'tldts';

/** An address that a page offers, or that is tried on its host, as a feed. */
export type FeedLink = {
  readonly url: string;
  /** What the page calls it, or null. */
  readonly title: string | null;
  /** `announced` by the page's head, `linked` from its text, `well-known` a usual place. */
  readonly source: 'announced' | 'linked' | 'well-known';
  /** A feed of readers' comments. */
  readonly isComments: boolean;
  /** On the page's own site: pages announce other sites' feeds too, of a widget or of a template's author. */
  readonly isOwnSite: boolean;
};

const FEED_TYPES =
  /^(?:application\/(?:rss|atom|rdf|feed)\+(?:xml|json)|application\/(?:json|xml)|text\/xml)\s*(?:;|$)/i;
/** What a link in the text must look like; pages of the region list their feeds on an `rss` page. */
const FEED_PATH = /(?:^|[/.?=&_-])(?:rss2?|feeds?|atom|rdf)(?:$|[/.?=&_-])|\.(?:rss|atom|rdf)$/i;
const COMMENTS =
  /\/comments?(?:\/|$)|[?&]feed=comments|komentar|коментар|comments? (?:feed|for|on)|σχόλια|yorum|comentarii|hozzászólás/i;
const WELL_KNOWN = ['/feed', '/rss', '/rss.xml', '/feed.xml', '/atom.xml', '/index.xml', '/feed.json', '/?feed=rss2'];
const MAX_LINKS = 60;

/**
 * The feeds that a page of HTML offers, the likeliest first: announced before linked, own site before others, comments last; each
 * address once. Links in the text count only where they look like a feed and stay on the site.
 */
export function feedLinks(html: string, pageUrl: string): readonly FeedLink[] {
  const found: FeedLink[] = [];
  let base = pageUrl;
  const add = (href: string | undefined, title: string | null, source: FeedLink['source']): void => {
    const url = href === undefined ? null : resolved(href, base, pageUrl);
    if (url === null || found.length >= MAX_LINKS || url === pageUrl) return;
    const link = linkOf(url, title, source, pageUrl);
    if (source === 'announced' || (link.isOwnSite && FEED_PATH.test(new URL(url).pathname + new URL(url).search)))
      found.push(link);
  };
  let anchor: { readonly href: string; text: string } | null = null;
  const parser = new Parser({
    onopentag: (name, attributes) => {
      if (name === 'base' && attributes.href !== undefined) base = resolved(attributes.href, pageUrl, pageUrl) ?? base;
      const rel = ` ${attributes.rel?.toLowerCase() ?? ''} `;
      const isFeed = rel.includes(' feed ') || (rel.includes(' alternate ') && FEED_TYPES.test(attributes.type ?? ''));
      if (name === 'link' && isFeed) add(attributes.href, attributes.title?.trim() || null, 'announced');
      if (name === 'a' && attributes.href !== undefined) anchor = { href: attributes.href, text: '' };
    },
    ontext: (text) => {
      if (anchor !== null && anchor.text.length < 200) anchor.text += text;
    },
    onclosetag: (name) => {
      if (name !== 'a' || anchor === null) return;
      add(anchor.href, anchor.text.trim() || null, 'linked');
      anchor = null;
    },
  });
  parser.end(html);
  return likeliestFirst(found);
}

/** The places on the page's host where feeds usually are. */
export function wellKnownLinks(pageUrl: string): readonly FeedLink[] {
  return WELL_KNOWN.map((path) => linkOf(new URL(path, pageUrl).href, null, 'well-known', pageUrl));
}

function linkOf(url: string, title: string | null, source: FeedLink['source'], pageUrl: string): FeedLink {
  const isComments =
    COMMENTS.test(new URL(url).pathname + new URL(url).search) || (title !== null && COMMENTS.test(title));
  return { url, title, source, isComments, isOwnSite: siteOf(url) === siteOf(pageUrl) };
}

const siteOf = (url: string): string => getDomain(url, { allowPrivateDomains: true }) ?? new URL(url).hostname;

/** The http(s) address that `href` means, without fragment; null if it means none. */
function resolved(href: string, base: string, pageUrl: string): string | null {
  const text = href
    .trim()
    .replace(/^feed:(?:\/\/)?(?=https?:)/i, '')
    .replace(/^feed:\/\//i, 'http://');
  if (!URL.canParse(text, base)) return null;
  const url = new URL(text, base);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return null;
  // `//rss.html`, meant as `/rss.html`: seen on two large outlets of the region.
  if (/^(?:rss|feed)s?\.(?:html?|xml|php|aspx)$/.test(url.hostname))
    return new URL(`/${url.hostname}${url.search}`, pageUrl).href;
  url.hash = '';
  return url.href;
}

function likeliestFirst(links: readonly FeedLink[]): readonly FeedLink[] {
  const once = [...new Map(links.toReversed().map((link) => [link.url, link])).values()].reverse();
  return once.sort((a, b) => unlikeliness(a) - unlikeliness(b));
}

const unlikeliness = ({ isComments, isOwnSite, source }: FeedLink): number =>
  (isComments ? 4 : 0) + (isOwnSite ? 0 : 2) + (source === 'announced' ? 0 : 1);
