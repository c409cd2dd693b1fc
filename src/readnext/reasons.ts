import type { Cooperation, Org } from '../tag/tags.ts';

/** Why a story stands in a Read next list, as something that can be stored and said in any language. */
export type Reason =
  | { readonly code: 'affair'; readonly probability: number }
  | { readonly code: 'parties'; readonly countries: readonly string[] }
  | { readonly code: 'kind-with'; readonly kind: Cooperation; readonly countries: readonly string[] }
  | { readonly code: 'kind'; readonly kind: Cooperation }
  | { readonly code: 'country'; readonly countries: readonly string[]; readonly topic: string }
  | { readonly code: 'org'; readonly org: Org }
  | { readonly code: 'text' };

const KIND_WORDS: Readonly<Record<Cooperation, string>> = {
  agreement: 'an agreement',
  alliance: 'an alliance',
  exercise: 'an exercise',
  training: 'training',
  procurement: 'an arms purchase',
  aid: 'military aid',
  industry: 'joint arms production',
  mission: 'a mission',
  visit: 'a meeting',
  basing: 'a base',
  cyber: 'cyber defence',
  dispute: 'a dispute',
};
const ORG_WORDS: Readonly<Partial<Record<Org, string>>> = {
  nato: 'NATO',
  eu: 'the EU',
  un: 'the UN',
  osce: 'the OSCE',
  b9: 'the Bucharest Nine',
  a5: 'the Adriatic Charter',
};
const TOPIC_WORDS: Readonly<Record<string, string>> = {
  'defence-cooperation': 'defence cooperation',
  defence: 'defence',
  security: 'security',
  politics: 'politics',
};

/** The English name of a state; its code where there is no name. */
function countryName(code: string): string {
  try {
    return new Intl.DisplayNames(['en'], { type: 'region' }).of(code) ?? code;
  } catch {
    return code;
  }
}

const names = new Map<string, string>();
const nameOf = (code: string): string => {
  const known = names.get(code) ?? countryName(code);
  names.set(code, known);
  return known;
};

/** `Serbia`, `Serbia and Hungary`, `Serbia, Hungary and Croatia`; at most three by name. */
function listed(countries: readonly string[]): string {
  const known = countries.slice(0, 3).map(nameOf);
  if (countries.length > 3) return `${known.join(', ')} and ${countries.length - 3} more`;
  return known.length < 2 ? (known[0] ?? '') : `${known.slice(0, -1).join(', ')} and ${known.at(-1)}`;
}

/** A reason in a few English words. */
export function sayReason(reason: Reason): string {
  switch (reason.code) {
    case 'affair':
      return 'same affair';
    case 'parties':
      return `both about ${listed(reason.countries)}`;
    case 'kind-with':
      return `also ${KIND_WORDS[reason.kind]} with ${listed(reason.countries)}`;
    case 'kind':
      return `also ${KIND_WORDS[reason.kind]}`;
    case 'country':
      return `${TOPIC_WORDS[reason.topic] ?? reason.topic} in ${listed(reason.countries)}`;
    case 'org':
      return `also about ${ORG_WORDS[reason.org] ?? reason.org.toUpperCase()}`;
    case 'text':
      return 'similar report';
  }
}
