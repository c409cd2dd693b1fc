/** placeholder until the model below lands in the next commit */
export function detectLanguage(text: string, options: { readonly outletCountry?: string | null } = {}): string {
  if (/[\u0370-\u03ff]/.test(text)) return 'el';
  if (/[ђћџљњј]/i.test(text)) return /[ѓќѕ]/i.test(text) ? 'mk' : 'sr-Cyrl';
  if (/[\u0400-\u04ff]/.test(text)) return options.outletCountry === 'MK' ? 'mk' : 'bg';
  const byCountry: Record<string, string> = {
    ...{ RS: 'sr-Latn', HR: 'hr', BA: 'bs', ME: 'cnr', SI: 'sl', AL: 'sq', XK: 'sq', RO: 'ro', TR: 'tr', HU: 'hu' },
  };
  return byCountry[options.outletCountry ?? ''] ?? 'en';
}
