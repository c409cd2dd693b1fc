import {
  ANY_WRAPPER,
  OPAQUE_WRAPPER,
  SESSION_PATH_PARAMETER,
  SESSION_PATH_SEGMENT,
  TRACKING_PARAMETER,
  TWIN_HOST_LABELS,
  TWIN_PARAMETER,
  WRAPPERS,
} from './address-rules.ts';
import { normaliseEscapes, unescapeAscii } from './escapes.ts';
import { asciiHost } from './punycode.ts';

/**
 * What makes two addresses the same article.
 *
 * `canonicalUrl` gives an address that opens, as published less tracking parameters, session ids and fragment. `addressKey` is
 * never shown: it also folds scheme, `www.`/`m.`/AMP twins, the final slash, spellings of percent-encoding and of host names. The
 * key is defined on strings, step by step below, and not on a URL parser, because PostgreSQL computes the same key from whatever
 * a site asks `wire.read_next_for` about (`addressKeySql`).
 *
 * A FeedBurner or redirect address that carries the article's own address stands for that address in both. A fragment is kept
 * where it begins with `#!` or `#/`: there it names the article.
 */

/** An address over this many bytes is none: index rows of PostgreSQL hold less than 2,704. */
export const MAX_ADDRESS_BYTES = 2000;
const MAX_INPUT_BYTES = 8192;
const MAX_WRAPPINGS = 5;

const SHAPE = /^([hH][tT][tT][pP][sS]?):[/\\]*([^/\\?#]*)([^?#]*)(\?[^#]*)?(#.*)?$/s;
const HOST_AND_PORT = /^(\[[0-9a-f:.]+\]|[^:[\]]*)(?::([0-9]*))?$/;
const HOST = /^(?:\[[0-9a-f:.]+\]|[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*)$/;
const tracking = new RegExp(TRACKING_PARAMETER, 's');
const twin = new RegExp(TWIN_PARAMETER, 's');
const anyWrapper = new RegExp(ANY_WRAPPER, 's');
const wrappers = WRAPPERS.map(({ pattern, escaped }) => ({ pattern: new RegExp(pattern, 's'), escaped }));
const opaqueWrapper = new RegExp(OPAQUE_WRAPPER, 's');
const sessionPathParameter = new RegExp(SESSION_PATH_PARAMETER, 'g');
const sessionPathSegment = new RegExp(`${SESSION_PATH_SEGMENT}(?=/|$)`, 'g');
const twinHostLabels = new Set(TWIN_HOST_LABELS);

const lowerAscii = (text: string): string => text.replace(/[A-Z]+/g, (found) => found.toLowerCase());

/** The parts of an address, normalised for comparison; `path` still has its twin marks and final slash. */
type AddressParts = {
  readonly host: string;
  readonly path: string;
  readonly parameters: readonly string[];
  readonly fragment: string;
};

/**
 * The address that is shown and opened: `url` as published, less tracking parameters, session ids, credentials and fragment
 * (`#!…` and `#/…` stay), unwrapped, in WHATWG serialisation. Idempotent. Never throws; null for anything that is no http(s)
 * address with a host, or whose result is longer than 2,000 bytes.
 */
export function canonicalUrl(url: string): string | null {
  let address = serialised(url);
  for (let round = 0; round < 2 * MAX_WRAPPINGS && address !== null; round++) {
    const simpler = simplerAddress(address);
    if (simpler === address) return address.length <= MAX_ADDRESS_BYTES ? address : null;
    address = simpler === null ? null : serialised(simpler);
  }
  return null;
}

/** The address as the WHATWG parser writes it, or null if it is none of http(s). */
function serialised(address: string): string | null {
  const tidy = tidied(address);
  if (tidy === null || !URL.canParse(tidy)) return null;
  const { href, protocol } = new URL(tidy);
  return protocol === 'http:' || protocol === 'https:' ? href : null;
}

/** One step from a serialised address towards the canonical URL, which is the address that this leaves as it is. */
function simplerAddress(address: string): string | null {
  const parts = splitAddress(address);
  if (parts === null) return null;
  const carried = carriedAddress(parts);
  if (carried !== null) return carried;
  const [, scheme, authority, path, search = '', hash = ''] = SHAPE.exec(address)!;
  const bare = path!.replace(sessionPathParameter, '').replace(sessionPathSegment, '');
  const fragment = /^#[!/]/.test(hash) ? hash : '';
  return `${scheme}://${authority!.slice(authority!.lastIndexOf('@') + 1)}${bare}${withoutTracking(search)}${fragment}`;
}

function withoutTracking(search: string): string {
  const published = search.slice(1).split('&');
  const kept = published.filter((parameter) => !isTracking(comparable(parameter)));
  return kept.some((parameter) => parameter !== '') ? `?${kept.join('&')}` : '';
}

/**
 * The key by which two addresses are the same article, such as `n1info.rs/vesti/a?id=3`; no scheme, never shown. With
 * `keepFragment` a fragment that is no tracking mark stays, for entries of one document that differ only by it. Never throws; null
 * where there is no http(s) address, or the key is longer than 2,000 bytes.
 */
export function addressKey(
  url: string,
  { keepFragment = false }: { readonly keepFragment?: boolean } = {},
): string | null {
  let address: string | null = tidied(url);
  for (let wrappings = 0; wrappings <= MAX_WRAPPINGS && address !== null; wrappings++) {
    const parts = splitAddress(address);
    if (parts === null) return null;
    address = carriedAddress(parts);
    if (address === null) return keyOf(parts, keepFragment);
  }
  return null;
}

/** Whether `url` leads to an article through a redirecting service that does not say where the article is (FeedBurner, t.co). */
export function isOpaqueWrapper(url: string): boolean {
  const parts = splitAddress(tidied(url) ?? '');
  return parts !== null && opaqueWrapper.test(written(parts)) && carriedAddress(parts) === null;
}

/** As the WHATWG parser does it: blanks and controls at the ends and line breaks inside are no part of an address. */
function tidied(url: unknown): string | null {
  if (typeof url !== 'string' || url.length > MAX_INPUT_BYTES || Buffer.byteLength(url) > MAX_INPUT_BYTES) return null;
  if (!url.isWellFormed() || url.includes('\u0000')) return null;
  let start = 0;
  let end = url.length;
  while (start < end && url.charCodeAt(start) <= 0x20) start++;
  while (end > start && url.charCodeAt(end - 1) <= 0x20) end--;
  return url.slice(start, end).replace(/[\t\n\r]/g, '');
}

function splitAddress(address: string): AddressParts | null {
  const shape = SHAPE.exec(address);
  if (shape === null) return null;
  const host = comparableHost(shape[2]!);
  if (host === null) return null;
  return {
    host,
    path: comparablePath(shape[3]!),
    parameters: (shape[4] ?? '')
      .slice(1)
      .split('&')
      .map(comparable)
      .filter((parameter) => parameter !== ''),
    fragment: shape[5] ?? '',
  };
}

/** `host` or `host:port`, lower case, ASCII, without credentials, default port, final dot and twin labels; null if none can be. */
function comparableHost(authority: string): string | null {
  const found = HOST_AND_PORT.exec(lowerAscii(authority.slice(authority.lastIndexOf('@') + 1)));
  if (found === null) return null;
  const host = asciiHost(found[1]!).replace(/\.$/, '');
  const port = (found[2] ?? '').replace(/^0+/, '');
  if (!HOST.test(host) || host.length > 253 || port.length > 5 || Number(port) > 65535) return null;
  const labels = host.split('.');
  const own = labels.filter((label, i) => i >= labels.length - 2 || !twinHostLabels.has(label));
  return port === '' || port === '80' || port === '443' ? own.join('.') : `${own.join('.')}:${port}`;
}

/** Two rounds, for a session mark may have hidden a dot segment; dot segments first, as a URL parser does it. */
function comparablePath(path: string): string {
  let plain = normaliseEscapes(path.replaceAll('\\', '/'));
  for (let round = 0; round < 2; round++) {
    plain = withoutDotSegments(plain).replace(sessionPathParameter, '').replace(sessionPathSegment, '');
  }
  return plain;
}

/** RFC 3986, section 5.2.4. */
function withoutDotSegments(path: string): string {
  if (!path.includes('/.')) return path;
  const kept: string[] = [];
  const segments = path.split('/').slice(1);
  for (const [i, segment] of segments.entries()) {
    if (segment === '..') kept.pop();
    else if (segment !== '.') kept.push(segment);
    if ((segment === '.' || segment === '..') && i === segments.length - 1) kept.push('');
  }
  return `/${kept.join('/')}`;
}

/** A query parameter for comparison; `&amp;` escaped once too often leaves `amp;` at the front of the name. */
const comparable = (parameter: string): string => normaliseEscapes(parameter, true).replace(/^(?:amp;)+/, '');

const isTracking = (parameter: string): boolean => tracking.test(lowerAscii(parameter));
const isTwin = (parameter: string): boolean => twin.test(lowerAscii(parameter));

const written = ({ host, path, parameters }: AddressParts): string =>
  parameters.length === 0 ? `${host}${path}` : `${host}${path}?${parameters.join('&')}`;

/** The article's own address, where this one belongs to a service that carries it along. */
function carriedAddress(parts: AddressParts): string | null {
  const whole = written(parts);
  if (!anyWrapper.test(whole)) return null;
  for (const { pattern, escaped } of wrappers) {
    const found = pattern.exec(whole)?.[1];
    if (found === undefined) continue;
    const target = escaped || /^https?:%2F%2F/.test(found) ? unescapeAscii(found) : found;
    return /^https?:/.test(target) ? target : `https://${target}`;
  }
  return null;
}

function keyOf({ host, path, parameters, fragment }: AddressParts, keepFragment: boolean): string | null {
  const article = withoutTail(path)
    .replace(/([A-Za-z0-9_-])(?:\.amp)+(\.html?)$/, '$1$2')
    .replace(/^(?:\/+amp(?=\/))+/, '');
  const naming = parameters.filter((parameter) => !isTracking(parameter) && !isTwin(parameter));
  const query = naming.length === 0 ? '' : `?${naming.join('&')}`;
  const key = `${host}${article}${query}${comparableFragment(fragment, keepFragment)}`;
  return key.length <= MAX_ADDRESS_BYTES ? key : null;
}

/** `path` without its final slashes and the marks of an AMP twin (`/amp`, `a.amp`), in whatever order they stand. */
function withoutTail(path: string): string {
  let end = path.length;
  for (;;) {
    if (path[end - 1] === '/') end--;
    else if (path.endsWith('/amp', end)) end -= 4;
    else if (path.endsWith('.amp', end) && /[A-Za-z0-9_-]/.test(path[end - 5] ?? '')) end -= 4;
    else return path.slice(0, end);
  }
}

function comparableFragment(fragment: string, keepFragment: boolean): string {
  if (/^#[!/]/.test(fragment)) return `#${normaliseEscapes(fragment.slice(1))}`;
  if (!keepFragment || fragment.length < 2 || fragment.startsWith('#:~:')) return '';
  return isTracking(comparable(fragment.slice(1))) ? '' : `#${normaliseEscapes(fragment.slice(1))}`;
}
