/**
 * Where each field of an entry is looked for, best first, in the normal form of element.ts. Atom's names stand for
 * themselves in Atom and with their prefix where they are borrowed by RSS.
 */
export const TITLES = ['title', 'dc:title', 'media:title', 'atom:title', 'itunes:title'];

const OWN_LEADS = ['description', 'summary', 'atom:summary', 'lead'];
const BODY = ['content:encoded', 'content', 'atom:content', 'body', 'xhtml:body', 'fullitem'];
const BORROWED_LEADS = [
  ...['dc:description', 'dcterms:abstract', 'media:description', 'itunes:summary', 'itunes:subtitle'],
  ...['googleplay:description', 'media:text', 'text', 'abstract', 'content:items'],
];
/** What says what the entry is about: a short text where there is one, else the article itself. */
export const LEADS = [...OWN_LEADS, ...BODY, ...BORROWED_LEADS];
/** Where markup with pictures may stand. */
export const BODIES = [...BODY, 'description', 'summary', 'atom:summary'];

export const PUBLISHED = [
  ...['pubdate', 'published', 'atom:published', 'dc:date', 'dcterms:issued', 'issued', 'atom:issued', 'dc:issued'],
  ...['dcterms:date', 'dcterms:created', 'created', 'atom:created', 'dc:created', 'date', 'dcterms:available'],
];
export const UPDATED = ['updated', 'atom:updated', 'dcterms:modified', 'dc:modified', 'modified', 'atom:modified'];

export const AUTHORS = [
  ...['dc:creator', 'author', 'atom:author', 'itunes:author', 'dcterms:creator', 'dc:author', 'creator'],
  ...['media:credit', 'googleplay:author', 'dc:contributor', 'contributor', 'atom:contributor'],
];
export const CATEGORIES = ['category', 'atom:category', 'dc:subject', 'subject', 'media:keywords', 'itunes:keywords'];
export const IMAGES = ['itunes:image', 'image', 'googleplay:image', 'img', 'picture'];
export const IDS = ['guid', 'id', 'atom:id'];
export const IDENTIFIERS = ['dc:identifier', 'dcterms:identifier'];
const LINKS = ['link', 'atom:link', 'feedburner:origlink', 'enclosure', 'url', 'source', 'atom:source'];
const MEDIA = ['media:content', 'media:group', 'media:thumbnail', 'thumbnail'];

/** Every name that the mapping knows. */
export const ENTRY_FIELDS: readonly string[] = [
  ...new Set([TITLES, LEADS, PUBLISHED, UPDATED, AUTHORS, CATEGORIES, IMAGES, IDS, IDENTIFIERS, LINKS, MEDIA].flat()),
];
