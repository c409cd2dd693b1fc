import { getDomain } from 'tldts';

/**
 * The site of an address: its registrable domain (`www.rts.rs` → `rts.rs`), the host itself where there is none (an IP address,
 * `localhost`), null where the address has no host. Private suffixes count: two blogs of one platform are two sites.
 */
export function siteOf(url: string): string | null {
  if (!URL.canParse(url)) return null;
  const { hostname } = new URL(url);
  return getDomain(hostname, { allowPrivateDomains: true }) ?? (hostname || null);
}

/** The host name of an address in lower case without port: the unit of politeness. Null where there is none. */
export function hostOf(url: string): string | null {
  return URL.canParse(url) ? new URL(url).hostname.toLowerCase() || null : null;
}
