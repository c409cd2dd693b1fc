import { expect, test } from 'vitest';
import { sayReason } from '../../src/readnext/reasons.ts';
import { type Neighbour, scoreCandidate } from '../../src/readnext/score.ts';
import { storyFeatures } from '../../src/story/features.ts';

type Tags = Neighbour['tags'];
const item = (title: string, tags: Tags, publishedAt = '2025-04-01T10:00:00Z'): Neighbour => ({
  tags,
  features: storyFeatures({ lang: 'en', title, summary: null, publishedAt, tags }),
});
const beat = (countries: string[], cooperation: Tags['cooperation']): Tags => ({
  topic: 'defence-cooperation',
  countries,
  cooperation,
  orgs: [],
});
const article = item('Croatia hosts a drill with Slovenia', beat(['HR', 'SI'], ['exercise']));
const words = (candidate: Neighbour): string[] => scoreCandidate(article, candidate).reasons.map(sayReason);

test('two of the article’s states in a report of defence count more than one of them in politics, and that more than none', () => {
  const both = scoreCandidate(
    article,
    item('Ministers meet at the border', beat(['HR', 'SI'], ['visit']), '2025-03-01T10:00:00Z'),
  );
  const one = scoreCandidate(
    article,
    item(
      'Early vote looms',
      { topic: 'politics', countries: ['HR'], cooperation: [], orgs: [] },
      '2025-03-01T10:00:00Z',
    ),
  );
  const none = scoreCandidate(
    article,
    item(
      'Bread grows dearer',
      { topic: 'other', countries: ['GR'], cooperation: [], orgs: [] },
      '2025-03-01T10:00:00Z',
    ),
  );
  expect(both.score).toBeGreaterThan(one.score);
  expect(one.score).toBeGreaterThan(none.score);
});

test('a candidate of more than 120 days ago counts one grade lower', () => {
  const near = scoreCandidate(
    article,
    item('Engineers train on the coast', beat(['HR', 'IT'], ['exercise']), '2025-01-01T10:00:00Z'),
  );
  const far = scoreCandidate(
    article,
    item('Engineers train on the coast', beat(['HR', 'IT'], ['exercise']), '2024-11-01T10:00:00Z'),
  );
  expect(near.score - far.score).toBeGreaterThan(1);
});

test('reasons are said in words', () => {
  expect(words(item('Ministers meet at the border', beat(['HR', 'SI'], ['visit'])))).toContain(
    'both about Croatia and Slovenia',
  );
  expect(words(item('Engineers train on the coast', beat(['HR', 'IT'], ['exercise'])))).toContain(
    'also an exercise with Croatia',
  );
  expect(words(item('Pilots train in Souda', beat(['GR', 'US'], ['exercise'])))).toContain('also an exercise');
  expect(
    words(item('Early vote looms', { topic: 'politics', countries: ['HR'], cooperation: [], orgs: [] })),
  ).toContain('politics in Croatia');
});

test('the score is the same whatever is scored before it', () => {
  const candidate = item('Ministers meet at the border', beat(['HR', 'SI'], ['visit']));
  const first = scoreCandidate(article, candidate);
  scoreCandidate(candidate, article);
  expect(scoreCandidate(article, candidate)).toEqual(first);
});
