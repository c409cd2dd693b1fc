import { foldWord, monthOf, ZONES } from './datewords.ts';
import { localToInstant, zoneOfCountry } from './zones.ts';

export type DateContext = {
  /** ISO 3166-1 alpha-2: where the outlet's clocks are, for times that name no zone. */
  readonly outletCountry?: string | undefined;
  /** ms since 1970. Without it nothing counts as future. */
  readonly now?: number | undefined;
};

const EARLIEST = Date.UTC(1990, 0, 1);
const DAY = 86_400_000;

/**
 * The instant that a feed's date means, as ISO 8601 in UTC with seconds, or null where it says nothing that can be
 * believed: not a date, before 1990 (an empty database field prints 1970 or −0001), or more than a day after `now`.
 */
export function readDate(text: string | null | undefined, context: DateContext = {}): string | null {
  if (text === null || text === undefined) return null;
  const trimmed = text.length > 500 ? text.slice(0, 500).trim() : text.trim();
  if (trimmed.length < 4 || trimmed.length > 120) return null;
  const instant = plainDate(trimmed) ?? anyDate(trimmed, context);
  if (instant === null || !Number.isFinite(instant) || instant < EARLIEST || instant > Date.UTC(9999, 0, 1))
    return null;
  if (context.now !== undefined && instant > context.now + DAY) return null;
  return new Date(instant).toISOString();
}

type Parts = { year: number; month: number; day: number };
type Time = { hour: number; minute: number; second: number };

const ENGLISH: Readonly<Record<string, number>> = {
  jan: 1,
  feb: 2,
  mar: 3,
  apr: 4,
  may: 5,
  jun: 6,
  jul: 7,
  aug: 8,
  sep: 9,
  oct: 10,
  nov: 11,
  dec: 12,
};
const RFC_822 = /^(?:[a-z]{3}, ?)?(\d{1,2}) ([a-z]{3}) (\d{4}) (\d\d):(\d\d):(\d\d) (gmt|utc|z|([+-])(\d\d):?(\d\d))$/i;
const ISO_8601 = /^(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d)(?::(\d\d)(?:\.\d{1,9})?)?(?:(z)| ?([+-])(\d\d):?(\d\d))$/i;

/** The two forms that nearly every feed uses, without further ado. */
function plainDate(text: string): number | null {
  const mail = RFC_822.exec(text);
  if (mail !== null) {
    const month = ENGLISH[mail[2]!.toLowerCase()];
    if (month === undefined) return null;
    const local = compose(
      { year: +mail[3]!, month, day: +mail[1]! },
      { hour: +mail[4]!, minute: +mail[5]!, second: +mail[6]! },
    );
    return local === null ? null : shifted(local, signed(mail[8], mail[9], mail[10]));
  }
  const iso = ISO_8601.exec(text);
  if (iso === null) return null;
  const local = compose(
    { year: +iso[1]!, month: +iso[2]!, day: +iso[3]! },
    { hour: +iso[4]!, minute: +iso[5]!, second: +(iso[6] ?? 0) },
  );
  return local === null ? null : shifted(local, signed(iso[8], iso[9], iso[10]));
}

const signed = (sign?: string, hours?: string, minutes?: string): number =>
  sign === undefined ? 0 : (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes));

/** Offsets run from −12:00 to +14:00; anything else makes the whole date doubtful. */
const shifted = (local: number, minutes: number): number | null =>
  Math.abs(minutes) > 14 * 60 ? null : local - minutes * 60_000;

function compose(date: Parts, time: Time): number | null {
  const { year, month, day } = date;
  const { hour, minute, second } = time;
  if (month < 1 || month > 12 || day < 1 || hour > 24 || minute > 59 || second > 60) return null;
  if (hour === 24 && (minute > 0 || second > 0)) return null;
  const midnight = Date.UTC(year, month - 1, day);
  if (new Date(midnight).getUTCDate() !== day) return null;
  return midnight + ((hour * 60 + minute) * 60 + Math.min(second, 59)) * 1000;
}

/** Everything else: finds the time, then the zone, then reads what is left as a date. */
function anyDate(text: string, context: DateContext): number | null {
  if (/^\d+(?:\.\d+)?$/.test(text)) return fromDigits(text, context);
  const folded = foldWord(text)
    .replace(/\([^()]*\)?/g, ' ')
    .replace(/\s+/g, ' ')
    .replace(
      /^(\d{4})(\d\d)(\d\d)t(\d\d)(\d\d)(\d\d)?/,
      (_, y, mo, d, h, mi, sec) => `${y}-${mo}-${d}t${h}:${mi}:${sec ?? '00'}`,
    )
    .replace(/^(\d{4}-\d\d-\d\dt\d\d)(?=z|$|[+-])/, '$1:00')
    .trim();
  const time = TIME.exec(folded) ?? BARE_TIME.exec(folded);
  if (time === null && folded.includes(':')) return null;
  const before = time === null ? folded : folded.slice(0, time.index);
  const after = time === null ? '' : folded.slice(time.index + time[0].length);
  const clock = time === null ? { hour: 0, minute: 0, second: 0 } : clockOf(time, after);
  if (clock === null) return null;
  const zone = time === null ? { rest: '', offset: undefined } : zoneIn(after);
  const date = dateIn(`${before} ${zone.rest}`, AMERICAN.test(after));
  const local = date === null ? null : compose(date, clock);
  return local === null ? null : inZone(local, zone.offset, context);
}

const TIME = /(?:^|[\s,tu]|\b)(\d{1,2}):(\d{1,2})(?::(\d{1,2}))?(?:[.,:]\d{1,9})?(?![\d:])/;
/** "10.42", "10h42", "10:42h": only after the date, so that a date with dots is not taken for a time. */
const BARE_TIME = /(?<=\d{4}\.?,? (?:u |ora |ώρα |at )?)(\d{1,2})[.h](\d{2})(?:[.h](\d{2}))?(?=$|[ h])/;
/** `3:04 PM`, `EST`: whoever writes these writes the month first. */
const AMERICAN = /^\s*(?:[ap]\.?m\b|[ecmp][sd]t\b)/;

function clockOf(time: RegExpExecArray, after: string): Time | null {
  let hour = Number(time[1]);
  const half = /^\s*(?:([ap])\.?\s?m\b|([πμ])\.?\s?μ|(de|du)\b)/.exec(after);
  if (half !== null && hour <= 12) {
    const isAfternoon = half[1] === 'p' || half[2] === 'μ' || half[3] === 'du';
    hour = (hour % 12) + (isAfternoon ? 12 : 0);
  }
  if (hour > 24) return null;
  return { hour, minute: Number(time[2]), second: Number(time[3] ?? 0) };
}

/** An offset in minutes, an IANA zone, or undefined where none is named. */
type Offset = number | string | undefined;

function zoneIn(after: string): { readonly rest: string; readonly offset: Offset } {
  const text = after.replace(/^\s*(?:[ap]\.?\s?m\b\.?|[πμ]\.?\s?μ\.?|d[eu]\b\.?|h\b|uhr\b|casova\b|sati\b|ч\b)/, '');
  const iana = /\b([a-z]{2,12}\/[a-z_]{2,30}(?:\/[a-z_]{2,30})?)\b/.exec(text);
  if (iana !== null) return { rest: cut(text, iana), offset: iana[1]!.startsWith('etc/') ? 0 : iana[1]! };
  const numeric =
    /(?:(?:gmt|utc|ut|z)\s?)?([+-])\s?(\d{1,2}):?(\d{2})?(?!\d)/.exec(text) ?? /([+-])(\d)(\d{2})(?!\d)/.exec(text);
  if (numeric !== null) {
    const digits = `${numeric[2]}${numeric[3] ?? ''}`;
    const [hours, minutes] = digits.length === 3 ? [digits[0]!, digits.slice(1)] : [numeric[2]!, numeric[3] ?? '0'];
    if (Number(minutes) > 59) return { rest: '', offset: 9999 };
    return { rest: cut(text, numeric), offset: signed(numeric[1], hours, minutes) };
  }
  for (const word of text.matchAll(/(?<![a-z])[a-z]{1,5}(?![a-z])/g)) {
    const offset = ZONES[word[0]];
    if (offset !== undefined) return { rest: cut(text, word), offset };
  }
  return { rest: text, offset: undefined };
}

const cut = (text: string, match: RegExpMatchArray): string =>
  `${text.slice(0, match.index)} ${text.slice(match.index! + match[0].length)}`;

function inZone(local: number, offset: Offset, context: DateContext): number | null {
  if (typeof offset === 'number') return shifted(local, offset);
  const zone = offset === undefined ? zoneOfCountry(context.outletCountry) : capitalised(offset);
  return zone === null ? local : (localToInstant(local, zone) ?? local);
}

const capitalised = (zone: string): string =>
  zone.replace(/(^|[/_])([a-z])/g, (_, edge: string, letter: string) => edge + letter.toUpperCase());

/** The date in a text whose time and zone are taken out; American: month before day where both could be either. */
function dateIn(text: string, american: boolean): Parts | null {
  const words = text.match(/\p{L}+/gu) ?? [];
  const month = words.reduce((found, word) => monthOf(word) || found, 0);
  const numbers = (text.match(/\d+/g) ?? []).slice(0, 4);
  // MySQL's empty date comes out as the year −1.
  if (/(?:^|\s)-\d{3,}/.test(text) && !/(?<![-\d])\d{4}(?!\d)/.test(text)) return null;
  if (/\bw\d\d/.test(text)) return null;
  if (/\d{1,2}[./-] ?\d{1,2}[./-] ?\d{4}/.test(text)) return numericDate(text, numbers, american);
  // One letter in the place of a number ("Dec x 2012") makes the whole doubtful.
  if (month > 0) return /(?:^|\s)[x-z?](?:\s|$)/.test(text) ? null : namedMonth(month, numbers);
  if (words.some((word) => word.length > 1 && !isFiller(word))) {
    // A word in the place of the month that no language here knows: not a date ("16 zzz 2012").
    if (!/\d{1,4}[-./]\s?\d{1,2}[-./]/.test(text)) return null;
  }
  return numericDate(text, numbers, american);
}

const isFiller = (word: string): boolean => word.length <= 2 || /^(?:ora|dan|god|year)$/.test(word);

function namedMonth(month: number, numbers: readonly string[]): Parts | null {
  const yearAt = numbers.findIndex((digits) => digits.length === 4);
  if (yearAt >= 0) {
    const day = numbers.find((digits, index) => index !== yearAt && digits.length <= 2);
    return day === undefined && numbers.length > 1
      ? null
      : { year: Number(numbers[yearAt]), month, day: Number(day ?? 1) };
  }
  const [day, year] = numbers;
  if (day === undefined || year === undefined || year.length !== 2) return null;
  return { year: fullYear(year), month, day: Number(day) };
}

const fullYear = (digits: string): number =>
  digits.length > 2 ? Number(digits) : Number(digits) + (Number(digits) < 70 ? 2000 : 1900);

function numericDate(text: string, numbers: readonly string[], american: boolean): Parts | null {
  const [first, second, third] = numbers;
  if (first === undefined) return null;
  if (first.length === 8) return { year: +first.slice(0, 4), month: +first.slice(4, 6), day: +first.slice(6) };
  if (first.length === 4) {
    if (second === undefined) return /\d-$/.test(text.trim()) ? null : { year: +first, month: 1, day: 1 };
    if (second.length === 3) return ordinal(+first, +second);
    return { year: +first, month: +second, day: third === undefined ? 1 : +third };
  }
  if (second === undefined || third === undefined || first.length > 2 || second.length > 2) return null;
  const monthFirst = +second > 12 || (american && text.includes('/') && +first <= 12);
  return { year: fullYear(third), month: monthFirst ? +first : +second, day: monthFirst ? +second : +first };
}

function ordinal(year: number, dayOfYear: number): Parts | null {
  if (dayOfYear < 1 || dayOfYear > 366) return null;
  const date = new Date(Date.UTC(year, 0, dayOfYear));
  return { year, month: date.getUTCMonth() + 1, day: date.getUTCDate() };
}

/** Unix time in seconds or milliseconds, or digits run together: `20250401`, `20250401104200`. */
function fromDigits(text: string, context: DateContext): number | null {
  const digits = text.replace(/\..*$/, '');
  if (digits.length === 8 || digits.length === 14 || digits.length === 12) {
    const at = (from: number) => Number(digits.slice(from, from + 2) || 0);
    const local = compose(
      { year: +digits.slice(0, 4), month: at(4), day: at(6) },
      { hour: at(8), minute: at(10), second: at(12) },
    );
    if (local !== null) return inZone(local, undefined, context);
  }
  if (digits.length === 4 && text === digits) return Date.UTC(+digits, 0, 1);
  if (digits.length === 9 || digits.length === 10) return Number(text) * 1000;
  return digits.length === 13 ? Number(text) : null;
}
