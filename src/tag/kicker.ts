/** The label that a site prints over the headline: the state or the organisation the item is about, in the item's language. */
import { readFileSync } from 'node:fs';
import { inRoot } from '../root.ts';
import type { FoundOrg } from './orgs.ts';
import type { Party } from './parties.ts';

let names: ReadonlyMap<string, readonly string[]> | undefined;
let languages: readonly string[] = [];

/** `names.tsv`: a line a state or organisation, a column a language, the first line naming them. */
function readNames(): ReadonlyMap<string, readonly string[]> {
  const [head = '', ...rows] = readFileSync(inRoot('src', 'tag', 'names.tsv'), 'utf8')
    .split('\n')
    .filter(Boolean);
  languages = head.split('\t').slice(1);
  return new Map(
    rows.map((row) => {
      const [code = '', ...cells] = row.split('\t');
      return [code, cells];
    }),
  );
}

/** The name of a state (ISO code) or organisation (slug) in a language; English for `und`; null where the file has none. */
export function nameIn(code: string, lang: string): string | null {
  names ??= readNames();
  const column = languages.indexOf(lang);
  return names.get(code)?.[Math.max(column, 0)] || null;
}

/**
 * The kicker: the state that stands first in the title, else an organisation named in the title, else the state named first.
 * Null where the item has neither.
 */
export function kickerOf(countries: readonly Party[], orgs: readonly FoundOrg[], lang: string): string | null {
  const inTitle = countries.find((c) => c.mentions.some(({ hit }) => hit.field === 'title'));
  const org = orgs.find((o) => o.mentions.some(({ hit }) => hit.field === 'title'));
  const chosen = inTitle?.country ?? org?.org ?? countries[0]?.country ?? orgs[0]?.org;
  return chosen === undefined ? null : nameIn(chosen, lang);
}
