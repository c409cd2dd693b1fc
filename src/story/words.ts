import { BREAK, foldedWord, readWords } from '../tag/fold.ts';

/** One word of a text as compared, with what its spelling says. */
export type Word = {
  /** Folded to `a-z0-9` by the tag room; never empty. */
  readonly fold: string;
  /** The word as written, for evidence. */
  readonly text: string;
  /** UTF-16 offset in the text. */
  readonly start: number;
  readonly capital: boolean;
  readonly acronym: boolean;
  /** First word of a sentence, after a quote or a colon: a capital says little there. */
  readonly first: boolean;
  /** Hangs on the word before by an apostrophe: a case ending (`NATO'nun`), or an elided word. */
  readonly ending: boolean;
  /** Hangs on the word before by a hyphen (`F-16`, `MAP-i`, `Szalay-Bobrovniczky`). */
  readonly joined: boolean;
};

const OPENS = BREAK.sentence | BREAK.colon | BREAK.quote;

/** The words of a text in order. Pure; linear in the text. */
export function wordsOf(text: string): readonly Word[] {
  const read = readWords(text);
  const words: Word[] = [];
  for (let i = 0; i < read.count; i++) {
    const start = read.start[i]!;
    const between = i === 0 ? '' : read.text.slice(read.end[i - 1]!, start);
    words.push({
      fold: foldedWord(read, i),
      text: read.text.slice(start, read.end[i]!),
      start,
      capital: read.capital[i]! > 0,
      acronym: read.capital[i]! === 2,
      first: (read.before[i]! & OPENS) !== 0,
      ending: between === "'" || between === '’',
      joined: between === '-' || between === '‑',
    });
  }
  return words;
}
