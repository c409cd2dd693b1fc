import type { ItemRow } from '../../store/items.ts';
import type { StoryRow } from '../../store/stories.ts';
import type { ReadNextEntry } from '../readnext-answer.ts';
import { frontAddress } from './filters.ts';
import { type Html, html, webAddress } from './html.ts';
import { dayTag } from './times.ts';
import { counted, countryName, kindName, languageName } from './words.ts';

/** A link to where an article stands, or only its name where the address is not one to follow. */
export function outward(url: string, label: Html | string): Html {
  const href = webAddress(url);
  return href ? html`<a href="${href}" rel="noopener external">${label}</a>` : html`${label}`;
}

/** The parties and kinds of a story or an item, each a way to more of the same. */
export const chips = ({
  countries,
  cooperation,
}: {
  countries: readonly string[];
  cooperation: readonly string[];
}): Html | null =>
  countries.length + cooperation.length
    ? html`<ul class="chips">${countries.map((code) => html`<li><a href="${frontAddress({ country: code })}">${countryName(code)}</a></li>`)}${cooperation.map((kind) => html`<li><a href="${frontAddress({ kind: kind as never })}">${kindName(kind)}</a></li>`)}</ul>`
    : null;

/** A story: its best report large, then every report in the order in which they appeared. */
export function storyPage(
  story: StoryRow,
  best: ItemRow,
  reports: readonly ItemRow[],
  readNext: readonly ReadNextEntry[],
  timeZone: string,
): Html {
  const numbers = new Map(reports.map((report, i) => [report.item_id, i + 1]));
  return html`<article class="story">
<p class="kicker">${best.kicker && html`<b>${best.kicker}</b> `}<span>${counted(story.items, 'report')}${story.outlets > 1 && ` from ${story.outlets} outlets`}</span></p>
<h1 class="story__headline" lang="${best.lang}">${best.title}</h1>
${best.lead && html`<p class="story__lead" lang="${best.lang}">${best.lead}</p>`}
${chips(story)}
<section aria-labelledby="timeline"><h2 class="section" id="timeline">How it was reported</h2>
<ol class="timeline">
${reports.map(
  (report) => html`<li class="report"${report.copy_of && html` data-copy`}>
<p class="report__when">${dayTag(report.published_at ?? report.first_seen_at, timeZone)}</p>
<div class="report__what">
<p class="report__who"><b>${report.outlet ?? 'Unknown outlet'}</b>${report.outlet_country && ` ${countryName(report.outlet_country)}`} <abbr class="lang" title="${languageName(report.lang)}">${report.lang}</abbr>${report.copy_of && html` <span class="copy">${numbers.has(report.copy_of) ? `republishes report ${numbers.get(report.copy_of)}` : 'a republication'}</span>`}</p>
<h3 class="report__headline" lang="${report.lang}"><a href="/item/${report.item_id}">${report.title}</a></h3>
${report.item_id !== best.item_id && report.lead && !report.copy_of && html`<p class="report__lead" lang="${report.lang}">${report.lead}</p>`}
<p class="report__out">${outward(report.url, 'Read it there')}</p>
</div></li>
`,
)}</ol>
${story.items > reports.length && html`<p class="more">and ${counted(story.items - reports.length, 'later report')}</p>`}
</section>
</article>
${readNextAside(readNext, timeZone)}
`;
}

/** The Read next list as a newspaper prints it: time, kicker, lead. */
export const readNextAside = (items: readonly ReadNextEntry[], timeZone: string): Html | null =>
  items.length
    ? html`<aside class="next" aria-labelledby="next"><h2 class="section" id="next">Read next</h2>
<ol class="next__list">
${items.map(
  (
    item,
  ) => html`<li class="next__entry"><p class="next__over">${item.published_at && dayTag(item.published_at, timeZone)}${item.kicker && html` <b>${item.kicker}</b>`}</p>
<p class="next__lead" lang="${item.lang}"><a href="/story/${item.story_id}">${item.lead || item.title}</a></p>
<p class="next__why">${item.outlet && html`<span lang="${item.lang}">${item.outlet}</span> · `}${item.reasons.join('; ')}</p></li>
`,
)}</ol></aside>`
    : null;
