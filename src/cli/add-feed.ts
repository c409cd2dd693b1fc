import { addFeeds, feedById, feedByUrl } from '../store/feeds.ts';
import { place } from './catalogue.ts';
import type { Opened } from './open.ts';
import { print, printJson } from './output.ts';

/** `glasnik feeds add URL` */
export async function addFeed({ db }: Opened, url: string, asJson: boolean): Promise<number> {
  const placed = place({ url });
  const known = await feedByUrl(db, [placed.url]);
  const [row] = known === null ? await addFeeds(db, [placed]) : [{ feed_id: known, url: placed.url, added: false }];
  if (asJson) await printJson({ ...(await feedById(db, row!.feed_id)), added: row!.added });
  else
    await print(
      row!.added ? `Added feed ${row!.feed_id}: ${row!.url}` : `Feed ${row!.feed_id} has this address already`,
    );
  return 0;
}
