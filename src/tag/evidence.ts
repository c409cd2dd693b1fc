/** Which words gave each tag, with offsets into the text as given. */
import type { Hit, Reading } from './concepts.ts';
import { cueMask } from './cooperation.ts';
import { isMilitary } from './features.ts';
import type { FoundOrg } from './orgs.ts';
import type { Party } from './parties.ts';
import { COOPERATION, type Cooperation, type Evidence, type Tags } from './tags.ts';

type Words = Evidence['words'];
type Mention = { readonly at: number; readonly hit: Hit };

/** At most so many places a tag: enough to see why, and the rest says the same. */
const MOST = 6;

/** Evidence for the language, the topic, and every country, kind and organisation among `tags`. */
export function evidenceOf(
  readings: readonly Reading[],
  tags: Pick<Tags, 'lang' | 'topic'>,
  found: {
    readonly topic: number;
    readonly countries: readonly Party[];
    readonly coop: readonly { readonly type: Cooperation; readonly score: number }[];
    readonly orgs: readonly FoundOrg[];
  },
): Evidence[] {
  const all: Mention[] = readings.flatMap(({ hits }, at) => hits.map((hit) => ({ at, hit })));
  const own = all.filter(({ hit }) => hit.sense === 'office' || hit.sense === 'force' || hit.sense === 'politics');
  const out: Evidence[] = [
    {
      scheme: 'topic',
      tag: tags.topic,
      score: rounded(found.topic),
      words: spans(readings, all.filter(speaksForTopic(tags.topic))),
    },
  ];
  for (const { country, score, mentions } of found.countries) {
    // Where no word names the state, its institutions do: "the government" of the outlet's own.
    const words = spans(readings, mentions.length > 0 ? mentions : own);
    out.push({ scheme: 'country', tag: country, score: rounded(score), words });
  }
  for (const { type, score } of found.coop) {
    const speaks = all.filter(({ hit }) => ((cueMask(hit) >> COOPERATION.indexOf(type)) & 1) === 1);
    out.push({
      scheme: 'cooperation',
      tag: type,
      score: rounded(score),
      words: spans(readings, speaks.length > 0 ? speaks : all),
    });
  }
  for (const { org, mentions } of found.orgs)
    out.push({ scheme: 'org', tag: org, score: 1, words: spans(readings, mentions) });
  return out;
}

function speaksForTopic(topic: Tags['topic']): (mention: Mention) => boolean {
  switch (topic) {
    case 'defence-cooperation':
      return ({ hit }) => isMilitary(hit) || hit.sense === 'act' || hit.country !== '' || hit.sense === 'thing';
    case 'defence':
      return ({ hit }) => isMilitary(hit) || hit.sense === 'thing';
    case 'politics':
      return ({ hit }) => hit.sense === 'politics' || hit.sense === 'person' || hit.sense === 'office';
    default:
      return ({ hit }) =>
        hit.sense === 'trap' || hit.sense === 'economy' || hit.sense === 'foreign-war' || hit.sense === 'notorg';
  }
}

function spans(readings: readonly Reading[], mentions: readonly Mention[]): Words {
  const out: Words[number][] = [];
  for (const { at, hit } of mentions) {
    const { field, words } = readings[at]!;
    const start = words.start[hit.first]!;
    const end = words.end[hit.last]!;
    if (out.some((o) => o.field === field && o.start <= start && o.end >= end)) continue;
    out.push({ field, start, end, text: words.text.slice(start, end) });
    if (out.length === MOST) break;
  }
  return out;
}

const rounded = (x: number): number => Math.round(x * 1000) / 1000;
