import type { ReadNextEntry } from '../readnext-answer.ts';
import { html, webAddress } from './html.ts';
import { timeTag } from './times.ts';

/**
 * A Read next list as a newspaper prints it: time, kicker, lead. Plain elements with class names to style; nothing where there is
 * nothing to show.
 */
export function readNextFragment(items: readonly ReadNextEntry[], timeZone: string): string {
  const entries = items.flatMap((item) => {
    const href = webAddress(item.url);
    return href
      ? html`<li class="read-next__entry" lang="${item.lang}">${item.published_at && timeTag(item.published_at, timeZone, 'read-next__time')}${item.kicker && html` <span class="read-next__kicker" lang="en">${item.kicker}</span>`} <a class="read-next__link" href="${href}">${item.lead || item.title}</a></li>\n`
      : [];
  });
  if (!entries.length) return '';
  return html`<section class="read-next" aria-label="Read next"><h2 class="read-next__title">Read next</h2>\n<ol class="read-next__list">\n${entries}</ol></section>\n`
    .markup;
}
