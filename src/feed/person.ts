import { children, type XmlElement } from './element.ts';
import { htmlToText } from './text.ts';

const EMAIL = /^[\w.+'-]{1,64}@[\w.-]{1,190}$/;

/** The authors of an entry (or feed), joined by commas in document order, or null. */
export function authorOf(element: XmlElement): string | null {
  for (const name of [
    'dc:creator',
    'author',
    'atom:author',
    'itunes:author',
    'dcterms:creator',
    'dc:author',
    'creator',
    'media:credit',
    'googleplay:author',
    'dc:contributor',
    'contributor',
  ]) {
    const names = new Set<string>();
    for (const person of children(element, name)) {
      const found = personName(person);
      if (found !== null) names.add(found);
      if (names.size >= 20) break;
    }
    if (names.size > 0) return [...names].join(', ');
  }
  return null;
}

/** Atom's name, else the text: `mail@example.org (Ana Ilić)` and `Ana Ilić <mail@example.org>` are Ana Ilić. */
function personName(person: XmlElement): string | null {
  const parts = ['name', 'atom:name', 'foaf:name', 'title', 'email', 'atom:email', 'uri', 'url'].flatMap((name) =>
    children(person, name),
  );
  const nested = parts.map((part) => htmlToText(part.text)).find((text) => text !== '');
  const inside = children(person, 'rdf:description')
    .map(personName)
    .find((name) => name !== null);
  return (
    nested ?? inside ?? plainName(htmlToText(person.text.replace(/<([^<>@\s]{1,64}@[^<>\s]{1,190})>/g, ' ($1)'), true))
  );
}

/** The person in `mail (name)`, `name (mail)` or `name <mail>`; a bare address stays when nothing else is known. */
export function plainName(text: string): string | null {
  if (text === '') return null;
  const match = /^(.{0,200}?)\s*\(([^()]{1,200})\)\s*$/.exec(text);
  if (match === null) return text.replace(/^mailto:/i, '');
  const before = match[1]!.trim().replace(/^mailto:/i, '');
  const inside = match[2]!.trim();
  if (EMAIL.test(inside)) return before || inside;
  return before === '' || EMAIL.test(before) ? inside : text;
}
