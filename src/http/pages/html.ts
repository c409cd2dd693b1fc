/** Markup that is safe to send. Only `html` makes it, so a text can never become markup by being forgotten. */
export class Html {
  readonly markup: string;
  constructor(markup: string) {
    this.markup = markup;
  }
}

type Part = Html | string | number | null | undefined | false | readonly Part[];

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Controls, and marks that turn the direction of what follows: a title keeps its letters and loses these. */
const HOSTILE =
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufffe\uffff]/g;

/** A text without control characters and direction overrides. */
export const plainText = (text: string): string => text.replace(HOSTILE, '');

/** A text as markup, fit for element content and quoted attributes. */
export const escapeHtml = (text: string): string => plainText(text).replace(/[&<>"']/g, (c) => ENTITIES[c]!);

/** html`<b>${title}</b>`: what is put in is text, unless it is Html itself; null and false are nothing, lists are joined. */
export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Html {
  let markup = strings[0]!;
  for (const [i, part] of parts.entries()) markup += render(part) + strings[i + 1]!;
  return new Html(markup);
}

function render(part: Part): string {
  if (part === null || part === undefined || part === false) return '';
  if (part instanceof Html) return part.markup;
  if (Array.isArray(part)) return (part as readonly Part[]).map(render).join('');
  return escapeHtml(String(part));
}

/** An address to follow, or null for anything but http and https (`javascript:`, `data:`). */
export function webAddress(url: string): string | null {
  if (!URL.canParse(url)) return null;
  const { protocol, href } = new URL(url);
  return protocol === 'https:' || protocol === 'http:' ? href : null;
}
