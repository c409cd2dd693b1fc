import type { FeedOut, FeedOutItem } from './feeds-out.ts';
import { webAddress } from './pages/html.ts';

/** JSON Feed 1.1; what it has no field for stands in `_glasnik`. */
export const jsonFeed = (feed: FeedOut): string =>
  JSON.stringify({
    version: 'https://jsonfeed.org/version/1.1',
    title: feed.title,
    description: feed.description,
    home_page_url: feed.homeUrl,
    feed_url: feed.selfUrl,
    ...(feed.nextUrl && { next_url: feed.nextUrl }),
    items: feed.items.map(toItem),
  });

function toItem(item: FeedOutItem): object {
  const image = item.image_url && webAddress(item.image_url);
  return {
    id: item.id,
    ...(item.url && { url: item.url }),
    title: item.title,
    content_text: item.lead ?? item.title,
    ...(item.lead && { summary: item.lead }),
    ...(image && { image }),
    date_published: item.date.toISOString(),
    date_modified: item.updated_at.toISOString(),
    authors: [{ name: item.by }],
    tags: item.categories,
    language: item.lang,
    _glasnik: {
      item_id: item.item_id,
      story_id: item.story_id,
      outlet: item.outlet,
      outlet_country: item.outlet_country,
      topic: item.topic,
      countries: item.countries,
      cooperation: item.cooperation,
      orgs: item.orgs,
      kicker: item.kicker,
    },
  };
}
