/** The civil time of each country whose outlets write local time without saying so; capitals where a country has several. */
const BY_COUNTRY: Readonly<Record<string, string>> = {
  ...{
    AL: 'Europe/Tirane',
    AT: 'Europe/Vienna',
    BA: 'Europe/Sarajevo',
    BE: 'Europe/Brussels',
    BG: 'Europe/Sofia',
    CH: 'Europe/Zurich',
    CY: 'Asia/Nicosia',
  },
  ...{
    CZ: 'Europe/Prague',
    DE: 'Europe/Berlin',
    DK: 'Europe/Copenhagen',
    ES: 'Europe/Madrid',
    FR: 'Europe/Paris',
    GB: 'Europe/London',
    GR: 'Europe/Athens',
  },
  ...{
    HR: 'Europe/Zagreb',
    HU: 'Europe/Budapest',
    IT: 'Europe/Rome',
    MD: 'Europe/Chisinau',
    ME: 'Europe/Podgorica',
    MK: 'Europe/Skopje',
    NL: 'Europe/Amsterdam',
  },
  ...{
    PL: 'Europe/Warsaw',
    RO: 'Europe/Bucharest',
    RS: 'Europe/Belgrade',
    RU: 'Europe/Moscow',
    SI: 'Europe/Ljubljana',
    SK: 'Europe/Bratislava',
  },
  ...{ TR: 'Europe/Istanbul', UA: 'Europe/Kyiv', US: 'America/New_York', XK: 'Europe/Belgrade' },
};

const formats = new Map<string, Intl.DateTimeFormat | null>();

function formatOf(zone: string): Intl.DateTimeFormat | null {
  let format = formats.get(zone);
  if (format === undefined) {
    try {
      format = new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'longOffset' });
    } catch {
      format = null;
    }
    if (formats.size < 500) formats.set(zone, format);
  }
  return format;
}

function offsetAt(format: Intl.DateTimeFormat, instant: number): number {
  const name = format.formatToParts(instant).find((part) => part.type === 'timeZoneName')?.value ?? 'GMT';
  const match = /GMT(?:([+-])(\d\d):(\d\d))?/.exec(name);
  if (match?.[1] === undefined) return 0;
  return (match[1] === '-' ? -1 : 1) * (Number(match[2]) * 60 + Number(match[3]));
}

/** The instant (ms) at which clocks in an IANA zone show this local time (ms as if UTC), or null for an unknown zone. */
export function localToInstant(local: number, zone: string): number | null {
  const format = formatOf(zone);
  if (format === null) return null;
  const guess = local - offsetAt(format, local) * 60_000;
  return local - offsetAt(format, guess) * 60_000;
}

/** The IANA zone of a country (ISO 3166-1 alpha-2, `XK` for Kosovo), or null. */
export const zoneOfCountry = (country: string | undefined): string | null =>
  country === undefined ? null : (BY_COUNTRY[country.toUpperCase()] ?? null);
