import { child, children, type XmlElement } from './element.ts';
import type { FeedHints } from './entry.ts';
import { textOf } from './fields.ts';
import { baseOf, readAddress } from './resolve.ts';
import { cleanText } from './text.ts';

/** What a document says about itself. */
export type FeedFacts = {
  readonly title: string | null;
  readonly link: string | null;
  /** BCP 47 as the feed says it. */
  readonly lang: string | null;
  readonly hints: FeedHints;
  /** The address that the feed gives as its own, and the WebSub hub that it names. */
  readonly self: string | null;
  readonly hub: string | null;
};

export const noHints: FeedHints = { ttlMinutes: null, updatePeriodS: null, skipHours: [], skipDays: [] };

/** Reads the channel of RSS and RDF, or the feed element of Atom. */
export function readChannel(channel: XmlElement, format: 'rss' | 'atom', url: string | null): FeedFacts {
  const base = baseOf(channel.base, url);
  const linkOf = (rel: string) => {
    const link = child(channel, ['link', 'atom:link'], (each) => each.attributes.rel?.toLowerCase() === rel);
    return link === undefined ? null : readAddress(link.attributes.href, base);
  };
  return {
    title: titleOf(channel, format),
    link: homeOf(channel, base),
    lang: languageOf(channel),
    hints: hintsOf(channel),
    self: linkOf('self'),
    hub: linkOf('hub'),
  };
}

function titleOf(channel: XmlElement, format: 'rss' | 'atom'): string | null {
  for (const field of children(channel, 'title', 'dc:title', 'atom:title', 'media:title', 'itunes:title')) {
    const text = textOf(field, format, true);
    if (text !== '') return text;
  }
  return null;
}

function homeOf(channel: XmlElement, base: string | null): string | null {
  for (const link of children(channel, 'link', 'atom:link')) {
    if (!/^(?:alternate|)$/i.test(link.attributes.rel ?? '')) continue;
    const home = readAddress(link.attributes.href ?? link.text, base);
    if (home !== null) return home;
  }
  return null;
}

function languageOf(channel: XmlElement): string | null {
  const said =
    child(channel, ['language', 'dc:language'], (field) => field.text.trim() !== '')?.text ??
    channel.attributes['xml:lang'] ??
    '';
  const lang = cleanText(said).replace(/_/g, '-');
  return /^[a-z]{2,3}(?:-[a-z0-9]{1,8}){0,4}$/i.test(lang) ? lang : null;
}

const PERIODS: Readonly<Record<string, number>> = {
  hourly: 3_600,
  daily: 86_400,
  weekly: 604_800,
  monthly: 2_592_000,
  yearly: 31_536_000,
};
const DAYS = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'];

function hintsOf(channel: XmlElement): FeedHints {
  const number = (name: string) => Number(child(channel, [name])?.text.trim() || Number.NaN);
  const ttl = number('ttl');
  const period = PERIODS[child(channel, ['sy:updateperiod'])?.text.trim().toLowerCase() ?? ''];
  const frequency = number('sy:updatefrequency');
  const listed = (name: string) =>
    children(channel, name).flatMap((list) => list.children.map((each) => each.text.trim().toLowerCase()));
  return {
    ttlMinutes: ttl > 0 && ttl <= 525_600 ? ttl : null,
    updatePeriodS: period === undefined ? null : Math.round(period / Math.max(frequency || 1, 1)),
    // 24 is midnight in RSS 0.91.
    skipHours: unique(
      listed('skiphours')
        .filter((hour) => /^\d{1,2}$/.test(hour) && Number(hour) <= 24)
        .map((hour) => Number(hour) % 24),
    ),
    skipDays: unique(
      listed('skipdays')
        .map((day) => DAYS.indexOf(day))
        .filter((day) => day >= 0),
    ),
  };
}

const unique = (numbers: readonly number[]): number[] => [...new Set(numbers)].sort((a, b) => a - b);
