import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { processBirth } from './account.ts';

type Holder = { readonly pid: number; readonly birth: string | null };

const isAlive = (holder: Holder): boolean => holder.birth !== null && processBirth(holder.pid) === holder.birth;

/**
 * Runs `work` while holding `DATA_DIR/starting`, under which alone the embedded server is started and stopped. The file names
 * its holder by pid and birth; one whose holder is no more is taken over. It comes into being whole (a link to a written file
 * fails when the name is taken, as `wx` does, but is never seen empty).
 * @throws Error when a living process holds it longer than `patienceMs`.
 */
export async function whileStarting<T>(dataDir: string, work: () => Promise<T>, patienceMs = 60_000): Promise<T> {
  const file = path.join(dataDir, 'starting');
  const own = `${file}.${process.pid}.${Math.random().toString(36).slice(2)}`;
  const me = JSON.stringify({ pid: process.pid, birth: processBirth(process.pid) } satisfies Holder);
  writeFileSync(own, me, { mode: 0o600 });
  try {
    for (let waited = 0; ; waited += 50) {
      try {
        linkSync(own, file);
        break;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      }
      const holder = removeIfStale(file);
      if (holder && waited >= patienceMs)
        throw new Error(
          `Process ${holder.pid} has been starting or stopping the embedded database in ${dataDir} for over ${patienceMs / 1000} s: end it, or remove ${file} if it is no glasnik`,
        );
      await delay(50);
    }
    try {
      return await work();
    } finally {
      if (readText(file) === me) rmSync(file, { force: true });
    }
  } finally {
    rmSync(own, { force: true });
  }
}

/** Removes the file of a holder that is no more; returns the holder that lives, or null when the way is free to try. */
function removeIfStale(file: string): Holder | null {
  const text = readText(file);
  if (text === null) return null;
  const holder = parseHolder(text);
  if (holder && isAlive(holder)) return holder;
  // Two takers may both have read the dead holder's name: whoever moved away a live file by mistake puts it back.
  const away = `${file}.stale.${process.pid}`;
  try {
    renameSync(file, away);
    if (readText(away) !== text) linkSync(away, file);
  } catch {
    // moved by the other taker, or taken again meanwhile: the next round sees which
  }
  rmSync(away, { force: true });
  return null;
}

function readText(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}

function parseHolder(text: string): Holder | null {
  try {
    return JSON.parse(text) as Holder;
  } catch {
    return null;
  }
}
