import { ENTRY_FIELDS } from './fieldnames.ts';
import { moduleOf, moduleOfPrefix } from './namespaces.ts';
import { ROOTS } from './shape.ts';

/** What holds inside an element: the prefixes declared around it and the base of its addresses. */
export type Scope = {
  readonly prefixes: ReadonlyMap<string, string>;
  readonly base: string | null;
  /** Names as written → names in the normal form, as far as met in this scope. */
  readonly names: Map<string, string>;
};

/** The root's part in reading names: its own, and its default namespace, which is that of the feed's elements. */
export type Root = { readonly name: string | null; readonly defaultNamespace: string | undefined };

/** More prefixes than this at one place are an attack: every scope with a declaration of its own copies them. */
const MAX_PREFIXES = 300;

export const outermost = (): Scope => ({ prefixes: new Map(), base: null, names: new Map() });

/** The scope inside a tag with these attributes. */
export function scopeInside(parent: Scope, attributes: Readonly<Record<string, string>>): Scope {
  let prefixes: Map<string, string> | null = null;
  let base = parent.base;
  for (const name in attributes) {
    if (!name.startsWith('xml')) continue;
    const value = attributes[name]!;
    if (name === 'xml:base') base = value === '' ? base : resolved(value, base);
    else if (name === 'xmlns' || name.startsWith('xmlns:')) {
      prefixes ??= new Map(parent.prefixes);
      if (prefixes.size < MAX_PREFIXES) prefixes.set(name.slice(6), value);
    }
  }
  if (prefixes === null && base === parent.base) return parent;
  return { prefixes: prefixes ?? parent.prefixes, base, names: new Map() };
}

function resolved(value: string, base: string | null): string {
  try {
    return new URL(value, base ?? undefined).href;
  } catch {
    return value;
  }
}

/** The mapping compares names by the million; equal ones are made one string. */
const interned = new Map(ENTRY_FIELDS.map((name) => [name, name]));

/** The normal form of an element's name as written in a scope. */
export function nameIn(scope: Scope, raw: string, root: Root): string {
  // What a name means may still depend on the root while that is not known.
  if (root.name === null) return nameOf(scope, raw, root);
  let name = scope.names.get(raw);
  if (name === undefined) {
    const full = nameOf(scope, raw, root);
    name = interned.get(full) ?? full;
    if (scope.names.size < 500) scope.names.set(raw, name);
  }
  return name;
}

function nameOf(scope: Scope, raw: string, root: Root): string {
  const colon = raw.indexOf(':');
  const local = (colon < 0 ? raw : raw.slice(colon + 1)).toLowerCase();
  if (colon >= 0) {
    const prefix = raw.slice(0, colon).toLowerCase();
    const uri = scope.prefixes.get(prefix);
    return prefixed(uri === undefined ? moduleOfPrefix(prefix) : (moduleOf(uri) ?? prefix), local, root);
  }
  const uri = scope.prefixes.get('');
  if (uri === undefined || uri === '' || uri === root.defaultNamespace) return local;
  if (root.name === null && ROOTS.has(local)) return local;
  return prefixed(moduleOf(uri) ?? '', local, root);
}

function prefixed(module: string, local: string, root: Root): string {
  const isAtom = root.name === 'feed' || (root.name === null && (local === 'feed' || local === 'entry'));
  return module === '' || (module === 'atom' && isAtom) ? local : `${module}:${local}`;
}

/** `rdf:about`, `r:about` and `about` are one attribute; only `xml:` and `xmlns:` mean something of their own. */
export function attributeName(raw: string): string {
  const name = raw.toLowerCase();
  const colon = name.indexOf(':');
  return colon < 0 || name.startsWith('xml') ? name : name.slice(colon + 1);
}
