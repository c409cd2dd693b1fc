/** The organisations an item names. */
import type { Hit, Reading } from './concepts.ts';
import { isMilitary } from './features.ts';
import { ORGS, type Org } from './tags.ts';

export type FoundOrg = { readonly org: Org; readonly mentions: readonly { readonly at: number; readonly hit: Hit }[] };

/** Whose the missions are that have no tag of their own, by the slug in the lexicon. */
const PARENTS: readonly (readonly [RegExp, Org])[] = [
  [/^(eu[a-z]|atalanta|irini|aspides|sophia)/, 'eu'],
  [/^(un[a-z]|minus|minurso|monusco)/, 'un'],
  [/^(rsm|isaf|sfor|ifor|nmi|sea-guardian|ocean-shield|active-endeavour|baltic-air-policing|nsatu)/, 'nato'],
];

/** "The Alliance", one word: parties, banks and shareholders call themselves so too. */
const ALLIANCE = /^(alijans|aleanc|alian[țţt]|alliance|zavezništv|savez|алијанс|алианс|συμμαχ)/iu;

/** Off the beat, an alliance by that one word is the military one only where something else in the item is military. */
function civilAlliances(readings: readonly Reading[]): ReadonlySet<Hit> {
  const bare = new Set<Hit>();
  let military = false;
  for (const { words, hits } of readings)
    for (const hit of hits) {
      const isBare = hit.sense === 'org' && hit.value === 'nato' && hit.first === hit.last;
      if (isBare && ALLIANCE.test(words.text.slice(words.start[hit.first], words.end[hit.last]))) bare.add(hit);
      else if (isMilitary(hit)) military = true;
    }
  return military ? new Set() : bare;
}

/** Organisations by name or by an organ; "Brussels" is the Union unless the text means the Alliance, which also sits there. */
export function orgsIn(readings: readonly Reading[], relevant: boolean): FoundOrg[] {
  const found = new Map<Org, { at: number; hit: Hit }[]>();
  const brussels: { at: number; hit: Hit }[] = [];
  const civil: ReadonlySet<Hit> = relevant ? new Set() : civilAlliances(readings);
  readings.forEach((reading, at) => {
    for (const hit of reading.hits) {
      if (hit.sense === 'capital' && hit.country === 'EU') brussels.push({ at, hit });
      const parent = hit.sense === 'mission' ? PARENTS.find(([names]) => names.test(hit.value))?.[1] : undefined;
      if (parent !== undefined) found.set(parent, [...(found.get(parent) ?? []), { at, hit }]);
      if (civil.has(hit)) continue;
      if (hit.sense !== 'org' || !(ORGS as readonly string[]).includes(hit.value)) continue;
      const org = hit.value as Org;
      found.set(org, [...(found.get(org) ?? []), { at, hit }]);
    }
  });
  if (brussels.length > 0 && !found.has('nato') && brussels.some((b) => isActor(readings[b.at]!, b.hit))) {
    found.set('eu', [...(found.get('eu') ?? []), ...brussels]);
  }
  return [...found].map(([org, mentions]) => ({ org, mentions }));
}

/** A place that speaks: first in its field or before a colon. */
const isActor = ({ words }: Reading, hit: Hit): boolean =>
  hit.first === 0 || (hit.last + 1 < words.count && (words.before[hit.last + 1]! & 4) !== 0);
