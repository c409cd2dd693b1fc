import { describe, expect, test } from 'vitest';
import { eachLine, lexiconLanguages, lexiconText, SENSES } from '../../src/tag/lexicon.ts';
import { createMatcher } from '../../src/tag/matcher.ts';

/** What is allowed as the value of a sense; the others take a slug or nothing. */
const VALUES: Record<string, RegExp> = {
  country: /^[A-Z]{2}$/,
  demonym: /^[A-Z]{2}$/,
  capital: /^[A-Z]{2}$/,
  unit: /^([A-Z]{2})?$/,
  person: /^[A-Z]{2} (president|pm|fm|defmin|chief|interior|speaker|ambassador|general|politician)\b/,
  org: /^(nato|eu|un|osce|kfor|eufor|eda|b9|a5|sedm|med9|csto|v4)$/,
};

describe.each(lexiconLanguages())('the %s lexicon', (lang) => {
  const text = lexiconText(lang);

  test('has a known sense and a fitting value on every line', () => {
    const faults: string[] = [];
    eachLine(text, (_from, _to, meaning, line) => {
      const [sense = '', value = ''] = meaning.split('\t');
      if (!(SENSES as readonly string[]).includes(sense)) faults.push(`${lang}.tsv:${line} "${sense}" is no sense`);
      else if (!(VALUES[sense] ?? /^[\w .:/-]*$/).test(value.trim()))
        faults.push(`${lang}.tsv:${line} ${sense} "${value}"`);
    });
    expect(faults).toEqual([]);
  });

  test('has patterns that can be read', () => {
    const matcher = createMatcher();
    const faults: string[] = [];
    eachLine(text, (from, to, _meaning, line) => {
      try {
        matcher.add(text, from, to, line);
      } catch (error) {
        faults.push(`${lang}.tsv:${line} ${text.slice(from, to)}: ${(error as Error).message}`);
      }
    });
    expect(faults).toEqual([]);
  });
});

test('all fourteen files are there', () => {
  expect(lexiconLanguages()).toEqual('bg bs cnr el en hr hu mk ro sl sq sr tr xx'.split(' '));
});
