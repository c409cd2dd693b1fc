import { swallows } from './split.ts';

/**
 * Mends what no tokenizer can guess: a CDATA section that was never closed would take every entry after it along. Its
 * opening mark is taken out, so that what follows is read as the markup that it is. A mark in lower case is one.
 */
export function repairMarkup(xml: string): string {
  const marked = xml.includes('<![cdata[') ? xml.replace(/<!\[cdata\[/gi, '<![CDATA[') : xml;
  let out = '';
  let from = 0;
  let isEndless = false;
  // Before this place every opening mark is one of a section that swallowed an entry.
  let swallowed = -1;
  const lastTag = marked.lastIndexOf('</');
  for (let at = marked.indexOf('<![CDATA['); at !== -1; ) {
    const end = isEndless || at < swallowed ? -1 : marked.indexOf(']]>', at + 9);
    if (end < 0 && at >= swallowed) isEndless = true;
    if (end >= 0 && swallows(marked, at, end)) swallowed = marked.lastIndexOf('</', end);
    if (at < swallowed || (isEndless && at < lastTag)) {
      out += marked.slice(from, at);
      from = at + 9;
      at = marked.indexOf('<![CDATA[', from);
    } else at = end < 0 ? -1 : marked.indexOf('<![CDATA[', end);
  }
  return from === 0 ? marked : out + marked.slice(from);
}
