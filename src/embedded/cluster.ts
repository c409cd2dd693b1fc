import { execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import * as fs from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { type Account, canReach, processBirth, serverAccount } from './account.ts';
import { type Binaries, reachableBinaries } from './binaries.ts';

/** One embedded cluster: where its files are and who runs it. */
export type Cluster = {
  readonly dataDir: string;
  /** `DATA_DIR/pgNN`; a symlink into /var/lib/glasnik where the account cannot enter DATA_DIR. */
  readonly pgData: string;
  readonly binaries: Binaries;
  readonly account: Account;
  readonly password: string;
  /** Its data may be lost with the machine's power (a demonstration, a test): nothing waits for the disk. */
  readonly throwaway: boolean;
};

const run = promisify(execFile);

/**
 * Prepares DATA_DIR: the folder itself, the secret, and on first use the cluster. Call under `DATA_DIR/starting`.
 * @throws Error with what to do, when the folder holds a cluster of another major version or cannot be used.
 */
export async function prepareCluster(dataDir: string, found: Binaries, throwaway = false): Promise<Cluster> {
  fs.mkdirSync(dataDir, { recursive: true });
  const account = serverAccount();
  const name = `pg${found.major}`;
  const other = fs.readdirSync(dataDir).find((entry) => /^pg\d+$/.test(entry) && entry !== name);
  if (other)
    throw new Error(
      `${path.join(dataDir, other)} is a database of PostgreSQL ${other.slice(2)}, this glasnik brings ${found.major}: dump it with the version that made it and load it into a new DATA_DIR, or set DATA_DIR to another folder`,
    );
  const pgData = path.join(dataDir, name);
  const home = reachableHome(dataDir, account);
  const binaries = reachableBinaries(found, account, home);
  const password = secret(path.join(dataDir, 'postgres.password'));
  const cluster = { dataDir, pgData, binaries, account, password, throwaway };
  if (!fs.existsSync(pgData)) await initialise(cluster, home);
  return cluster;
}

/** A folder that the account can enter: DATA_DIR itself, or one under /var/lib that DATA_DIR's name decides. */
function reachableHome(dataDir: string, account: Account): string {
  if (canReach(account, dataDir)) return dataDir;
  const home = path.join(
    '/var/lib/glasnik',
    fs
      .realpathSync(dataDir)
      .replace(/[^A-Za-z0-9]+/g, '-')
      .replace(/^-/, ''),
  );
  fs.mkdirSync(home, { recursive: true, mode: 0o755 });
  return home;
}

/** The secret in a file of mode 0600, made when there is none. */
export function secret(file: string): string {
  try {
    fs.writeFileSync(file, randomBytes(24).toString('base64url'), { mode: 0o600, flag: 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  return fs.readFileSync(file, 'utf8').trim();
}

/** initdb into a folder of another name, renamed when it is whole: a crash in the middle leaves nothing that looks usable. */
async function initialise(cluster: Cluster, home: string): Promise<void> {
  const { account, binaries, pgData, throwaway } = cluster;
  const real = path.join(home, path.basename(pgData));
  const unfinished = `${real}.unfinished`;
  const secretFile = path.join(home, '.initdb-password');
  fs.rmSync(unfinished, { recursive: true, force: true });
  fs.mkdirSync(unfinished, { mode: 0o700 });
  fs.writeFileSync(secretFile, cluster.password, { mode: 0o600 });
  if (account) {
    fs.chownSync(unfinished, account.uid, account.gid);
    fs.chownSync(secretFile, account.uid, account.gid);
  }
  const locale = process.platform === 'linux' ? 'C.UTF-8' : 'en_US.UTF-8';
  const flags = ['--encoding=UTF8', `--locale=${locale}`, '--username=glasnik', '--auth=scram-sha-256'];
  if (throwaway) flags.push('--no-sync');
  try {
    await run(
      path.join(binaries.dir, 'bin', 'initdb'),
      ['-D', unfinished, `--pwfile=${secretFile}`, '--no-instructions', ...flags],
      { cwd: '/', ...(account ? { uid: account.uid, gid: account.gid } : {}), env: bareEnvironment() },
    );
  } catch (error) {
    const said = (error as { stderr?: string }).stderr?.trim() || (error as Error).message;
    throw new Error(`The embedded database could not be made in ${pgData}: ${said}`);
  } finally {
    fs.rmSync(secretFile, { force: true });
  }
  fs.renameSync(unfinished, real);
  if (real !== pgData) fs.symlinkSync(real, pgData);
}

/** What a server process needs of the environment: nothing of ours, so that no secret of the worker is in its /proc. */
const bareEnvironment = (): NodeJS.ProcessEnv => ({ PATH: '/usr/local/bin:/usr/bin:/bin', LANG: 'C.UTF-8' });

/** Where a running server listens, from its postmaster.pid; null where none runs on this folder. */
export function runningServer(cluster: Pick<Cluster, 'pgData'>): { pid: number; port: number } | null {
  try {
    const lines = fs.readFileSync(path.join(cluster.pgData, 'postmaster.pid'), 'utf8').split('\n');
    const pid = Number(lines[0]);
    const port = Number(lines[3]);
    if (!pid || !port || processBirth(pid) === null) return null;
    // The pid may have been given to another process since: on Linux its name tells.
    if (process.platform === 'linux' && !fs.readFileSync(`/proc/${pid}/comm`, 'utf8').startsWith('postgres'))
      return null;
    return { pid, port };
  } catch {
    return null;
  }
}

/**
 * Starts the server, in a session of its own so that Ctrl-C on our terminal does not reach it, and returns once its process is
 * spawned; whether it answers is for the caller to ask. The port of the last start is used again where it is free, so that
 * addresses held by running processes stay true across a crash of the server.
 */
export async function startServer(cluster: Cluster): Promise<{ port: number; exited: Promise<never> }> {
  const { account, binaries, dataDir, pgData } = cluster;
  const portFile = path.join(dataDir, 'postgres.port');
  const port = await freePort(Number(readText(portFile) ?? 0));
  fs.writeFileSync(portFile, String(port));
  const logFile = path.join(dataDir, 'postgres.log');
  if ((fs.statSync(logFile, { throwIfNoEntry: false })?.size ?? 0) > 10_000_000) fs.renameSync(logFile, `${logFile}.1`);
  const log = fs.openSync(logFile, 'a', 0o600);
  const settings = {
    listen_addresses: '127.0.0.1',
    port: String(port),
    unix_socket_directories: socketDir(cluster),
    max_connections: '200',
    shared_buffers: '128MB',
    timezone: 'UTC',
    log_timezone: 'UTC',
    ...(cluster.throwaway ? { fsync: 'off', full_page_writes: 'off', synchronous_commit: 'off' } : {}),
  };
  const args = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const child = spawn(path.join(binaries.dir, 'bin', 'postgres'), ['-D', fs.realpathSync(pgData), ...args], {
    detached: true,
    stdio: ['ignore', log, log],
    cwd: '/',
    env: bareEnvironment(),
    ...(account ? { uid: account.uid, gid: account.gid } : {}),
  });
  fs.closeSync(log);
  const exited = new Promise<never>((_, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) =>
      reject(new Error(`The embedded PostgreSQL ended at its start (${signal ?? code}): ${lastLines(logFile)}`)),
    );
  });
  exited.catch(() => {});
  child.unref();
  return { port, exited };
}

/** A socket path may have 107 bytes: a long DATA_DIR gets a short folder under the system's temporary one. */
function socketDir(cluster: Cluster): string {
  const beside = fs.realpathSync(cluster.pgData);
  if (Buffer.byteLength(beside) <= 80) return beside;
  const dir = fs.mkdtempSync(path.join(tmpdir(), 'glasnik-'));
  if (cluster.account) fs.chownSync(dir, cluster.account.uid, cluster.account.gid);
  return dir;
}

/** Ends the server: fast shutdown (clients are disconnected, everything is written), an immediate one after `patienceMs`. */
export async function stopServer(pid: number, patienceMs = 8000): Promise<void> {
  const birth = pid > 0 ? processBirth(pid) : null;
  if (birth === null) return;
  process.kill(pid, 'SIGINT');
  for (let waited = 0; processBirth(pid) === birth; waited += 20) {
    if (waited === patienceMs) process.kill(pid, 'SIGQUIT');
    await delay(20);
  }
}

/** Ends a server whose files were removed under it: there is nothing left to write. */
export async function killServer(pid: number): Promise<void> {
  const birth = pid > 0 ? processBirth(pid) : null;
  if (birth === null) return;
  process.kill(pid, 'SIGQUIT');
  while (processBirth(pid) === birth) await delay(20);
}

async function freePort(wanted: number): Promise<number> {
  for (const port of wanted ? [wanted, 0] : [0]) {
    const got = await new Promise<number | null>((resolve) => {
      const probe = createServer();
      probe.once('error', () => resolve(null));
      probe.listen(port, '127.0.0.1', () => {
        const { port: bound } = probe.address() as { port: number };
        probe.close(() => resolve(bound));
      });
    });
    if (got !== null) return got;
  }
  throw new Error('There is no free port on 127.0.0.1 for the embedded database');
}

function readText(file: string): string | null {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}

const lastLines = (file: string): string => (readText(file) ?? '').trim().split('\n').slice(-3).join(' · ');
