import { readConfig } from '../../src/config.ts';
import { type Client, createClient } from '../../src/feed/fetch.ts';
import { hostOf, siteOf } from '../../src/item/site.ts';
import { createLog } from '../../src/log.ts';
import type { Database } from '../../src/store/database.ts';
import { addFeeds, type CatalogueFeed } from '../../src/store/feeds.ts';
import { leaseNamed } from '../../src/store/lease.ts';
import { openDesk } from '../../workers/desk.ts';
import { type Fetched, fetchFeed } from '../../workers/fetch.ts';
import type { House } from '../../workers/house.ts';
import { relate } from '../../workers/relate.ts';

/** Rooms that fetch from loopback, without queues: a test leases and fetches by itself. */
export type TestHouse = Omit<House, 'queues'>;

export function testHouse(db: Database, env: Record<string, string> = {}): TestHouse {
  const config = readConfig({
    FETCH_ALLOW_CIDRS: '127.0.0.0/8',
    RETENTION_DAYS: '0',
    RETENTION_OTHER_DAYS: '0',
    ...env,
  });
  const client: Client = createClient({
    userAgent: config.userAgent,
    timeoutMs: config.fetchTimeoutMs,
    maxBytes: config.fetchMaxBytes,
    allowCidrs: config.fetchAllowCidrs,
  });
  return { config, db, client, desk: openDesk(db, 60), log: createLog('silent') };
}

/** Adds a feed and returns its id. */
export async function addFeed(db: Database, feed: CatalogueFeed): Promise<number> {
  const site = siteOf(feed.homepage ?? feed.url)!;
  const [row] = await addFeeds(db, [{ ...feed, host: hostOf(feed.url)!, site }]);
  return row!.feed_id;
}

/** Leases a feed by name as soon as its host is free, and fetches it. */
export async function fetchNow(house: TestHouse, feedId: number, { force = false } = {}): Promise<Fetched> {
  for (;;) {
    const [lease] = await leaseNamed(house.db, { feedIds: [feedId], seconds: 60, force, most: 1 });
    if (lease?.heldBack) throw new Error('the feed is held back');
    if (lease?.asked) {
      const fetched = await fetchFeed(house, { feedId, asked: lease.asked }, { job: 'test', byHand: true, force });
      if (!fetched) throw new Error('the lease was lost');
      return fetched;
    }
    await house.db.query(`update glasnik.hosts set free_at = '-infinity'`); // politeness is tested elsewhere
  }
}

/** Fetches feeds one after another, then relates what they brought. */
export async function fetchAndRelate(house: TestHouse, ...feedIds: number[]): Promise<Fetched[]> {
  const fetched: Fetched[] = [];
  for (const feedId of feedIds) fetched.push(await fetchNow(house, feedId));
  await relate(house.db);
  return fetched;
}
