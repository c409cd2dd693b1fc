import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * The project's root folder: where package.json, sql/ and the data files lie. The same code runs from `src/` (tests) and from
 * `dist/src/` (compiled), so it looks upwards for package.json instead of counting folders.
 */
export const ROOT: string = (() => {
  let dir = path.dirname(fileURLToPath(import.meta.url));
  while (!existsSync(path.join(dir, 'package.json')) || path.basename(dir) === 'dist') dir = path.dirname(dir);
  return dir;
})();

/** An absolute path inside the project. */
export const inRoot = (...parts: string[]): string => path.join(ROOT, ...parts);
