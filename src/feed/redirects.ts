import type { FetchFailureReason } from './failure.ts';
import type { ResponseHeaders } from './headers.ts';

/** A chain of hops from a feed's address to the answer. */
export type Chain = {
  readonly startUrl: string;
  url: URL;
  /** Where the unbroken run of 301 and 308 from the start has led, or null. */
  permanentUrl: string | null;
  /** Body bytes of all hops, as received. */
  wireBytes: number;
  readonly visited: Set<string>;
  setsCookie: boolean;
};

const MAX_REDIRECTS = 5;

export const startOf = (url: URL): Chain => ({
  startUrl: url.href,
  url,
  permanentUrl: null,
  wireBytes: 0,
  visited: new Set([url.href]),
  setsCookie: false,
});

/** The statuses whose Location a GET follows (RFC 9110, section 15.4); 300 and 305 ask for a choice or a proxy. */
export const isRedirect = (status: number): boolean =>
  status === 301 || status === 302 || status === 303 || status === 307 || status === 308;

type Objection = { readonly reason: FetchFailureReason; readonly detail: string };

/** Moves the chain on to where the answer points, or says why it must not be followed. */
export function follow(chain: Chain, status: number, headers: ResponseHeaders): Objection | null {
  const target = targetOf(headers.location!, chain.url);
  if (typeof target === 'string')
    return { reason: 'blocked-address', detail: `it redirects to an address that ${target}` };
  if (target === null) return { reason: 'redirects', detail: 'it redirects to something that is no address' };
  chain.setsCookie ||= headers.setsCookie;
  if (chain.visited.has(target.href)) {
    return {
      reason: 'redirects',
      detail: chain.setsCookie ? 'it asks for a cookie before it answers' : 'it redirects in a circle',
    };
  }
  if (chain.visited.size > MAX_REDIRECTS)
    return { reason: 'redirects', detail: `it redirects more than ${MAX_REDIRECTS} times` };
  // What came encrypted so far would go on in the open, where anybody on the way may write the feed.
  if (chain.url.protocol === 'https:' && target.protocol === 'http:') {
    return { reason: 'redirects', detail: 'it redirects from https down to http' };
  }
  const permanent = status === 301 || status === 308;
  const isFirstRun = (chain.permanentUrl ?? chain.startUrl) === chain.url.href;
  if (permanent && isFirstRun) chain.permanentUrl = target.href;
  chain.visited.add(target.href);
  chain.url = target;
  return null;
}

/** The address that a Location means; null where it is none, a sentence's end where it is no http(s) address. */
function targetOf(location: string, base: URL): URL | string | null {
  // Letters outside ASCII come as UTF-8 from most servers that forget to escape them, else as Latin-1.
  const bytes = Buffer.from(location, 'latin1');
  const asUtf8 = bytes.toString('utf8');
  const written = asUtf8.includes('\ufffd') ? location : asUtf8;
  if (!URL.canParse(written, base.href)) return null;
  return addressOf(new URL(written, base.href).href);
}

/** An http(s) address without fragment and credentials, or why it is none. */
export function addressOf(text: string): URL | string {
  if (!URL.canParse(text)) return 'is no address';
  const url = new URL(text);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return 'is neither http nor https';
  url.hash = '';
  url.username = '';
  url.password = '';
  return url;
}
