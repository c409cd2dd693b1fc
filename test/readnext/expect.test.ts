import { expect, test } from 'vitest';
import { keepable, likelyGrades, likelyOf } from '../../src/readnext/expect.ts';
import { rankReadNext } from '../../src/readnext/rank.ts';
import { weighSoftly } from '../../src/tag/tagger.ts';
import type { SoftTags, Tags } from '../../src/tag/tags.ts';

type Given = Pick<Tags, 'topic' | 'countries' | 'cooperation'>;
const sure = (topic: Tags['topic'], countries: string[], cooperation: Tags['cooperation'] = []) =>
  likelyOf({ tags: { topic, countries, cooperation } satisfies Given });
const article = sure('defence-cooperation', ['RS', 'HU'], ['agreement']);

test.each([
  ['two of its states in security', sure('security', ['HU', 'RS']), { two: 1, one: 0 }],
  ['two of its states in politics', sure('politics', ['HU', 'RS']), { two: 0, one: 1 }],
  ['its kind with one of its states', sure('defence-cooperation', ['RS', 'FR'], ['agreement']), { two: 1, one: 0 }],
  ['its kind elsewhere', sure('defence-cooperation', ['GR', 'FR'], ['agreement']), { two: 0, one: 1 }],
  ['one of its states', sure('defence', ['RS']), { two: 0, one: 1 }],
  ['one of its states in sport', sure('other', ['RS']), { two: 0, one: 0 }],
  ['nothing of it', sure('defence', ['GR']), { two: 0, one: 0 }],
] as const)('sure tags give the grades of the table: %s', (_, candidate, grades) => {
  expect(likelyGrades(article, candidate)).toEqual(grades);
});

const soft: SoftTags = {
  topics: { 'defence-cooperation': 0.6, defence: 0.2, security: 0, politics: 0.1, other: 0.1 },
  countries: { RS: 0.9, HU: 0.5 },
  cooperation: { agreement: 0.5 } as SoftTags['cooperation'],
  orgs: [],
};

test('what is uncertain counts by its likelihood: a second state that may take part makes half of a grade 2', () => {
  const tags: Given = { topic: 'defence-cooperation', countries: ['RS'], cooperation: [] };
  const { two, one } = likelyGrades(article, likelyOf({ tags, soft }));
  // both states 0.45, one 0.5, none 0.05; hard 0.8, politics 0.1; the kind 0.3
  expect(two).toBeCloseTo(0.45 * 0.8 + 0.5 * 0.3);
  expect(one).toBeCloseTo(0.45 * 0.1 + 0.5 * (0.8 + 0.1 - 0.3) + 0.05 * 0.3);
});

test('likelihoods are stored short and lose nothing that matters', () => {
  const full = weighSoftly({
    title: 'Serbia and Hungary sign military cooperation plan',
    summary: 'Ministers met in Belgrade.',
  });
  const kept = keepable(full);
  expect(JSON.stringify(kept).length).toBeLessThan(400);
  for (const [country, p] of Object.entries(full.countries)) expect(kept.countries[country] ?? 0).toBeCloseTo(p, 1);
  expect(kept.topics['defence-cooperation']).toBeCloseTo(full.topics['defence-cooperation'], 2);
});

test('an article of any other news gets what resembles it, from a pool in any language', () => {
  const list = rankReadNext(
    {
      id: 'q',
      title: 'Strong quake shakes northern Peru',
      summary: 'A magnitude 6.8 earthquake struck Tarapoto, damaging hundreds of homes.',
      publishedAt: '2025-05-14T03:00:00Z',
    },
    [
      {
        id: 'iceland',
        title: 'Cutremur de 5,1 în Islanda',
        summary: 'Seismul a fost resimțit vineri la Reykjavik.',
        publishedAt: '2025-05-15T08:00:00Z',
      },
      {
        id: 'tennis',
        title: 'Alcaraz cruises past Fils',
        summary: 'The Spaniard needed only 68 minutes.',
        publishedAt: '2025-05-14T17:00:00Z',
      },
    ],
    2,
  );
  expect(list[0]).toBe('iceland');
});
