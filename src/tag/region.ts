/** The region's states as the rule book groups them, ISO 3166-1 alpha-2 (XK for Kosovo). */
const CORE: ReadonlySet<string> = new Set(['AL', 'BA', 'BG', 'GR', 'HR', 'ME', 'MK', 'RO', 'RS', 'SI', 'XK']);
const NEIGHBOURS: ReadonlySet<string> = new Set(['HU', 'TR']);

export type Group = 'core' | 'neighbour' | 'partner';

export const groupOf = (country: string): Group =>
  CORE.has(country) ? 'core' : NEIGHBOURS.has(country) ? 'neighbour' : 'partner';
