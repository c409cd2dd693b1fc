import { type Discovery, discoverFeeds, type FoundFeed } from '../feed/discover.ts';
import { parseFeed } from '../feed/parse.ts';
import { addressKey } from '../item/address.ts';
import { addFeeds, feedById, listFeeds } from '../store/feeds.ts';
import { place } from './catalogue.ts';
import { CommandError } from './errors.ts';
import type { Opened } from './open.ts';
import { plain, print, printJson, table } from './output.ts';
import { clientOf } from './work.ts';

/** `glasnik feeds add URL`: a feed's own address, or a page's, of which the feeds are found. */
export async function addFeed({ config, db }: Opened, url: string, asJson: boolean): Promise<number> {
  const { url: asked } = place({ url });
  const client = clientOf(config);
  const read = (bytes: Uint8Array, options: { contentType?: string | undefined; url: string }) =>
    parseFeed(bytes, options);
  const found = await discoverFeeds(asked, { client, read }).finally(() => client.close());
  const feeds = foundFeeds(found, asked);
  const best = found.kind === 'page' ? found.best : feeds[0]!;
  if (!best) {
    await sayChoice(feeds, asJson);
    return 1;
  }
  const known = await knownAs(db, [asked, best.url]);
  const [row] =
    known === null
      ? await addFeeds(db, [place({ url: best.url, title: best.title, ...homepageOf(found, asked) })])
      : [];
  const feedId = known ?? row!.feed_id;
  const feed = await feedById(db, feedId);
  if (asJson) await printJson({ ...feed, added: known === null, found: feeds });
  else {
    if (feeds.length > 1) await print(feedsFound(feeds));
    await print(
      known === null
        ? `Added feed ${feedId}: ${plain(best.title ?? '')} ${best.url} (${best.entries} entries, newest ${best.newestAt ?? 'without a date'})`
        : `Feed ${feedId} is there already: ${feed?.url}`,
    );
  }
  return 0;
}

/** The feeds that the address offers. @throws CommandError where there are none */
function foundFeeds(found: Discovery, asked: string): readonly FoundFeed[] {
  switch (found.kind) {
    case 'feed':
      return [found.feed];
    case 'page':
      return found.feeds;
    case 'none':
      throw new CommandError(`${found.detail} Give the feed's own address`);
    case 'failed':
      throw new CommandError(
        `${asked} could not be asked (${found.reason}): ${found.detail} A feed that is down for the moment can be added with feeds import`,
      );
  }
}

const homepageOf = (found: Discovery, asked: string) => (found.kind === 'page' ? { homepage: asked } : {});

/** A feed of the catalogue that has one of these addresses, whatever its scheme, www. or final slash. */
async function knownAs(db: Opened['db'], urls: readonly string[]): Promise<number | null> {
  const keys = new Set(urls.map((url) => addressKey(url) ?? url));
  const { rows: aliases } = await db.query<{ url: string; feed_id: number }>(
    'select a.url, a.feed_id from glasnik.feed_aliases a join glasnik.feeds f using (feed_id) where f.removed_at is null',
  );
  const all = [...(await listFeeds(db)), ...aliases];
  return all.find((feed) => keys.has(addressKey(feed.url) ?? feed.url))?.feed_id ?? null;
}

async function sayChoice(feeds: readonly FoundFeed[], asJson: boolean): Promise<void> {
  if (asJson) await printJson({ added: false, found: feeds });
  else await print(`${feedsFound(feeds)}\nAdd the one you mean by its own address: glasnik feeds add ADDRESS`);
}

const feedsFound = (feeds: readonly FoundFeed[]): string =>
  `Found on the page:\n${table(feeds.map((f) => ['', f.url, f.title, `${f.entries} entries`, f.newestAt ?? 'no dates', f.isComments ? 'comments' : '']))}`;
