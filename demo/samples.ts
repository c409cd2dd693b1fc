/** The sample feeds: made-up outlets with their articles, as the files in demo/ tell them, moved to the present. */
import { readdirSync, readFileSync } from 'node:fs';
import { inRoot } from '../src/root.ts';

/** One sample feed, a line of outlets.json. */
export type SampleFeed = {
  /** Names the feed's file, `feeds/NAME.jsonl`, and its address, `/NAME/feed`. */
  readonly name: string;
  readonly outlet: string;
  /** ISO 3166-1 alpha-2; null for the agency that has none. */
  readonly country: string | null;
  readonly lang: string;
  /** What its address answers; the last three are no feeds. */
  readonly format: 'rss' | 'rdf' | 'atom' | 'json' | 'page' | 'missing' | 'gone';
  /** Of its bytes; UTF-8 by default. */
  readonly charset?: string;
  /** Of its XML declaration: by default the truth, null for none. */
  readonly declares?: string | null;
  /** `local`: the outlet's own month names and clock, no zone. */
  readonly dates?: 'local';
  readonly flaw?: 'ampersands' | 'truncated' | 'html-leads' | 'blank-lines';
  /** Appended to the addresses of its articles. */
  readonly query?: string;
  /** It carries the named articles (those with a slug) of this other feed. */
  readonly of?: string;
  /** What is odd about it, in a few words. */
  readonly note?: string;
};

export type SampleArticle = {
  /** From the origin's root. */
  readonly path: string;
  readonly title: string;
  readonly lead: string;
  readonly at: Date;
};

/** A feed with its articles, newest first. */
export type Sample = { readonly feed: SampleFeed; readonly articles: readonly SampleArticle[] };

/** A line of `feeds/NAME.jsonl`; `ago` ("13d 22h 30m") is counted from the newest article of all. */
type Line = { readonly ago: string; readonly slug?: string; readonly title: string; readonly lead: string };

/** The article whose list the demonstration shows. */
export const ARTICLE = '/danube-post/serbia-hungary-79-joint-activities';

/** All sample feeds, their newest article published in the minute of `now`. */
export function readSamples(now: Date): readonly Sample[] {
  const feeds = JSON.parse(readFileSync(inRoot('demo', 'outlets.json'), 'utf8')) as SampleFeed[];
  const lines = new Map<string, readonly Line[]>();
  for (const file of readdirSync(inRoot('demo', 'feeds')))
    lines.set(file.replace('.jsonl', ''), readLines(inRoot('demo', 'feeds', file)));
  const newest = Math.min(...[...lines.values()].flat().map(({ ago }) => minutesOf(ago)));
  const minute = Math.floor(now.getTime() / 60_000);
  const articlesOf = (name: string, query = '') =>
    (lines.get(name) ?? []).map(({ ago, slug, title, lead }, i, all) => ({
      path: `/${name}/${slug ?? 1000 + all.length - i}${query}`,
      title,
      lead,
      at: new Date((minute + newest - minutesOf(ago)) * 60_000),
    }));
  return feeds.map((feed) => {
    if (feed.of === undefined) return { feed, articles: articlesOf(feed.name, feed.query) };
    const named = new Set((lines.get(feed.of) ?? []).flatMap(({ slug }) => slug ?? []));
    const articles = articlesOf(feed.of).filter(({ path }) => named.has(path.split('/').at(-1)!));
    return {
      feed,
      articles: articles.map((each) => ({ ...each, path: `${each.path}?utm_source=rss&utm_medium=feed` })),
    };
  });
}

const readLines = (file: string): readonly Line[] =>
  readFileSync(file, 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Line);

const MINUTES: Readonly<Record<string, number>> = { d: 1440, h: 60, m: 1 };

const minutesOf = (ago: string): number =>
  [...ago.matchAll(/(\d+)([dhm])/g)].reduce((sum, [, count, unit]) => sum + Number(count) * MINUTES[unit!]!, 0);
