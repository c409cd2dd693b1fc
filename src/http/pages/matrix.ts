import type { Pair } from '../../store/pages.ts';
import { frontAddress } from './filters.ts';
import { type Html, html } from './html.ts';
import { counted, countryName, REGION } from './words.ts';

/** How many states from outside the region have a column. */
const PARTNERS = 6;

/** Who cooperates with whom: states of the region down, the same and their partners across; a cell leads to its stories. */
export function matrixPage(pairs: readonly Pair[], months: number): Html {
  const count = new Map<string, number>();
  const outside = new Map<string, number>();
  for (const { a, b, stories } of pairs) {
    count.set(`${a} ${b}`, stories).set(`${b} ${a}`, stories);
    for (const [one, other] of [[a, b] as const, [b, a] as const])
      if (REGION.includes(one) && !REGION.includes(other)) outside.set(other, (outside.get(other) ?? 0) + stories);
  }
  const partners = [...outside]
    .sort((x, y) => y[1] - x[1] || x[0].localeCompare(y[0]))
    .slice(0, PARTNERS)
    .map(([code]) => code);
  const most = Math.max(1, ...pairs.map((pair) => pair.stories));
  const columns = [...REGION, ...partners];
  const cell = (row: string, column: string): Html => {
    if (row === column) return html`<td class="cell self"></td>`;
    const n = count.get(`${row} ${column}`) ?? 0;
    if (!n) return html`<td class="cell"></td>`;
    const heat = Math.max(1, Math.ceil((Math.log(n + 1) / Math.log(most + 1)) * 5));
    const name = `${n} ${n === 1 ? 'story' : 'stories'} of ${countryName(row)} and ${countryName(column)}`;
    return html`<td class="cell heat-${heat}"><a href="${frontAddress({ country: row, with: column })}" title="${name}" aria-label="${name}">${n}</a></td>`;
  };
  return html`<h1 class="page-title">Who cooperates with whom</h1>
<p class="page-about">Stories of the past ${months} months that name both states as parties. Each number leads to its stories.</p>
${
  pairs.length
    ? html`<div class="scroll" tabindex="0" role="group" aria-label="Stories by pair of states"><table class="matrix">
<thead><tr><td></td>${columns.map((code, i) => html`<th scope="col" class="code${i === REGION.length && ' outside'}"><abbr title="${countryName(code)}">${code}</abbr></th>`)}</tr></thead>
<tbody>
${REGION.map((row) => html`<tr><th scope="row" class="state"><a href="${frontAddress({ country: row })}"><span class="state__name">${countryName(row)}</span><span class="state__code" aria-hidden="true">${row}</span></a></th>${columns.map((column) => cell(row, column))}</tr>\n`)}</tbody></table></div>
${partners.length > 0 && html`<p class="page-about">Partners outside the region: ${partners.map((code) => `${code} ${countryName(code)}`).join(', ')}.</p>`}`
    : html`<p class="nothing">No story of the beat names two states yet.</p>`
}
<section aria-labelledby="pairs"><h2 class="section" id="pairs">The busiest pairs</h2>
<ol class="pairs">${pairs
    .slice(0, 12)
    .map(
      (pair) =>
        html`<li><a href="${frontAddress({ country: pair.a, with: pair.b })}">${countryName(pair.a)} and ${countryName(pair.b)}</a> <span>${counted(pair.stories, 'story', 'stories')}</span></li>`,
    )}</ol></section>
`;
}
