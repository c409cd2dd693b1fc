import type { ItemRow } from '../../store/items.ts';
import type { StoryCard } from '../../store/pages.ts';
import { kickerLine, storyCard } from './cards.ts';
import { filterForm, frontAddress, type PageQuery, shownLine } from './filters.ts';
import { type Html, html } from './html.ts';
import { dayKey, dayRange, dayTag, longDay } from './times.ts';

export type Front = {
  readonly query: PageQuery;
  readonly cards: readonly StoryCard[];
  /** Hits of a search, instead of stories. */
  readonly hits: readonly ItemRow[] | null;
  readonly nextCursor: string | null;
  readonly now: Date;
  readonly timeZone: string;
};

/** The front page: stories by the day of their newest report, or what a search found. */
export function frontPage({ query, cards, hits, nextCursor, now, timeZone }: Front): Html {
  const isFirst = !query.cursor;
  return html`<h1 class="visually-hidden">${query.q ? 'Search' : 'Stories of the beat'}</h1>
${filterForm(query)}
${shownLine(query)}
${hits ? hitList(hits, timeZone) : days(cards, now, timeZone, isFirst)}
${nextCursor && html`<p class="more"><a href="${frontAddress({ ...query, cursor: nextCursor })}">${hits ? 'More of these' : 'Earlier stories'}</a></p>`}
`;
}

function days(cards: readonly StoryCard[], now: Date, timeZone: string, isFirst: boolean): Html {
  if (!cards.length)
    return html`<p class="nothing">${isFirst ? 'No stories here yet. Feeds are being read all the time; a wider filter may show more.' : 'There is nothing earlier.'}</p>`;
  return html`${sections(cards, timeZone).map((section, n) => {
    const large = isFirst && n === 0;
    const id = `day-${dayKey(section.at(-1)!.last_at, timeZone)}`;
    return html`<section class="edition${large && ' edition--first'}" aria-labelledby="${id}">
<h2 class="edition__name" id="${id}">${sectionName(section, now, timeZone)}</h2>
<div class="edition__stories">
${section.map((card, i) => storyCard(card, timeZone, { large: large && i === 0, withDay: spansDays(section, timeZone) }))}
</div>
</section>
`;
  })}`;
}

/** A day with fewer stories than two rows shares its section with the days before it, so that quiet weeks make a full page too. */
const FULL = 6;

function sections(cards: readonly StoryCard[], timeZone: string): StoryCard[][] {
  const made: StoryCard[][] = [];
  for (const card of cards) {
    const last = made.at(-1);
    const sameDay = last && dayKey(last.at(-1)!.last_at, timeZone) === dayKey(card.last_at, timeZone);
    if (last && (sameDay || last.length < FULL)) last.push(card);
    else made.push([card]);
  }
  return made;
}

const spansDays = (section: readonly StoryCard[], timeZone: string): boolean =>
  dayKey(section[0]!.last_at, timeZone) !== dayKey(section.at(-1)!.last_at, timeZone);

/** `Today Tuesday 24 November 2026`, or the days from first to last. */
function sectionName(section: readonly StoryCard[], now: Date, timeZone: string): Html {
  const newest = section[0]!.last_at;
  if (spansDays(section, timeZone)) return html`${dayRange(section.at(-1)!.last_at, newest, timeZone)}`;
  const key = dayKey(newest, timeZone);
  const yesterday = dayKey(new Date(now.getTime() - 86_400_000), timeZone);
  const name = key === dayKey(now, timeZone) ? 'Today' : key === yesterday ? 'Yesterday' : null;
  return html`${name} ${name ? html`<small>${longDay(newest, timeZone)}</small>` : longDay(newest, timeZone)}`;
}

const hitList = (hits: readonly ItemRow[], timeZone: string): Html =>
  hits.length
    ? html`<ol class="hits">
${hits.map(
  (item) => html`<li class="hit">${kickerLine(item)}
<h2 class="hit__headline" lang="${item.lang}"><a href="/item/${item.item_id}">${item.title}</a></h2>
${item.lead && html`<p class="card__lead" lang="${item.lang}">${item.lead}</p>`}
<p class="card__told">${dayTag(item.published_at ?? item.first_seen_at, timeZone)} ${item.outlet} <abbr class="lang">${item.lang}</abbr></p></li>
`,
)}</ol>`
    : html`<p class="nothing">Nothing was found. Names are found in every script: try the beginning of a word.</p>`;
