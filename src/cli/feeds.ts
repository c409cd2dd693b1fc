import { readFileSync } from 'node:fs';
import { catalogueFeed, toCatalogue, writeOpml } from '../store/catalogue.ts';
import type { Database } from '../store/database.ts';
import {
  addFeeds,
  attemptsOf,
  enableFeed,
  type FeedChange,
  type FeedRow,
  feedById,
  listFeeds,
  removeFeed,
  setFeed,
} from '../store/feeds.ts';
import { addFeed } from './add-feed.ts';
import { bundledCatalogue, place, readCatalogue } from './catalogue.ts';
import { CommandError, UsageError, wholeNumber } from './errors.ts';
import { type Opened, open } from './open.ts';
import { iso, print, printJson, table } from './output.ts';

type Options = Readonly<Record<string, unknown>>;

/** `glasnik feeds <action>` */
export async function feeds(args: readonly (string | string[] | undefined)[], options: Options): Promise<number> {
  const action = args[0] as string;
  const rest = (args[1] ?? []) as string[];
  const run = ACTIONS[action];
  if (!run) throw new UsageError(`feeds ${action}: there is ${Object.keys(ACTIONS).join(', ')}`);
  const opened = await open();
  try {
    return (await run(opened, rest, options)) ?? 0;
  } finally {
    await opened.close();
  }
}

type Action = (opened: Opened, args: readonly string[], options: Options) => Promise<number | undefined>;

const ACTIONS: Readonly<Record<string, Action>> = {
  list: async ({ db }, _, options) => {
    const rows = await listFeeds(db);
    if (options.json) for (const row of rows) await printJson(row);
    else await print(feedTable(rows));
    return 0;
  },

  show: async ({ db }, [id], options) => {
    const feed = await existing(db, id);
    const attempts = await attemptsOf(db, feed.feed_id);
    if (options.json) await printJson({ ...feed, attempts });
    else await print(feedCard(feed, attempts));
    return 0;
  },

  add: async (opened, [url], options) =>
    addFeed(opened, need(url, 'feeds add needs an address'), Boolean(options.json)),

  set: async ({ db }, [id, ...pairs], options) => {
    const feed = await existing(db, id);
    if (!pairs.length) throw new UsageError('feeds set ID KEY=VALUE…: nothing to set');
    const change = readChange(feed, pairs);
    try {
      await setFeed(db, feed.feed_id, change);
    } catch (error) {
      if ((error as { code?: string }).code === '23505')
        throw new CommandError(`Another feed of the catalogue has the address ${change.url}`);
      throw error;
    }
    return said(options, await existing(db, id), 'Changed');
  },

  remove: async ({ db }, [id], options) => {
    const feed = await existing(db, id);
    await removeFeed(db, feed.feed_id);
    return said(options, feed, 'Removed (its items stay)');
  },

  enable: async ({ db }, [id], options) => {
    const feed = await existing(db, id);
    await enableFeed(db, feed.feed_id, true);
    return said(options, await existing(db, id), 'Enabled, due now');
  },

  disable: async ({ db }, [id], options) => {
    const feed = await existing(db, id);
    await enableFeed(db, feed.feed_id, false);
    return said(options, await existing(db, id), 'Disabled');
  },

  import: async ({ db }, [file], options) => {
    if (options.bundled && file) throw new UsageError('feeds import takes a file or --bundled, not both');
    const list = options.bundled
      ? bundledCatalogue()
      : readCatalogueFile(need(file, 'feeds import needs a file, or --bundled'));
    const rows = await addFeeds(db, list);
    const added = rows.filter((row) => row.added).length;
    if (options.json) await printJson({ added, known: rows.length - added });
    else await print(`${added} feeds added, ${rows.length - added} were there already`);
    return 0;
  },

  export: async ({ db }, _, options) => {
    const rows = await listFeeds(db);
    if (options.opml) await print(writeOpml(rows));
    else await print(`[\n${rows.map((row) => JSON.stringify(toCatalogue(row))).join(',\n')}\n]`);
    return 0;
  },
};

function need(value: string | undefined, message: string): string {
  if (value === undefined) throw new UsageError(message);
  return value;
}

function readCatalogueFile(file: string) {
  let source: string;
  try {
    source = readFileSync(file === '/dev/stdin' ? 0 : file, 'utf8');
  } catch (error) {
    throw new CommandError(`${file} cannot be read: ${(error as Error).message}`);
  }
  return readCatalogue(source, file);
}

async function existing(db: Database, id: string | undefined): Promise<FeedRow> {
  const feedId = wholeNumber(need(id, 'which feed? Give its id (see feeds list)'), 'the feed id');
  const feed = await feedById(db, feedId);
  if (!feed) throw new CommandError(`There is no feed ${feedId}: see glasnik feeds list`);
  return feed;
}

/** KEY=VALUE pairs into a change; an empty value clears. @throws UsageError naming the key and what is wrong */
export function readChange(feed: FeedRow, pairs: readonly string[]): FeedChange {
  const given: Record<string, string | null> = {};
  for (const pair of pairs) {
    const at = pair.indexOf('=');
    const key = pair.slice(0, at);
    if (at < 1 || !(key in catalogueFeed.shape))
      throw new UsageError(`"${pair}" is no KEY=VALUE; the keys are ${Object.keys(catalogueFeed.shape).join(', ')}`);
    given[key] = pair.slice(at + 1).trim() || null;
  }
  const parsed = catalogueFeed.safeParse({ ...toCatalogue(feed), ...given });
  if (!parsed.success) {
    const { path, message } = parsed.error.issues[0]!;
    throw new UsageError(`${path.join('.')} ${message}`);
  }
  const { url, ...facts } = given;
  if (url === undefined) return facts;
  const placed = place({ ...parsed.data });
  return { ...facts, url: placed.url, host: placed.host, site: placed.site };
}

async function said(options: Options, feed: FeedRow, what: string): Promise<number> {
  if (options.json) await printJson(feed);
  else await print(`${what}: ${feed.feed_id} ${feed.title ?? ''} ${feed.url}`);
  return 0;
}

const feedTable = (rows: readonly FeedRow[]): string =>
  rows.length
    ? table([
        ['ID', 'STATE', 'OUTLET', 'CC', 'LANG', 'ITEMS', 'BEAT', 'LAST ERROR', 'URL'],
        ...rows.map((f) => [
          f.feed_id,
          f.health && f.state === 'active' ? f.health : f.state,
          f.outlet ?? f.title,
          f.outlet_country,
          f.lang,
          f.items_total,
          f.items_relevant,
          f.last_error?.slice(0, 60),
          f.url,
        ]),
      ])
    : 'There are no feeds yet: glasnik feeds import --bundled loads the catalogue, feeds add URL adds one';

function feedCard(feed: FeedRow, attempts: Awaited<ReturnType<typeof attemptsOf>>): string {
  const facts = table([
    ['feed', `${feed.feed_id} ${feed.title ?? ''}`],
    ['address', feed.url],
    ['outlet', [feed.outlet, feed.outlet_country, feed.lang].filter(Boolean).join(' · ')],
    ['state', [feed.state, feed.health].filter(Boolean).join(', ')],
    ['items', `${feed.items_total}, of the beat ${feed.items_relevant}`],
    ['last fetched', iso(feed.last_fetched_at) ?? 'never'],
    ['last good answer', iso(feed.last_success_at) ?? 'never'],
    ['next', `${iso(feed.next_fetch_at)} (${feed.next_why})`],
    ...(feed.last_error ? [['last error', feed.last_error]] : []),
  ]);
  if (!attempts.length) return facts;
  return `${facts}\n\n${table([
    ['WHEN', 'OUTCOME', 'REASON', 'STATUS', 'MS', 'BYTES', 'NEW', 'NEXT BECAUSE OF'],
    ...attempts.map((a) => [iso(a.at), a.outcome, a.reason, a.status, a.ms, a.bytes, a.new, a.why]),
  ])}`;
}
