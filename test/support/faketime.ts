import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { temporaryFolder } from './folder.ts';

/** libfaketime (Debian: `faketime`), which gives one process a clock of its own; null where it is not installed. */
export const FAKETIME = findLibrary();

/** A wall clock that a test sets while processes run by it. Monotonic time goes on as it does: only what can be set is set. */
export type OwnClock = {
  /** For the process that shall go by it. */
  readonly env: Record<string, string>;
  /** Puts it so many seconds ahead of the machine's, or behind with a minus; at once. */
  set(aheadS: number): void;
  remove(): void;
};

export function ownClock(aheadS: number): OwnClock {
  if (FAKETIME === null) throw new Error('There is no libfaketime on this machine');
  const dir = temporaryFolder('glasnik-clock-');
  const file = path.join(dir, 'clock');
  const set = (seconds: number) => writeFileSync(file, `${seconds < 0 ? '' : '+'}${seconds}\n`, { mode: 0o644 });
  set(aheadS);
  return {
    env: {
      LD_PRELOAD: FAKETIME,
      FAKETIME_TIMESTAMP_FILE: file,
      FAKETIME_NO_CACHE: '1',
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
      DONT_FAKE_MONOTONIC: '1', // its name in older versions
    },
    set,
    remove: () => rmSync(dir, { recursive: true }),
  };
}

function findLibrary(): string | null {
  if (process.platform !== 'linux') return null;
  const folders = ['/usr/lib', '/usr/lib64', '/usr/local/lib'].flatMap((root) =>
    existsSync(root) ? [root, ...readdirSync(root).map((name) => path.join(root, name))] : [],
  );
  const files = folders.map((folder) => path.join(folder, 'faketime', 'libfaketimeMT.so.1'));
  return files.find((file) => existsSync(file)) ?? null;
}
