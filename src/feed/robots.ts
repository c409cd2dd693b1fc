/**
 * robots.txt (RFC 9309) for a reader of feeds: a feed is published for programs, so a rule for everybody (`*`) is read as meant for
 * crawlers of pages, as other feed readers do; a group that names us is an explicit word, and is honoured.
 */

/** The product token by which a robots.txt names us. */
export const ROBOTS_TOKEN = 'glasnik';
/** RFC 9309, section 2.5, wants at least 500 KiB to be read. */
const MAX_CHARACTERS = 512 * 1024;

type Rule = { readonly allows: boolean; readonly path: string };

/** Whether `robotsTxt` lets us ask for `url`: yes unless a group that names us disallows it (the longest matching rule counts). */
export function isAllowedByRobots(robotsTxt: string, url: string): boolean {
  const { pathname, search } = new URL(url);
  const matching = ownRules(robotsTxt.slice(0, MAX_CHARACTERS)).filter(({ path }) => matches(path, pathname + search));
  const longest = Math.max(0, ...matching.map(({ path }) => path.length));
  const decisive = matching.filter(({ path }) => path.length === longest);
  return decisive.length === 0 || decisive.some(({ allows }) => allows);
}

/** The rules of all groups that name us, together (section 2.2.1). */
function ownRules(robotsTxt: string): readonly Rule[] {
  const rules: Rule[] = [];
  let isOurs = false;
  let isHeader = false;
  for (const line of robotsTxt.replace(/^\ufeff/, '').split(/\r\n|\r|\n/)) {
    const [, key, value] = /^\s*([a-z-]+)\s*:\s*([^#]*?)\s*(?:#.*)?$/i.exec(line.slice(0, 2000)) ?? [];
    if (key === undefined || value === undefined) continue;
    const field = key.toLowerCase();
    if (field === 'user-agent') {
      isOurs = (isHeader && isOurs) || value.toLowerCase() === ROBOTS_TOKEN;
      isHeader = true;
    } else {
      isHeader = false;
      if (isOurs && (field === 'allow' || field === 'disallow') && value !== '')
        rules.push({ allows: field === 'allow', path: value });
    }
  }
  return rules;
}

/** A rule's path against an address: a prefix, with `*` for anything and a final `$` for the end; no regular expression, no backtracking. */
function matches(rule: string, path: string): boolean {
  const isAnchored = rule.endsWith('$');
  const parts = comparable(isAnchored ? rule.slice(0, -1) : rule).split('*');
  const whole = comparable(path);
  if (!whole.startsWith(parts[0]!)) return false;
  let at = parts[0]!.length;
  for (const [i, part] of parts.entries()) {
    if (i === 0) continue;
    const isLast = i === parts.length - 1;
    const found = isLast && isAnchored ? whole.length - part.length : whole.indexOf(part, at);
    if (found < at || !whole.startsWith(part, found)) return false;
    at = found + part.length;
  }
  return !isAnchored || at === whole.length;
}

/** Escapes in capitals, letters outside ASCII escaped (section 2.2.2). */
const comparable = (path: string): string =>
  encodeURI(path.toWellFormed())
    .replace(/%25([0-9a-f]{2})/gi, '%$1')
    .replace(/%[0-9a-f]{2}/gi, (found) => found.toUpperCase());
