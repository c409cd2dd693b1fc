import { children, type XmlElement } from './element.ts';
import { IMAGES } from './fieldnames.ts';
import { decodeHtmlReferences } from './references.ts';
import { readAddress } from './resolve.ts';

const PICTURE = /\.(?:jpe?g|png|gif|webp|avif|bmp|svg|jfif)(?:[?#!:]|$)/i;
const OTHER_MEDIA = /\.(?:mp[34]|m4[av]|mov|avi|webm|ogg|wav|pdf|flv|swf|zip|m3u8)(?:[?#]|$)/i;
/** Counters and buttons, whose addresses say so: FeedBurner's, Feedsportal's, WordPress's, and the usual words. */
const PIXEL =
  /(?:feeds\.feedburner\.com\/~|feedsportal\.com|feedproxy|pixel\.wp\.com|stats\.wordpress\.com|doubleclick\.net|google-analytics|googleadservices|scorecardresearch|quantserve|\/(?:pixel|tracker?|counter|beacon|spacer|blank|1x1|clear)[./?_-]|(?:pixel|tracking|beacon|spacer|transparent)\.(?:gif|png)|\/ad\.|s\.w\.org\/images\/core\/emoji|gravatar\.com|twemoji|\/smilies\/|share-buttons?|addthis|feedburner-icon)/i;

/** The picture of an entry: what its format's image elements say, best first; else the first of its markup. */
export function imageOf(entry: XmlElement, markup: readonly string[], base: string | null): string | null {
  return mediaImage(entry, base) ?? enclosureImage(entry, base) ?? namedImage(entry, base) ?? markupImage(markup, base);
}

function mediaImage(entry: XmlElement, base: string | null): string | null {
  const groups = [entry, ...children(entry, 'media:group')];
  const contents = groups.flatMap((group) => children(group, 'media:content'));
  let best: { url: string; width: number } | null = null;
  for (const content of contents) {
    if (!isPicture(content.attributes.url, content.attributes.type, content.attributes.medium, true)) continue;
    const url = picture(content.attributes.url, base);
    const width = Number(content.attributes.width) || 0;
    if (url !== null && (best === null || width > best.width)) best = { url, width };
  }
  if (best !== null) return best.url;
  const thumbnails = [...groups, ...contents].flatMap((group) => children(group, 'media:thumbnail', 'thumbnail'));
  return first(
    thumbnails,
    (thumbnail) => thumbnail.attributes.url ?? thumbnail.attributes.href ?? thumbnail.text,
    base,
  );
}

function enclosureImage(entry: XmlElement, base: string | null): string | null {
  const enclosures = [...children(entry, 'enclosure'), ...children(entry, 'link', 'atom:link').filter(isEnclosure)];
  for (const enclosure of enclosures) {
    const address = enclosure.attributes.url ?? enclosure.attributes.href ?? enclosure.text;
    if (!isPicture(address, enclosure.attributes.type, undefined, false)) continue;
    const url = picture(address, base);
    if (url !== null) return url;
  }
  return null;
}

const isEnclosure = (link: XmlElement): boolean =>
  /^(?:enclosure|image|preview|.*#thumbnail)$/i.test(link.attributes.rel ?? '');

function namedImage(entry: XmlElement, base: string | null): string | null {
  const named = children(entry, ...IMAGES);
  const address = (element: XmlElement) =>
    element.attributes.href ??
    element.attributes.url ??
    element.attributes.src ??
    (children(element, 'url', 'link', 'img')[0]?.text || element.text || element.attributes.resource);
  return first(named, address, base);
}

/** Type and medium decide where they are given; else the address's ending, and for media:content its being there. */
function isPicture(
  address: string | undefined,
  type: string | undefined,
  medium: string | undefined,
  likely: boolean,
): boolean {
  if (address === undefined || address === '') return false;
  if (medium !== undefined && medium !== '') return /^image$/i.test(medium.trim());
  if (type !== undefined && /^\s*(?:image|video|audio|application|text)\b/i.test(type)) {
    return /^\s*image\b/i.test(type) || (PICTURE.test(address) && !/^\s*(?:video|audio)/i.test(type));
  }
  return PICTURE.test(address) || (likely && !OTHER_MEDIA.test(address));
}

function first(
  elements: readonly XmlElement[],
  address: (element: XmlElement) => string | undefined,
  base: string | null,
): string | null {
  for (const element of elements) {
    const url = picture(address(element), base);
    if (url !== null) return url;
  }
  return null;
}

function picture(address: string | undefined, base: string | null): string | null {
  const url = readAddress(address, base);
  return url === null || PIXEL.test(url) ? null : url;
}

/** The first picture of HTML that is not a counter: with a width or height of more than a few pixels, lazily loaded or not. */
function markupImage(markup: readonly string[], base: string | null): string | null {
  for (const html of markup) {
    let tries = 0;
    for (let at = html.search(/<img\b/i); at >= 0 && tries < 20; tries++) {
      const end = html.indexOf('>', at);
      const tag = html.slice(at, Math.min(end < 0 ? html.length : end, at + 5_000));
      const url = imageOfTag(tag, base);
      if (url !== null) return url;
      const next = html.slice(at + 4).search(/<img\b/i);
      at = next < 0 ? -1 : at + 4 + next;
    }
  }
  return null;
}

function imageOfTag(tag: string, base: string | null): string | null {
  const width = attribute(tag, 'width');
  const height = attribute(tag, 'height');
  if (/^[0-3](?:px)?$/.test(width) || /^[0-3](?:px)?$/.test(height)) return null;
  const lazy = tag.includes('data-') ? LAZY : [];
  for (const name of [...lazy, 'src']) {
    const value = attribute(tag, name);
    if (value === '' || value.startsWith('data:')) continue;
    const url = picture(decodeHtmlReferences(value), base);
    if (url !== null) return url;
  }
  return picture(decodeHtmlReferences(/^\S+/.exec(attribute(tag, 'srcset'))?.[0] ?? ''), base);
}

const LAZY = ['data-src', 'data-lazy-src', 'data-original'];
const ATTRIBUTES = new Map(
  ['width', 'height', 'data-src', 'data-lazy-src', 'data-original', 'src', 'srcset'].map((name) => [
    name,
    new RegExp(`\\s${name}\\s{0,5}=\\s{0,5}(?:"([^"]*)"|'([^']*)'|([^\\s"'>]+))`, 'i'),
  ]),
);

function attribute(tag: string, name: string): string {
  const match = ATTRIBUTES.get(name)?.exec(tag);
  return (match?.[1] ?? match?.[2] ?? match?.[3] ?? '').trim();
}
