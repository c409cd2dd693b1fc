/** What the demonstration prints, for somebody who sees glasnik for the first time. */

import { plain, table } from '../src/cli/output.ts';
import type { Queryable } from '../src/store/database.ts';
import type { FetchLine } from '../workers/fetch.ts';
import type { Sample } from './samples.ts';
import type { AddressOf } from './write.ts';

/** The sample world in figures, once everything is read. */
export type Figures = {
  readonly items: number;
  readonly relevant: number;
  readonly copies: number;
  readonly langs: number;
  readonly stories: number;
  /** The story that most outlets told. */
  readonly largest: { readonly title: string; readonly outlets: number; readonly langs: readonly string[] };
};

/** Counts by what downstream sites can read. */
export async function countSamples(db: Queryable): Promise<Figures> {
  const { rows } = await db.query<Omit<Figures, 'largest'>>(
    `select count(*) as items, count(*) filter (where relevant) as relevant, count(copy_of) as copies,
            count(distinct lang) as langs, count(distinct story_id) filter (where relevant) as stories
       from wire.items`,
  );
  const { rows: largest } = await db.query<Figures['largest']>(
    'select title, outlets, langs from wire.stories order by outlets desc, items desc, story_id limit 1',
  );
  return { ...rows[0]!, largest: largest[0]! };
}

/** The first paragraphs: what was read and what became of it. */
export function tellFigures(figures: Figures, samples: readonly Sample[]): string {
  const outlets = new Set(samples.map(({ feed }) => feed.outlet)).size;
  const { items, relevant, copies, langs, stories, largest } = figures;
  return `${samples.length} feeds of ${outlets} outlets were fetched. They hold ${items} articles of the last two weeks in ${langs} languages.
${relevant} of these are about Balkan defence cooperation; the rest is everyday news, which no list shows.
Reports of one event were joined across languages: the ${relevant} tell ${stories} stories, and ${copies} are copies
of another outlet's text. The story most told, by ${largest.outlets} outlets in ${largest.langs.length} languages:
  ${plain(largest.title)}`;
}

/** The feeds that are odd or broken, each with what became of it. */
export function tellOddFeeds(samples: readonly Sample[], lines: readonly FetchLine[], addressOf: AddressOf): string {
  const rows = samples.flatMap(({ feed }) => {
    const line = lines.find(({ url }) => url === addressOf(`/${feed.name}/feed`));
    return feed.note === undefined || !line ? [] : [[`  ${feed.outlet}`, feed.note, outcomeOf(line)]];
  });
  return `As on the real web, many a feed is odd or broken, and none stops the others:\n${table(rows)}`;
}

function outcomeOf({ outcome, reason, entries, duplicate, next_fetch_at }: FetchLine): string {
  if (outcome === 'gone') return 'retired: not asked again';
  if (outcome === 'failed')
    return `failed (${reason})${next_fetch_at ? `, asked again ${relativeTime(new Date(next_fetch_at))}` : ''}`;
  return duplicate > 0 ? `${entries} articles read, ${duplicate} known already` : `${entries} articles read`;
}

function relativeTime(at: Date): string {
  const minutes = Math.max(1, Math.round((at.getTime() - Date.now()) / 60_000));
  const format = new Intl.RelativeTimeFormat('en');
  return minutes < 120 ? format.format(minutes, 'minute') : format.format(Math.round(minutes / 60), 'hour');
}

/** Where to go from here. */
export function tellAddresses(service: string, article: string): string {
  const asked = encodeURIComponent(article);
  return `The page with the newest articles of the beat:
  ${service}/
The article on its outlet's page, with its list below (every article named there has one, too):
  ${article}
The same list for your own site, as JSON:
  ${service}/v1/read-next?url=${asked}
And all articles about Hungary, or only those in Albanian:
  ${service}/v1/items?country=HU
  ${service}/v1/items?lang=sq

It runs on, and asks the sample feeds again when they are due. Ctrl-C ends it and removes everything it made.`;
}
