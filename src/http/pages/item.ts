import type { ItemRow } from '../../store/items.ts';
import type { TagRow } from '../../store/pages.ts';
import type { ReadNextEntry } from '../readnext-answer.ts';
import { type Html, html } from './html.ts';
import { chips, outward, readNextAside } from './story.ts';
import { dayTag } from './times.ts';
import { countryName, kindName, languageName } from './words.ts';

/** An item: its text with the words marked that gave it its tags, the tags, and what to read next. */
export function itemPage(
  item: ItemRow,
  tags: readonly TagRow[],
  readNext: readonly ReadNextEntry[],
  timeZone: string,
): Html {
  const words = tags.flatMap((tag) => tag.evidence.map((e) => ({ ...e, why: tagName(tag) })));
  const marked = (field: 'title' | 'summary', text: string) =>
    withMarks(
      text,
      words.filter((word) => word.field === field),
    );
  return html`<article class="story">
<p class="kicker">${item.kicker && html`<b>${item.kicker}</b> `}<span>${item.outlet ?? 'Unknown outlet'}</span></p>
<h1 class="story__headline" lang="${item.lang}">${marked('title', item.title)}</h1>
${item.lead && html`<p class="story__lead" lang="${item.lang}">${marked('summary', item.lead)}</p>`}
<p class="byline">${dayTag(item.published_at ?? item.first_seen_at, timeZone)} ${languageName(item.lang)}${item.author && html` · <span lang="${item.lang}">${item.author}</span>`}</p>
<p class="doors">${outward(item.url, html`Read it at ${item.outlet ?? 'its outlet'}`)} <a href="/story/${item.story_id}">All reports of this story</a></p>
${chips(item)}
<section aria-labelledby="why"><h2 class="section" id="why">Why it is here</h2>
<p>${verdict(item)}</p>
${
  tags.length > 0 &&
  html`<div class="scroll" tabindex="0" role="group" aria-label="Tags and the words that gave them"><table class="table"><thead><tr><th scope="col" class="head">Tag</th><th scope="col" class="head">Certainty</th><th scope="col" class="head">Words that gave it</th></tr></thead><tbody>
${tags.map(
  (
    tag,
  ) => html`<tr><th scope="row">${tagName(tag)}</th><td>${Math.round(tag.score * 100)} %</td><td lang="${item.lang}">${tag.evidence.length ? tag.evidence.map((e, i) => html`${i > 0 && ', '}<q>${e.text}</q>`) : html`<span lang="en">the text as a whole</span>`}</td></tr>
`,
)}</tbody></table></div>`
}
</section>
</article>
${readNextAside(readNext, timeZone)}
`;
}

const TOPICS: Readonly<Record<string, string>> = {
  'defence-cooperation': 'defence cooperation',
  defence: 'defence of one state',
  security: 'security',
  politics: 'politics',
  other: 'something else',
};

function verdict(item: ItemRow): string {
  const topic = TOPICS[item.topic] ?? item.topic;
  if (item.marked === 'relevant') return `An editor put it on the beat; the machine took it for ${topic}.`;
  if (item.marked === 'irrelevant') return `An editor took it off the beat; the machine took it for ${topic}.`;
  return `The machine takes it for ${topic}, and that it belongs to the beat for ${Math.round(item.relevance * 100)} % certain.`;
}

function tagName({ scheme, tag }: Pick<TagRow, 'scheme' | 'tag'>): string {
  switch (scheme) {
    case 'country':
      return countryName(tag);
    case 'cooperation':
      return kindName(tag);
    case 'lang':
      return languageName(tag);
    case 'org':
      return tag.toUpperCase();
    default:
      return TOPICS[tag] ?? tag;
  }
}

type Word = { readonly start: number; readonly end: number; readonly why: string };

/** A text with its words marked; where two overlap they are one mark with both reasons. */
export function withMarks(text: string, words: readonly Word[]): Html {
  const spans: { start: number; end: number; why: Set<string> }[] = [];
  for (const { start, end, why } of [...words].sort((a, b) => a.start - b.start || a.end - b.end)) {
    if (start < 0 || end <= start || end > text.length) continue;
    const last = spans.at(-1);
    if (last && start < last.end) {
      last.end = Math.max(last.end, end);
      last.why.add(why);
    } else spans.push({ start, end, why: new Set([why]) });
  }
  let at = 0;
  const parts = spans.map(({ start, end, why }) => {
    const before = text.slice(at, start);
    at = end;
    return html`${before}<mark title="${[...why].join(', ')}">${text.slice(start, end)}</mark>`;
  });
  return html`${parts}${text.slice(at)}`;
}
