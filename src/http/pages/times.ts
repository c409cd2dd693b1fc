import { type Html, html } from './html.ts';

const formats = new Map<string, Intl.DateTimeFormat>();

/** A format that is made once: making one takes longer than a page. */
function format(timeZone: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${timeZone} ${JSON.stringify(options)}`;
  const known = formats.get(key) ?? new Intl.DateTimeFormat('en-GB', { timeZone, ...options });
  formats.set(key, known);
  return known;
}

/** `14:05` */
export const clock = (at: Date, timeZone: string): string =>
  format(timeZone, { hour: '2-digit', minute: '2-digit' }).format(at);

/** `24 Nov 2026` */
export const shortDay = (at: Date, timeZone: string): string =>
  format(timeZone, { day: 'numeric', month: 'short', year: 'numeric' }).format(at);

/** `Tuesday 24 November 2026` */
export const longDay = (at: Date, timeZone: string): string =>
  format(timeZone, { weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' }).format(at).replace(',', '');

/** `20–24 November 2026`, with as much of the first day as differs from the second. */
export const dayRange = (from: Date, to: Date, timeZone: string): string =>
  format(timeZone, { day: 'numeric', month: 'long', year: 'numeric' }).formatRange(from, to);

/** `2026-11-24`, the day of a moment in the zone. */
export const dayKey = (at: Date, timeZone: string): string => {
  const parts = format(timeZone, { year: 'numeric', month: '2-digit', day: '2-digit' }).formatToParts(at);
  const of = (type: string) => parts.find((part) => part.type === type)?.value ?? '';
  return `${of('year')}-${of('month')}-${of('day')}`;
};

/** `<time>` with the hour of the day. */
export const timeTag = (at: Date, timeZone: string, className = 'time'): Html =>
  html`<time class="${className}" datetime="${at.toISOString()}">${clock(at, timeZone)}</time>`;

/** `<time>` with day and hour. */
export const dayTag = (at: Date, timeZone: string, className = 'day'): Html =>
  html`<time class="${className}" datetime="${at.toISOString()}">${shortDay(at, timeZone)}, ${clock(at, timeZone)}</time>`;
