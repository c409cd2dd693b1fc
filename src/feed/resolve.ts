import { decodeReferences } from './references.ts';

/**
 * An address of a feed made absolute, or null where it is none that a reader could open (`javascript:`, `mailto:`, a
 * bare number). Relative ones are resolved against `base`; without a base they stay as published.
 */
export function readAddress(text: string | null | undefined, base: string | null): string | null {
  if (text === null || text === undefined) return null;
  if (PLAIN.test(text)) return text;
  let address =
    text.length > 10_000
      ? ''
      : text.replace(/[\s\u0000-\u001f\u200b\ufeff]+/g, (gap) => (gap.includes(' ') ? ' ' : '')).trim();
  if (address.includes('&') && /&(?:amp|#38|#x26|lt|gt|quot);/i.test(address)) address = decodeReferences(address);
  if (address === '') return null;
  if (/^[a-z][a-z0-9+.-]*:/i.test(address) && !/^[\w.-]+:\d/.test(address)) return absolute(address);
  if (/^www\.[\w-]+\./i.test(address))
    return absolute(`${/^https:/i.test(base ?? '') ? 'https' : 'http'}://${address}`);
  return base === null ? (address.startsWith('//') ? absolute(`https:${address}`) : address) : absolute(address, base);
}

/** What nearly every feed gives: nothing to resolve, decode or escape. */
const PLAIN = /^https?:\/\/[a-z0-9-]+(?:\.[a-z0-9-]+)+(?:\/[\w.~/%?=+:@!,*#-]{0,500})?$/i;

function absolute(address: string, base?: string): string | null {
  if (address.includes('\\')) address = address.replace(/\\/g, '/');
  try {
    const url = new URL(address, base);
    if (url.protocol !== 'http:' && url.protocol !== 'https:' && url.protocol !== 'ftp:') return null;
    // As published where it is absolute already: normalising is the item's business.
    return base === undefined &&
      address.length > 0 &&
      !/[\s"<>\\^`{|}]/.test(address) &&
      /^[a-z]+:\/\/[^/]/i.test(address)
      ? address
      : url.href;
  } catch {
    return null;
  }
}

/** Whether a text is an absolute web address by itself. */
export const isWebAddress = (text: string): boolean => /^\s*https?:\/\/[^\s/]+/i.test(text);

/** The base for an element: its xml:base against the feed's address. */
export function baseOf(own: string | null, document: string | null): string | null {
  if (own === null) return document;
  try {
    return new URL(own, document ?? undefined).href;
  } catch {
    return document;
  }
}
