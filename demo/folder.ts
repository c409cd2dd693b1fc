/**
 * The temporary folder in which everything of a demonstration lives, its database included. A demonstration that was killed can
 * remove nothing: its folder names it, and the next demonstration ends the database that was left and removes the folder.
 */
import { chmodSync, lstatSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { canReach, processBirth, serverAccount } from '../src/embedded/account.ts';
import { runningServer, stopServer } from '../src/embedded/cluster.ts';

const PREFIX = 'glasnik-demo-';
/** Names the process that a folder belongs to, by pid and birth. */
const OWNER = 'owner.json';
/** A folder may be without an owner's name for the moment between its making and its naming. */
const UNNAMED_MS = 60_000;
/** The database's socket lies below, and the path of a socket has little room (macOS's temporary folders need too much of it). */
const LONGEST_BASE = 40;

/** Makes a folder for this process. */
export function makeFolder(): string {
  const folder = mkdtempSync(path.join(base(), PREFIX));
  if (serverAccount()) chmodSync(folder, 0o711); // the account that runs the database must get through
  writeFileSync(path.join(folder, OWNER), JSON.stringify({ pid: process.pid, birth: processBirth(process.pid) }));
  return folder;
}

/** Ends the database of a folder if it still runs, and removes the folder. */
export async function removeFolder(folder: string): Promise<void> {
  for (const name of readdirSync(folder)) {
    const server = /^pg\d+$/.test(name) ? runningServer({ pgData: path.join(folder, name) }) : null;
    if (server) await stopServer(server.pid);
  }
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}

/** Removes what killed demonstrations of this user left. */
export async function removeAbandoned(): Promise<void> {
  for (const name of readdirSync(base())) {
    const folder = path.join(base(), name);
    if (name.startsWith(PREFIX) && isAbandoned(folder)) await removeFolder(folder).catch(() => {}); // or another one does it
  }
}

function isAbandoned(folder: string): boolean {
  const stat = lstatSync(folder, { throwIfNoEntry: false });
  if (!stat?.isDirectory() || stat.uid !== process.getuid?.()) return false;
  try {
    const owner = JSON.parse(readFileSync(path.join(folder, OWNER), 'utf8')) as { pid: number; birth: string | null };
    const birth = processBirth(owner.pid);
    return birth === null || birth !== owner.birth;
  } catch {
    return Date.now() - stat.mtimeMs > UNNAMED_MS;
  }
}

/** The system's temporary folder, or /tmp where the database could not live in that one. */
function base(): string {
  const account = serverAccount();
  const fits = (dir: string) => Buffer.byteLength(dir) <= LONGEST_BASE && canReach(account, dir);
  return fits(tmpdir()) ? tmpdir() : '/tmp';
}
