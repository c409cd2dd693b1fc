import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readEveryday, readGold } from '../../scripts/gold.ts';
import { f1, figures, relevantScore, setScore } from '../../scripts/score.ts';
import { conceptsOf } from '../../src/tag/concepts.ts';
import { TAGGER_VERSION, tagItem, weighSoftly } from '../../src/tag/tagger.ts';
import { COOPERATION, type TagInput, TOPICS } from '../../src/tag/tags.ts';

const gold = readGold();
const said = gold.map((item) => ({ item, tags: tagItem(asInput(item)) }));

/** What a feed brings: no language is given. */
function asInput({ title, summary, outletCountry }: TagInput): TagInput {
  return { title, summary, outletCountry: outletCountry ?? null };
}

/** The item with every name of a person that the lexicon knows taken out of its text. */
function withoutNames(item: TagInput): TagInput {
  const blank = { title: item.title, summary: item.summary };
  for (const { concept, field, start, end } of [...conceptsOf(asInput(item))].sort((a, b) => b.start - a.start)) {
    const text = blank[field];
    if (concept.startsWith('person:') && text !== null) blank[field] = `${text.slice(0, start)}N.${text.slice(end)}`;
  }
  return { ...asInput(item), ...blank };
}

describe('an item of the beat', () => {
  const tags = tagItem({
    title: 'Srbija i Mađarska počele zajedničku vojnu vežbu kod Subotice',
    summary: 'U vežbi učestvuje 300 vojnika dve zemlje.',
    outletCountry: 'RS',
  });

  test('is relevant, with its parties, its kind and a kicker in its own language', () => {
    expect(tags).toMatchObject({ lang: 'sr-Latn', topic: 'defence-cooperation', relevant: true, kicker: 'Srbija' });
    expect([...tags.countries].sort()).toEqual(['HU', 'RS']);
    expect(tags.cooperation).toContain('exercise');
    expect(tags.relevance).toBeGreaterThan(0.9);
  });

  test('says which words gave each tag', () => {
    for (const tag of [tags.topic, ...tags.countries, ...tags.cooperation, ...tags.orgs]) {
      expect(tags.evidence.find((e) => e.tag === tag)?.words.length).toBeGreaterThan(0);
    }
    const serbia = tags.evidence.find((e) => e.tag === 'RS')!;
    expect(serbia.words[0]).toEqual({ field: 'title', start: 0, end: 6, text: 'Srbija' });
  });

  test('is tagged alike in Cyrillic', () => {
    const cyrillic = tagItem({
      title: 'Србија и Мађарска почеле заједничку војну вежбу код Суботице',
      summary: 'У вежби учествује 300 војника две земље.',
      outletCountry: 'RS',
    });
    expect(cyrillic).toMatchObject({
      lang: 'sr-Cyrl',
      topic: tags.topic,
      cooperation: tags.cooperation,
      kicker: 'Србија',
    });
    expect(cyrillic.countries).toEqual(tags.countries);
  });
});

test('evidence is cut out of the text as given, whatever the text', () => {
  const pieces = fc.array(
    fc.oneof(
      fc.string({ unit: 'grapheme' }),
      fc.constantFrom(' ', 'НАТО', 'Βούτσιτς ', '🚀', 'vojska ', 'ministar odbrane '),
    ),
    { maxLength: 30 },
  );
  const texts = pieces.map((parts) => parts.join(''));
  fc.assert(
    fc.property(texts, texts, (title, summary) => {
      for (const { words } of tagItem({ title, summary }).evidence) {
        for (const { field, start, end, text } of words) {
          expect((field === 'title' ? title : summary).slice(start, end)).toBe(text);
        }
      }
    }),
  );
});

test('an alliance of neither arms nor soldiers is not NATO', () => {
  const orgs = (title: string) => tagItem({ title, summary: null, outletCountry: 'ME' }).orgs;
  expect(orgs('Alijansa hotelijera očekuje rekordnu sezonu')).toEqual([]);
  expect(orgs('Alijansa šalje još vojnika na Kosovo')).toEqual(['nato']);
});

test('soft tags are likelihoods that agree with the tags told', () => {
  for (const item of gold.slice(0, 300)) {
    const soft = weighSoftly(asInput(item));
    const tags = tagItem(asInput(item));
    expect(Object.keys(soft.topics)).toEqual(TOPICS);
    expect(Object.values(soft.topics).reduce((a, b) => a + b, 0)).toBeCloseTo(1, 6);
    expect(soft.topics['defence-cooperation']).toBe(tags.relevance);
    for (const country of tags.countries) expect(soft.countries[country]).toBeGreaterThan(0.2);
    const told = COOPERATION.filter((kind) => tags.cooperation.includes(kind)).map((kind) => soft.cooperation[kind]);
    const untold = COOPERATION.filter((kind) => !tags.cooperation.includes(kind)).map((kind) => soft.cooperation[kind]);
    if (tags.relevant) expect(Math.min(...told)).toBeGreaterThanOrEqual(Math.max(...untold));
    expect(soft.orgs).toEqual(tags.orgs);
  }
});

test('an empty item is nothing in particular', () => {
  expect(tagItem({ title: null, summary: null })).toMatchObject({
    lang: 'und',
    relevant: false,
    countries: [],
    orgs: [],
    kicker: null,
  });
});

test('the version is a short hash', () => {
  expect(TAGGER_VERSION).toMatch(/^[0-9a-f]{12}$/);
});

test('kinds of cooperation are told of relevant items alone', () => {
  for (const { tags } of said) {
    if (tags.relevant) expect(tags.cooperation.length).toBeGreaterThan(0);
    else expect(tags.cooperation).toEqual([]);
  }
});

test('without any name of a person little is lost', () => {
  const blanked = gold.map((item) => ({ item, tags: tagItem(withoutNames(item)) }));
  const [full, bare] = [figures(said), figures(blanked)];
  console.log('with names', full, 'without', bare);
  expect(f1(relevantScore(blanked))).toBeGreaterThan(f1(relevantScore(said)) - 0.03);
  expect(f1(setScore(blanked, 'cooperation'))).toBeGreaterThan(f1(setScore(said, 'cooperation')) - 0.04);
  // A minister named alone stands for the state, so parties are what names carry.
  expect(f1(setScore(blanked, 'countries'))).toBeGreaterThan(f1(setScore(said, 'countries')) - 0.08);
});

test('everyday news raises at most one false alarm', () => {
  const alarms = readEveryday().filter((item) => tagItem(asInput(item)).relevant);
  expect(alarms.map(({ title }) => title).length).toBeLessThanOrEqual(1);
});
