import { children, type XmlElement } from './element.ts';
import { AUTHORS } from './fieldnames.ts';
import { htmlToText } from './text.ts';

const EMAIL = /^[\w.+'-]{1,64}@[\w.-]{1,190}$/;

/** The authors of an entry (or feed), joined by commas in document order, or null. */
export function authorOf(element: XmlElement): string | null {
  for (const name of AUTHORS) {
    const persons = children(element, name);
    if (persons.length === 0) continue;
    const names = new Set<string>();
    for (const person of persons) {
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
  const parts = ['name', 'atom:name', 'foaf:name', 'email', 'atom:email', 'uri', 'atom:uri'];
  for (const part of children(person, ...parts)) {
    const text = htmlToText(part.text, true);
    if (text !== '') return text;
  }
  for (const description of children(person, 'rdf:description', 'foaf:person')) {
    const inside = personName(description);
    if (inside !== null) return inside;
  }
  if (person.children.length > 0 && person.inner !== null) return plainName(htmlToText(person.inner));
  const text = person.text.slice(0, 2_000).replace(/<([^<>@\s]{1,64}@[^<>\s]{1,190})>/g, ' ($1)');
  return plainName(htmlToText(text, true));
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
