import { foldText } from './fold.ts';

/**
 * The skeleton of a name: what stays of it in any language's spelling and case ending that follows the stem. Consonants of the
 * folded form with the digraphs of English, Albanian, Turkish and Hungarian spelling made one ("Gashi", "Gaši", "Гаши" → "gs";
 * "Vuçiq", "Vučić" → "vcc"; ll counts as l).
 */
export function nameSkeleton(name: string): string {
  return foldText(name)
    .replace(/dzh|dj|gj|xh/g, 'dz')
    .replace(/sch|sh|sz/g, 's')
    .replace(/tch|ch|cs|ts|kj|tz|q/g, 'c')
    .replace(/zh|zs/g, 'z')
    .replace(/th/g, 't')
    .replace(/dh/g, 'd')
    .replace(/ph/g, 'f')
    .replace(/kh/g, 'h')
    .replace(/w/g, 'v')
    .replace(/x/g, 'ks')
    .replace(/([a-z])\1+/g, '$1')
    .replace(/[aeiouyj]/g, '');
}
