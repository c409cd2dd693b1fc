/**
 * Host labels outside ASCII as `xn--…` (RFC 3492), by the same arithmetic as the SQL twin: the address key must not depend on
 * which version of the Unicode tables a runtime carries, so case is folded by the fixed table below and nothing else is mapped.
 */
const LETTERS: readonly (readonly [number, number])[] = [
  [0xc0, 0x17f], // Latin-1 and Latin Extended-A
  [0x370, 0x3ff], // Greek
  [0x400, 0x52f], // Cyrillic
];

/** Capital letters of the region's scripts and, at the same place, their small ones (for SQL `translate`). */
export const CASE_FOLD: { readonly capitals: string; readonly smalls: string } = (() => {
  let capitals = '';
  let smalls = '';
  for (const [first, last] of LETTERS) {
    for (let code = first; code <= last; code++) {
      const capital = String.fromCharCode(code);
      const small = capital.toLowerCase();
      if (small === capital || small.length !== 1) continue;
      capitals += capital;
      smalls += small;
    }
  }
  return { capitals, smalls };
})();

const FOLDED = new Map(Array.from(CASE_FOLD.capitals, (capital, i) => [capital, CASE_FOLD.smalls[i]!]));

/** A host name with every label in ASCII; labels that are ASCII already stay as they are. */
export function asciiHost(host: string): string {
  const folded = Array.from(host.replace(/[\u3002\uff0e\uff61]/g, '.'), (c) => FOLDED.get(c) ?? c).join('');
  return folded
    .split('.')
    .map((label) => (/^[\u0001-\u007f]*$/.test(label) ? label : `xn--${punycode(label)}`))
    .join('.');
}

/** RFC 3492, section 6.3, with the parameters of section 5. */
function punycode(label: string): string {
  const codes = Array.from(label, (c) => c.codePointAt(0)!);
  let out = codes
    .filter((c) => c < 0x80)
    .map((c) => String.fromCharCode(c))
    .join('');
  const basic = out.length;
  if (basic > 0) out += '-';
  let next = 0x80;
  let delta = 0;
  let bias = 72;
  let handled = basic;
  while (handled < codes.length) {
    const smallest = Math.min(...codes.filter((c) => c >= next));
    delta += (smallest - next) * (handled + 1);
    next = smallest;
    for (const code of codes) {
      if (code < next) delta++;
      if (code !== next) continue;
      out += variableLength(delta, bias);
      bias = adaptedBias(delta, handled + 1, handled === basic);
      delta = 0;
      handled++;
    }
    delta++;
    next++;
  }
  return out;
}

function variableLength(delta: number, bias: number): string {
  let out = '';
  let rest = delta;
  for (let k = 36; ; k += 36) {
    const threshold = k <= bias ? 1 : k >= bias + 26 ? 26 : k - bias;
    if (rest < threshold) return out + digit(rest);
    out += digit(threshold + ((rest - threshold) % (36 - threshold)));
    rest = Math.floor((rest - threshold) / (36 - threshold));
  }
}

function adaptedBias(delta: number, points: number, first: boolean): number {
  let rest = first ? Math.floor(delta / 700) : Math.floor(delta / 2);
  rest += Math.floor(rest / points);
  let k = 0;
  while (rest > 455) {
    rest = Math.floor(rest / 35);
    k += 36;
  }
  return k + Math.floor((36 * rest) / (rest + 38));
}

const digit = (value: number): string => 'abcdefghijklmnopqrstuvwxyz0123456789'[value]!;
