export { type Entry, FeedError, type ParsedFeed } from './feed/entry.ts';
export type { Evidence, TagInput, Tags } from './tag/tags.ts';
