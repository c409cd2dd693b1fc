/** Fields that hold text and nothing else: a second field opening inside one means that the first was never closed. */
export const LEAVES = new Set([
  'title',
  'link',
  'guid',
  'pubdate',
  'category',
  'comments',
  'dc:creator',
  'dc:date',
  'dc:title',
  'published',
  'updated',
  'id',
]);
export const FIELDS = new Set([
  ...LEAVES,
  'description',
  'content:encoded',
  'enclosure',
  'source',
  'author',
  'summary',
  'content',
  'media:content',
  'media:thumbnail',
  'dc:subject',
]);
/** What never stands inside an article's markup: opening one ends a lead that was not closed. */
export const NEVER_IN_MARKUP = new Set([
  'guid',
  'pubdate',
  'comments',
  'enclosure',
  'content:encoded',
  'dc:creator',
  'dc:date',
  'media:content',
  'media:thumbnail',
  'published',
  'updated',
]);
export const LEADS = new Set(['description', 'summary', 'content', 'content:encoded']);
export const CONTAINERS = new Set(['rss', 'rdf:rdf', 'channel', 'feed', 'items']);
export const ROOTS = new Set(['rss', 'rdf:rdf', 'channel', 'feed']);
