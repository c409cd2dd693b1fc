import type { StoryCard } from '../../store/pages.ts';
import { type Html, html } from './html.ts';
import { dayTag, timeTag } from './times.ts';
import { counted, countryName, kindName, languageName } from './words.ts';

/** `Serbia · Agreement`: the line over a headline. */
export function kickerLine({
  lang,
  kicker,
  countries,
  cooperation,
}: Pick<StoryCard, 'lang' | 'kicker' | 'countries' | 'cooperation'>): Html {
  const place = kicker ?? (countries.length === 1 ? countryName(countries[0]!) : null);
  const kinds = cooperation.slice(0, 2).map(kindName).join(', ');
  return html`<p class="kicker">${place && html`<b lang="${kicker ? lang : 'en'}">${place}</b>`}${place && kinds && ' '}${kinds && html`<span>${kinds}</span>`}</p>`;
}

/** A story in a list; the first one of a page is told larger. */
export function storyCard(card: StoryCard, timeZone: string, { large = false, withDay = false } = {}): Html {
  const outlets = card.told.filter((t) => t.outlet !== null);
  const shown = outlets
    .slice(0, large ? 6 : 3)
    .map((t) => t.outlet)
    .join(', ');
  const others = outlets.length - (large ? 6 : 3);
  const langs = [...new Set(card.told.flatMap((t) => t.langs))];
  return html`<article class="${large ? 'card card--large' : 'card'}">
${kickerLine(card)}
<h3 class="card__headline" lang="${card.lang}"><a href="/story/${card.story_id}">${card.title}</a></h3>
${card.lead && html`<p class="card__lead" lang="${card.lang}">${card.lead}</p>`}
<p class="card__told">${withDay ? dayTag(card.last_at, timeZone) : timeTag(card.last_at, timeZone)} <span class="card__outlets">${shown}${others > 0 && ` and ${counted(others, 'other')}`}</span>${card.reports > 1 && html` <span class="card__count">${counted(card.reports, 'report')}</span>`}${langs.map((lang) => html` <abbr class="lang" title="${languageName(lang)}">${lang}</abbr>`)}</p>
</article>
`;
}
