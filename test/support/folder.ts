import { chmodSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/**
 * A temporary folder that other accounts may enter: as root the embedded server runs as one, and keeps its files elsewhere when
 * it cannot reach DATA_DIR.
 */
export function temporaryFolder(name = 'glasnik-test-'): string {
  const dir = mkdtempSync(path.join(tmpdir(), name));
  chmodSync(dir, 0o755);
  return dir;
}
