/** The library: pure functions, no connection needed. */
export { type Entry, FeedError, type FeedHints, type ParsedFeed } from './feed/entry.ts';
export { type ParseOptions, parseFeed } from './feed/parse.ts';
export { canonicalUrl } from './item/address.ts';
export { type ReadNextItem, rankReadNext } from './readnext/rank.ts';
export { type Clusterer, type ClusterInput, createClusterer, type Placed } from './story/clusterer.ts';
export { detectLanguage } from './tag/language.ts';
export { tagItem } from './tag/tagger.ts';
export type { Evidence, TagInput, Tags } from './tag/tags.ts';
