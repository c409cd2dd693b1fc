import { plainText } from './pages/html.ts';

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** A text as XML content or attribute: characters that XML 1.0 has no place for are left out, lone surrogates too. */
export const xml = (text: string): string =>
  plainText(text)
    .toWellFormed()
    .replace(/[&<>"]/g, (c) => ENTITIES[c]!);

/** `<name attr="…">text</name>`; nothing where the text is null. */
export function element(name: string, text: string | null, attributes: Readonly<Record<string, string>> = {}): string {
  if (text === null) return '';
  const given = Object.entries(attributes)
    .map(([key, value]) => ` ${key}="${xml(value)}"`)
    .join('');
  return `<${name}${given}>${xml(text)}</${name}>`;
}
