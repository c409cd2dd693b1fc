import { z } from 'zod';
import { COOPERATION, LANGUAGES } from '../../tag/tags.ts';
import { text } from '../parameters.ts';
import { type Html, html } from './html.ts';
import { CHOICES, countryName, kindName, languageName } from './words.ts';

const empty = z.literal('').transform(() => undefined);
const one = <T extends z.ZodType>(schema: T) => empty.or(schema).optional();
const country = z.string().regex(/^[A-Z]{2}$/, 'must be two capital letters such as RS');

/** What the address of the front page may say; anything else is passed over. */
export const pageQuery = z.object({
  country: one(country),
  with: one(country),
  kind: one(z.enum(COOPERATION)),
  lang: one(z.enum([...LANGUAGES, 'sr', 'und'])),
  period: one(z.enum(['today', 'week', 'month', 'quarter'])),
  q: one(text(200)),
  cursor: z.string().max(4000).optional(),
});
export type PageQuery = z.infer<typeof pageQuery>;

/** The address of the front page with these filters. */
export function frontAddress(query: Partial<Record<keyof PageQuery, string | undefined>>): string {
  const given = Object.entries(query).filter((pair): pair is [string, string] => Boolean(pair[1]));
  const search = new URLSearchParams(given).toString();
  return search ? `/?${search}` : '/';
}

/** The form over the stories: plain GET, so that every view has an address. */
export function filterForm(query: PageQuery): Html {
  const select = (
    name: 'country' | 'kind' | 'lang' | 'period',
    label: string,
    all: string,
  ) => html`<label class="field"><span>${label}</span>
<select name="${name}"><option value="">${all}</option>
${CHOICES[name].map(([value, text]) => html`<option value="${value}"${query[name] === value && html` selected`}>${text}</option>`)}
${name !== 'period' && query[name] && !CHOICES[name].some(([value]) => value === query[name]) && html`<option value="${query[name]}" selected>${labelOf(name, query[name])}</option>`}
</select></label>
`;
  return html`<form class="filters" action="/" method="get" role="search">
${select('country', 'Country', 'All countries')}${select('kind', 'Kind', 'All kinds')}${select('lang', 'Language', 'All languages')}${select('period', 'Period', 'Any time')}
<div class="filters__search"><label class="field field--search"><span>Search</span><input type="search" name="q" value="${query.q ?? ''}" maxlength="200" autocomplete="off" placeholder="A name or word, in any script"></label>
${query.with && html`<input type="hidden" name="with" value="${query.with}">`}
<button type="submit">Show</button></div>
</form>
`;
}

const labelOf = (name: string, value: string): string =>
  name === 'country' ? countryName(value) : name === 'kind' ? kindName(value) : languageName(value);

/** What is shown, in words, with a way back to everything; nothing where nothing is left out. */
export function shownLine(query: PageQuery): Html | null {
  const parts = [
    query.country && query.with
      ? `${countryName(query.country)} and ${countryName(query.with)}`
      : query.country && countryName(query.country),
    query.kind && kindName(query.kind),
    query.lang && languageName(query.lang),
    query.period && CHOICES.period.find(([value]) => value === query.period)?.[1],
    query.q && `“${query.q}”`,
  ].filter(Boolean);
  return parts.length ? html`<p class="shown"><b>${parts.join(' · ')}</b> <a href="/">Show everything</a></p>` : null;
}
