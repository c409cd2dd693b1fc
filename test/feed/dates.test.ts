import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readDate } from '../../src/feed/dates.ts';

const means = (rows: readonly (readonly [string, string | null])[], context = {}) => {
  for (const [text, instant] of rows) {
    it(`"${text.trim()}" is ${instant ?? 'no date'}`, () => {
      expect(readDate(text, context)).toBe(instant === null ? null : new Date(instant).toISOString());
    });
  }
};

describe('dates as mail writes them, with every sin', () => {
  means([
    ['Wed, 12 Mar 2025 08:30:00 +0100', '2025-03-12T07:30:00Z'],
    ['12 Mar 2025 08:30 GMT', '2025-03-12T08:30:00Z'],
    ['Wed, 12 Mar 25 08:30:00 EST', '2025-03-12T13:30:00Z'],
    ['Wed,12 March,2025  8:30:00 -0000', '2025-03-12T08:30:00Z'],
    ['Wed Mar 12 08:30:00 CET 2025', '2025-03-12T07:30:00Z'],
    ['Wed Mar 12 2025 08:30:00 GMT+0100 (Central European Standard Time)', '2025-03-12T07:30:00Z'],
    ['Wed, Mar 12, 2025 08:30:00 PM GMT', '2025-03-12T20:30:00Z'],
    ['Wed, 12 Mar 2025 24:00:00 GMT', '2025-03-13T00:00:00Z'],
    ['Wed, 12 Mar 2025 08:30:00 UTC+02:00', '2025-03-12T06:30:00Z'],
    ['Wed, 12 Mar 2025 08:30:00 +1', '2025-03-12T07:30:00Z'],
    ['Wed, 12 Mar 2025 08:30:00 Europe/Athens', '2025-03-12T06:30:00Z'],
  ]);
});

describe('dates as ISO 8601 writes them, and nearly', () => {
  means([
    ['2025-03-12T08:30:00.123456+01:00', '2025-03-12T07:30:00Z'],
    ['2025-03-12t08:30:00z', '2025-03-12T08:30:00Z'],
    ['2025-03-12 08:30', '2025-03-12T08:30:00Z'],
    ['2025-03-12T8:30+0530', '2025-03-12T03:00:00Z'],
    ['2025/03/12 08:30:00', '2025-03-12T08:30:00Z'],
    ['2025-03', '2025-03-01T00:00:00Z'],
    ['2025-071', '2025-03-12T00:00:00Z'],
    ['20250312', '2025-03-12T00:00:00Z'],
    ['1741768200', '2025-03-12T08:30:00Z'],
    ['1741768200000', '2025-03-12T08:30:00Z'],
  ]);
});

describe('month names of the region', () => {
  const months: readonly (readonly [number, string])[] = [
    ...([
      [1, 'januar'],
      [1, 'јануара'],
      [1, 'siječnja'],
      [1, 'януари'],
      [1, 'Ιανουαρίου'],
      [1, 'Ocak'],
      [1, 'ianuarie'],
    ] as const),
    ...([
      [2, 'veljače'],
      [2, 'фебруара'],
      [2, 'Φεβρουαρίου'],
      [2, 'Şubat'],
      [2, 'február'],
      [2, 'shkurt'],
    ] as const),
    ...([
      [3, 'ožujka'],
      [3, 'марта'],
      [3, 'Μαρτίου'],
      [3, 'Mart'],
      [3, 'március'],
      [3, 'martie'],
      [3, 'mars'],
    ] as const),
    ...([
      [4, 'travnja'],
      [4, 'априла'],
      [4, 'Nisan'],
      [4, 'április'],
      [4, 'Prill'],
    ] as const),
    ...([
      [5, 'svibnja'],
      [5, 'maja'],
      [5, 'мај'],
      [5, 'май'],
      [5, 'Μαΐου'],
      [5, 'Mayıs'],
      [5, 'május'],
    ] as const),
    ...([
      [6, 'lipnja'],
      [6, 'јуна'],
      [6, 'юни'],
      [6, 'Ιουνίου'],
      [6, 'Haziran'],
      [6, 'június'],
      [6, 'qershor'],
    ] as const),
    ...([
      [7, 'srpnja'],
      [7, 'јула'],
      [7, 'юли'],
      [7, 'Ιουλίου'],
      [7, 'Temmuz'],
      [7, 'július'],
      [7, 'korrik'],
    ] as const),
    ...([
      [8, 'kolovoza'],
      [8, 'avgusta'],
      [8, 'август'],
      [8, 'Αυγούστου'],
      [8, 'Ağustos'],
      [8, 'gusht'],
    ] as const),
    ...([
      [9, 'rujna'],
      [9, 'септембра'],
      [9, 'Σεπτεμβρίου'],
      [9, 'Eylül'],
      [9, 'shtator'],
    ] as const),
    ...([
      [10, 'listopada'],
      [10, 'октобра'],
      [10, 'Οκτωβρίου'],
      [10, 'Ekim'],
      [10, 'tetor'],
    ] as const),
    ...([
      [11, 'studenoga'],
      [11, 'новембра'],
      [11, 'Νοεμβρίου'],
      [11, 'Kasım'],
      [11, 'nëntor'],
      [11, 'noiembrie'],
    ] as const),
    ...([
      [12, 'prosinca'],
      [12, 'децембра'],
      [12, 'Δεκεμβρίου'],
      [12, 'Aralık'],
      [12, 'dhjetor'],
    ] as const),
  ];
  means(
    months.map(([month, name]) => [`14. ${name} 2025. 09:05`, `2025-${String(month).padStart(2, '0')}-14T09:05:00Z`]),
  );
  means([
    ['mar, 14 oct. 2025 09:05:00 +0300', '2025-10-14T06:05:00Z'],
    ['uto, 14 okt 2025 09:05:00 +0200', '2025-10-14T07:05:00Z'],
    ['2025. október 14. 9:05', '2025-10-14T09:05:00Z'],
    ['14/10/2025 09:05 μμ', '2025-10-14T21:05:00Z'],
    ['14.10.2025. u 09:05h', '2025-10-14T09:05:00Z'],
    ['10/04/2025 09:05:00 AM', '2025-10-04T09:05:00Z'],
  ]);
});

describe('a time without a zone', () => {
  means(
    [
      ['2025-07-01 10:00:00', '2025-07-01T08:00:00Z'],
      ['1. januara 2025. 10:00', '2025-01-01T09:00:00Z'],
    ],
    { outletCountry: 'RS' },
  );
  means(
    [
      ['2025-07-01 10:00:00', '2025-07-01T07:00:00Z'],
      ['2025-07-01T10:00:00Z', '2025-07-01T10:00:00Z'],
    ],
    { outletCountry: 'GR' },
  );
  means([['30.03.2025 03:30', '2025-03-30T01:30:00Z']], { outletCountry: 'HR' });
});

describe('what is no date', () => {
  means([
    ...[
      '',
      'juče',
      'N/A',
      '0',
      '42',
      '0000-00-00 00:00:00',
      'Thu, 01 Jan 1970 00:00:00 GMT',
      'Wed, 30 Nov -0001 00:00:00 +0000',
    ].map((text) => [text, null] as const),
    ...[
      '31.02.2025 10:00',
      '2025-13-01',
      '2025-03-12T25:00:00Z',
      '12 Foo 2025 08:30 GMT',
      '2025-03-12T08:30:00+99:99',
      'x'.repeat(5_000),
    ].map((text) => [text, null] as const),
  ]);

  it('is what lies more than a day ahead of now, and nothing when no now is given', () => {
    const now = Date.UTC(2025, 3, 1);
    expect(readDate('2025-04-01T23:00:00Z', { now })).toBe('2025-04-01T23:00:00.000Z');
    expect(readDate('2025-04-02T00:00:01Z', { now })).toBeNull();
    expect(readDate('2099-04-02T00:00:01Z')).toBe('2099-04-02T00:00:01.000Z');
  });
});

it('any text gives an ISO date after 1990 or null, and the date it gives is read as itself', () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.string(), fc.stringMatching(/^[\d :.,/+TZ-]{4,30}$/), fc.date({ noInvalidDate: true }).map(String)),
      (text) => {
        const date = readDate(text);
        if (date === null) return;
        expect(new Date(date).getTime()).toBeGreaterThanOrEqual(Date.UTC(1990, 0, 1));
        expect(readDate(date)).toBe(date);
      },
    ),
    { numRuns: 2_000 },
  );
});
