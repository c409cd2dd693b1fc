import { COOPERATION, LANGUAGES } from '../../tag/tags.ts';

/** The words of the pages: names of states, languages and kinds of cooperation in English. */
const REGIONS = new Intl.DisplayNames(['en'], { type: 'region' });
const TONGUES = new Intl.DisplayNames(['en'], { type: 'language' });
const SHORTER: Readonly<Record<string, string>> = {
  BA: 'Bosnia and Herzegovina',
  cnr: 'Montenegrin',
  und: 'Other',
};

const named = (names: Intl.DisplayNames, code: string): string => {
  try {
    return SHORTER[code] ?? names.of(code) ?? code;
  } catch {
    return code;
  }
};

export const countryName = (code: string): string => named(REGIONS, code);
export const languageName = (code: string): string => named(TONGUES, code);

/** States of the region and its two neighbours, in the order of their names. */
export const REGION = ['AL', 'BA', 'BG', 'GR', 'HR', 'HU', 'ME', 'MK', 'RO', 'RS', 'SI', 'TR', 'XK'].sort((a, b) =>
  countryName(a).localeCompare(countryName(b), 'en'),
);

const KINDS: Readonly<Record<string, string>> = {
  agreement: 'Agreement',
  alliance: 'Alliance',
  exercise: 'Exercise',
  training: 'Training',
  procurement: 'Arms purchase',
  aid: 'Military aid',
  industry: 'Arms industry',
  mission: 'Mission',
  visit: 'Visit',
  basing: 'Bases',
  cyber: 'Cyber defence',
  dispute: 'Dispute',
};
export const kindName = (kind: string): string => KINDS[kind] ?? kind;

/** The choices of the filters, value and label. */
export const CHOICES = {
  country: REGION.map((code) => [code, countryName(code)] as const),
  kind: COOPERATION.map((kind) => [kind, kindName(kind)] as const),
  lang: [
    ...LANGUAGES.filter((lang) => !lang.startsWith('sr')).map((lang) => [lang, languageName(lang)] as const),
    ['sr', 'Serbian'] as const,
  ].sort((a, b) => a[1].localeCompare(b[1], 'en')),
  period: [
    ['today', 'Today'],
    ['week', 'Past week'],
    ['month', 'Past month'],
    ['quarter', 'Past three months'],
  ] as const,
} as const;

/** `one report`, `2 reports` */
export const counted = (n: number, one: string, many = `${one}s`): string =>
  `${n === 1 ? 'one' : n} ${n === 1 ? one : many}`;
