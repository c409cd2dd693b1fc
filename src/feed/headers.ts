/** The headers of a response that a feed reader acts on; values are the bytes received, read as Latin-1. */
export type ResponseHeaders = {
  readonly etag: string | null;
  readonly lastModified: string | null;
  readonly contentType: string | null;
  readonly contentEncoding: string | null;
  readonly location: string | null;
  readonly retryAfter: string | null;
  readonly cacheControl: string | null;
  readonly expires: string | null;
  readonly date: string | null;
  readonly age: string | null;
  readonly setsCookie: boolean;
};

const FIELDS = {
  etag: 'etag',
  'last-modified': 'lastModified',
  'content-type': 'contentType',
  'content-encoding': 'contentEncoding',
  location: 'location',
  'retry-after': 'retryAfter',
  'cache-control': 'cacheControl',
  expires: 'expires',
  date: 'date',
  age: 'age',
} as const;
type Field = (typeof FIELDS)[keyof typeof FIELDS];
/** RFC 9110, section 5.3: of these the lines of one name make one list; of the others the first line counts. */
const LISTS: ReadonlySet<string> = new Set(['contentEncoding', 'cacheControl']);

/** Reads raw header lines (name, value, name, value, …). Latin-1 keeps every byte, so a validator goes back as it came. */
export function readHeaders(raw: readonly (Buffer | string)[]): ResponseHeaders {
  const found: Partial<Record<Field, string>> = {};
  let setsCookie = false;
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const name = text(raw[i]!).toLowerCase();
    if (name === 'set-cookie') setsCookie = true;
    if (!Object.hasOwn(FIELDS, name)) continue;
    const field = FIELDS[name as keyof typeof FIELDS];
    const value = text(raw[i + 1]!).trim();
    const before = found[field];
    if (before === undefined) found[field] = value;
    else if (LISTS.has(field)) found[field] = `${before}, ${value}`;
  }
  return {
    etag: found.etag || null,
    lastModified: found.lastModified || null,
    contentType: found.contentType || null,
    contentEncoding: found.contentEncoding || null,
    location: found.location ?? null,
    retryAfter: found.retryAfter ?? null,
    cacheControl: found.cacheControl ?? null,
    expires: found.expires ?? null,
    date: found.date ?? null,
    age: found.age ?? null,
    setsCookie,
  };
}

const text = (value: Buffer | string): string => (typeof value === 'string' ? value : value.toString('latin1'));

/** Whether a value may stand in a request header: no control characters but the tab (RFC 9110, section 5.5). */
export const isSendable = (value: string): boolean => /^[\t\u0020-\u007e\u0080-\u00ff]+$/.test(value);

/**
 * For how many seconds from now the answer stays fresh (RFC 9111, section 4.2): max-age, else Expires less Date, less Age; 0 where
 * it says that it is stale or must be asked about each time, null where it says nothing. `s-maxage` is for shared caches.
 */
export function freshnessS(headers: ResponseHeaders, nowMs: number): number | null {
  const control = headers.cacheControl?.toLowerCase() ?? '';
  if (/(?:^|[,\s])no-(?:cache|store)(?![^\s,=])/.test(control)) return 0;
  const age = wholeSeconds(headers.age) ?? 0;
  const maxAge = /(?:^|[,\s])max-age\s*=\s*"?([^",\s]*)/.exec(control)?.[1];
  if (maxAge !== undefined) return Math.max(0, (wholeSeconds(maxAge) ?? 0) - age);
  if (headers.expires === null) return null;
  const expires = httpDateMs(headers.expires);
  if (expires === null) return 0;
  return Math.max(0, Math.round((expires - (httpDateMs(headers.date) ?? nowMs)) / 1000) - age);
}

/** Seconds from now that a Retry-After asks for, as seconds or as HTTP date (RFC 9110, section 10.2.3); null if it is neither. */
export function retryAfterS(headers: ResponseHeaders, nowMs: number): number | null {
  const seconds = wholeSeconds(headers.retryAfter);
  if (seconds !== null) return seconds;
  const date = httpDateMs(headers.retryAfter);
  return date === null ? null : Math.max(0, Math.ceil((date - nowMs) / 1000));
}

/** Ten digits are three centuries; more of them say no more. */
function wholeSeconds(value: string | null): number | null {
  if (value === null || !/^\s*[0-9]+\s*$/.test(value)) return null;
  return Math.min(Number(value), 9_999_999_999);
}

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
/** RFC 9110, section 5.6.7: the one form to write and the two obsolete ones; +0000 and UTC are seen for GMT. */
const IMF_OR_RFC850 =
  /^[a-z]+,?\s+([0-9]{1,2})[\s-]([a-z]{3})[\s-]([0-9]{2,4})\s+([0-9]{1,2}):([0-9]{2}):([0-9]{2})\s*(?:gmt|utc|z|[+-]0000)?$/;
const ASCTIME = /^[a-z]+\s+([a-z]{3})\s+([0-9]{1,2})\s+([0-9]{1,2}):([0-9]{2}):([0-9]{2})\s+([0-9]{4})$/;

/** Milliseconds since 1970 of an HTTP date in any of its three forms, or null. */
export function httpDateMs(value: string | null): number | null {
  const plain = value?.trim().toLowerCase() ?? '';
  const usual = IMF_OR_RFC850.exec(plain);
  if (usual !== null) {
    const [, day, month, year, h, m, s] = usual;
    return utcMs(fullYear(year!), month!, day!, h!, m!, s!);
  }
  const asctime = ASCTIME.exec(plain);
  if (asctime === null) return null;
  const [, month, day, h, m, s, year] = asctime;
  return utcMs(Number(year), month!, day!, h!, m!, s!);
}

/** Two digits: the century that is not far ahead; the RFC's rule of 50 years, fixed to this century's first half. */
const fullYear = (year: string): number =>
  year.length > 2 ? Number(year) : Number(year) + (Number(year) < 70 ? 2000 : 1900);

function utcMs(year: number, month: string, day: string, h: string, m: string, s: string): number | null {
  const index = MONTHS.indexOf(month);
  return index < 0 ? null : Date.UTC(year, index, Number(day), Number(h), Number(m), Number(s));
}

/** Outside text for a message: visible ASCII only, at most `limit` characters, so that no terminal or log is steered by it. */
export function printable(value: string, limit = 200): string {
  const plain = value.replace(/[^\u0020-\u007e]+/g, '?');
  return plain.length <= limit ? plain : `${plain.slice(0, limit)}...`;
}
