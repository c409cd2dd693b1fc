import { readFileSync } from 'node:fs';
import { inRoot } from '../root.ts';

/**
 * The rule table `address-rules.json`, compiled to patterns that JavaScript and PostgreSQL read alike: only groups without
 * flags, classes of plain ASCII, greedy quantifiers and both anchors, so that the TypeScript key and its SQL twin are driven by
 * the same text.
 */
type Valued = { readonly names: readonly string[]; readonly values: readonly string[] };
type Wrapper = { readonly name: string; readonly address: string; readonly escaped: boolean };
type RuleTable = {
  readonly tracking: {
    readonly names: readonly string[];
    readonly prefixes: readonly string[];
    readonly valued: readonly Valued[];
    readonly pathParameters: readonly string[];
  };
  readonly twins: {
    readonly hostLabels: readonly string[];
    readonly names: readonly string[];
    readonly valued: readonly Valued[];
  };
  readonly wrappers: readonly Wrapper[];
  readonly opaqueWrappers: readonly string[];
};

const table = JSON.parse(readFileSync(inRoot('src/item/address-rules.json'), 'utf8')) as RuleTable;

const literal = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
const anyOf = (patterns: readonly string[]): string => `(?:${patterns.join('|')})`;
/** The same word in any mixture of case, spelt out: PostgreSQL has no flag that this could share with JavaScript. */
const anyCase = (word: string): string => word.replace(/[a-z]/g, (c) => `[${c}${c.toUpperCase()}]`);

function valuedPattern({ names, values }: Valued): string {
  const named = anyOf(names.map(literal));
  const valued = `${named}=${anyOf(values)}`;
  return values.includes('') ? `${valued}|${named}` : valued;
}

function parameterPattern(names: readonly string[], prefixes: readonly string[], valued: readonly Valued[]): string {
  const whole = [...names.map(literal), ...prefixes.map((prefix) => `${literal(prefix)}[^=]*`)];
  return `^(?:${anyOf(whole)}(?:=.*)?|${valued.map(valuedPattern).join('|')})$`;
}

/** A query parameter (`name=value`, lower case, escapes normalised) that only says how the reader came here. */
export const TRACKING_PARAMETER: string = parameterPattern(
  table.tracking.names,
  table.tracking.prefixes,
  table.tracking.valued,
);

/** A query parameter that asks for the AMP or mobile twin of the same article. */
export const TWIN_PARAMETER: string = parameterPattern(table.twins.names, [], table.twins.valued);

/** `;jsessionid=…` in a path. */
export const SESSION_PATH_PARAMETER = `;${anyOf(table.tracking.pathParameters.map(anyCase))}=[^/;]*`;

/** ASP.NET's session without cookies: a path segment `/(S(…))`. */
export const SESSION_PATH_SEGMENT = '/\\((?:[ASF]\\([A-Za-z0-9_-]{16,}\\))+\\)';

/** Host labels that only choose a presentation; dropped where at least two labels follow. */
export const TWIN_HOST_LABELS: readonly string[] = table.twins.hostLabels;

/** Addresses that carry the article's own address: the pattern over `host/path?query`, whose first group is that address. */
export const WRAPPERS: readonly { readonly pattern: string; readonly escaped: boolean }[] = table.wrappers.map(
  ({ address, escaped }) => ({ pattern: `^${address}$`, escaped }),
);

/** Any of them: asked first, for hardly any address is wrapped. */
export const ANY_WRAPPER = `^${anyOf(table.wrappers.map(({ address }) => address))}$`;

/** Addresses that lead to the article but do not say where it is. */
export const OPAQUE_WRAPPER = `^${anyOf(table.opaqueWrappers)}$`;
