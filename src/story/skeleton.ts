/**
 * How a name sounds, for comparing spellings: `Szalay-Bobrovniczky`, `Салаи-Бобровницки` and `Salai-Bobrovnicki`, `Hovenier` and
 * `Ховенијер`, `Lambrecht` and `Λάμπρεχτ` are one name each. Two forms of different strength are made of a folded word: the sound
 * (vowels kept, spellings of one sound merged) and the skeleton (consonants alone, voiced and voiceless as one).
 */

/** Spellings of one sound, longest first; the order matters. */
const SOUNDS: readonly (readonly [RegExp, string])[] = [
  [/tsch|dzh|tch|cs|cz|sz|zs|sh|zh|xh|ch(?=[eiou])|ts|tz|dz|dj|gj/g, 's'],
  [/kh|ch/g, 'h'],
  [/ph/g, 'f'],
  [/th/g, 't'],
  [/dh/g, 'd'],
  [/q(?=[iu]?$)/g, 's'],
  [/ck(?=[iaou])/g, 'sk'],
  [/q|ck|kj/g, 'k'],
  [/x/g, 'ks'],
  [/w/g, 'v'],
  [/[yj]/g, 'i'],
  [/[zc]/g, 's'],
  [/ou/g, 'u'],
  [/(.)\1+/g, '$1'],
];

const sounds = new Map<string, string>();

/**
 * The sound of a folded word: `bayraktar` and `bajraktar` give `bairaktar`, `szalay` and `salai` give `salai`. A `c` before a back
 * vowel or a consonant is read as k (English, Romanian), elsewhere as s (the ц, č, ć of Slavic names).
 */
export function soundOf(fold: string): string {
  const known = sounds.get(fold);
  if (known !== undefined) return known;
  let s = fold.replace(/c(?=[aourtl])/g, 'k');
  for (const [from, to] of SOUNDS) s = s.replace(from, to);
  if (sounds.size > 100_000) sounds.clear();
  sounds.set(fold, s);
  return s;
}

const CLASS: Readonly<Record<string, string>> = {
  ...{ b: 'p', p: 'p', v: 'f', f: 'f', d: 't', t: 't', g: 'k', k: 'k' },
  ...{ s: 's', m: 'm', n: 'n', r: 'r', l: 'l', h: 'h' },
};

/**
 * The consonants of a folded word by class, with a leading `a` where the word begins with a vowel, at most `length` signs so that
 * endings fall off: `bobrovniczky` and `bobrovnicki` give `prfnsk`.
 */
export function skeletonOf(fold: string, length: number): string {
  const sound = soundOf(fold);
  let out = /^[aeiou]/.test(sound) ? 'a' : '';
  for (let i = 0; i < sound.length; i++) {
    // Greek writes b, d and g as mp, nt and gk, so that Lambrecht and Labrecht cannot be told apart: the nasal goes.
    const next = CLASS[sound[i + 1] ?? ''];
    if ((sound[i] === 'm' && next === 'p') || (sound[i] === 'n' && (next === 't' || next === 'k'))) continue;
    const c = CLASS[sound[i]!];
    if (c !== undefined && c !== out.at(-1)) out += c;
    if (out.length >= length) break;
  }
  return out;
}
