import type { FetchLine } from '../../workers/fetch.ts';
import { fetchByHand } from '../../workers/manual.ts';
import { type Shown, showFeed } from '../../workers/show.ts';
import { canonicalFeedUrl } from '../feed/address.ts';
import { dueFeeds, feedByUrl, fetchableFeeds } from '../store/feeds.ts';
import { CommandError, UsageError, wholeNumber } from './errors.ts';
import { type Opened, open } from './open.ts';
import { plain, print, printJson, table } from './output.ts';
import { stopSignal } from './stop.ts';
import { clientOf, deskOf, openJobs } from './work.ts';

type Options = Readonly<Record<string, unknown>>;

/** `glasnik fetch`: by hand; a line a feed, as each is done. */
export async function fetchCommand(
  args: readonly (string | string[] | undefined)[],
  options: Options,
): Promise<number> {
  const named = [args[0] ?? []].flat();
  const all = Boolean(options.all);
  const due = Boolean(options.due);
  if (!named.length && !all && !due) throw new UsageError('fetch what? Feed ids or addresses, or --all, or --due');
  if (named.length && (all || due)) throw new UsageError('fetch takes feeds, or --all, or --due, not both');
  if (all && due) throw new UsageError('fetch takes --all or --due, not both');
  const opened = await open();
  try {
    const { feedIds, outside } = named.length
      ? await resolve(opened, named)
      : { feedIds: await (due ? dueFeeds(opened.db) : fetchableFeeds(opened.db)), outside: [] };
    const dry = Boolean(options.dryRun);
    const lines: FetchLine[] = [];
    const say = async (line: FetchLine) => {
      lines.push(line);
      await (options.json ? printJson(line) : print(lineForPeople(line)));
    };
    const urls = dry ? [...(await urlsOf(opened, feedIds)), ...outside] : outside;
    for (const url of urls) await sayShown(await showFeed(clientOf(opened.config), url), options, say);
    if (!dry && feedIds.length) await byHand(opened, feedIds, options, say);
    if (!lines.length) await (options.json ? undefined : print('There is nothing to fetch'));
    return lines.length === 1 && lines[0]!.outcome === 'failed' ? 1 : 0;
  } finally {
    await opened.close();
  }
}

async function byHand(
  opened: Opened,
  feedIds: readonly number[],
  options: Options,
  say: (line: FetchLine) => Promise<void>,
) {
  const { config, db, log } = opened;
  const jobs = await openJobs(config, db, log);
  const client = clientOf(config);
  try {
    await fetchByHand({ config, db, log, client, desk: deskOf(config, db) }, jobs, {
      feedIds,
      force: Boolean(options.force),
      settle: Boolean(options.settle),
      stop: stopSignal(),
      onLine: say,
    });
  } finally {
    await client.close().catch(() => {});
    await jobs.close();
  }
}

async function resolve({ db }: Opened, named: readonly string[]): Promise<{ feedIds: number[]; outside: string[] }> {
  const feedIds: number[] = [];
  const outside: string[] = [];
  const known = new Set(await fetchableFeeds(db, { everything: true }));
  for (const name of named) {
    if (/^\d+$/.test(name)) {
      const id = wholeNumber(name, 'the feed id');
      if (!known.has(id)) throw new CommandError(`There is no feed ${id}: see glasnik feeds list`);
      feedIds.push(id);
      continue;
    }
    const url = canonicalFeedUrl(name);
    if (url === null) throw new UsageError(`"${name}" is neither a feed id nor an http or https address`);
    const id = await feedByUrl(db, [name, url]);
    if (id === null) outside.push(url);
    else feedIds.push(id);
  }
  return { feedIds: [...new Set(feedIds)], outside };
}

async function urlsOf({ db }: Opened, feedIds: readonly number[]): Promise<string[]> {
  const { rows } = await db.query<{ url: string }>(
    'select url from glasnik.feeds where feed_id = any ($1) order by feed_id',
    [feedIds],
  );
  return rows.map((row) => row.url);
}

async function sayShown(
  { line, items }: Shown,
  options: Options,
  say: (line: FetchLine) => Promise<void>,
): Promise<void> {
  await say(line);
  if (options.json) for (const item of items) await printJson(item);
  else if (items.length)
    await print(
      table(
        items.map((item) => [
          item.published_at?.slice(0, 16).replace('T', ' ') ?? '-',
          item.relevant ? '●' : ' ',
          item.topic,
          [item.countries.join('+'), item.cooperation.join('+')].filter(Boolean).join(' '),
          item.title,
        ]),
      ),
    );
}

function lineForPeople(line: FetchLine): string {
  const who = `${line.feed_id ?? '-'} ${plain(line.url)}`;
  if (line.outcome === 'failed')
    return `${who}: failed, ${line.reason}${line.next_fetch_at ? `, next ${line.next_fetch_at}` : ''}`;
  if (line.outcome === 'gone') return `${who}: gone, the feed will not be asked again until it is enabled`;
  if (line.outcome !== 'fetched')
    return `${who}: ${line.outcome === 'unchanged' ? 'the same document' : 'not modified'}, ${line.ms} ms`;
  return `${who}: ${line.entries} entries, ${line.new} new (${line.relevant} of the beat), ${line.updated} updated, ${line.duplicate} known from elsewhere, ${line.ms} ms`;
}
