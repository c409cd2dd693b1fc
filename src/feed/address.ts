/**
 * A feed's address as it is stored and asked: WHATWG form (non-ASCII letters percent-encoded), without user, password and
 * fragment. A final slash is neither added nor taken away, since origins tell the two apart.
 * @returns null for anything but http and https
 */
export function canonicalFeedUrl(address: string): string | null {
  const text = address
    .trim()
    .replace(/^feed:(\/\/)?(?=https?:)/i, '')
    .replace(/^feed:\/\//i, 'http://');
  if (!URL.canParse(text)) return null;
  const url = new URL(text);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return null;
  url.hash = '';
  url.username = '';
  url.password = '';
  return url.href;
}
