import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import pg from 'pg';
import { processBirth } from '../../src/embedded/account.ts';
import { findBinaries } from '../../src/embedded/binaries.ts';
import { prepareCluster, runningServer, startServer } from '../../src/embedded/cluster.ts';
import { temporaryFolder } from '../support/folder.ts';
import { until } from '../support/redis.ts';

/** A PostgreSQL server of a test's own, to be stopped and started at will. */
export type OwnPostgres = {
  /** Of an empty database; the same after every start. */
  readonly url: string;
  pid(): number | null;
  /** SIGINT ends transactions and stops, SIGQUIT stops without a word to anybody, SIGKILL is what it says. */
  stop(signal: 'SIGINT' | 'SIGQUIT' | 'SIGKILL'): Promise<void>;
  start(): Promise<void>;
  close(): Promise<void>;
};

/** @param env what the server shall have in its environment, such as a clock of its own */
export async function startPostgres(env: Record<string, string> = {}): Promise<OwnPostgres> {
  const dataDir = temporaryFolder();
  const made = await prepareCluster(dataDir, findBinaries());
  const cluster = { ...made, binaries: { ...made.binaries, dir: wrapped(dataDir, made.binaries.dir, env) } };
  const urlOf = (port: number, database: string) =>
    `postgres://glasnik:${cluster.password}@127.0.0.1:${port}/${database}`;
  let port = 0;
  const start = async () => {
    await until('PostgreSQL answers', async () => {
      if (!runningServer(cluster)) {
        const started = await startServer(cluster);
        port = started.port;
        // Right after a SIGKILL it may refuse to start: shared memory and children live on for a second or two.
        await Promise.race([started.exited.catch(() => {}), answers(urlOf(port, 'postgres'))]);
      }
      return answers(urlOf(port, 'postgres'));
    });
  };
  await start();
  const admin = new pg.Client({ connectionString: urlOf(port, 'postgres') });
  await admin.connect();
  await admin.query('create database glasnik');
  await admin.end();
  const stop = async (signal: NodeJS.Signals) => {
    const server = runningServer(cluster);
    if (!server) return;
    const birth = processBirth(server.pid);
    process.kill(server.pid, signal);
    await until('PostgreSQL has ended', () => processBirth(server.pid) !== birth, { everyMs: 10 });
  };
  return {
    url: urlOf(port, 'glasnik'),
    pid: () => runningServer(cluster)?.pid ?? null,
    stop,
    start,
    async close() {
      await stop('SIGQUIT');
      rmSync(dataDir, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** A folder whose `bin/postgres` is the real one with a larger environment: the product starts its server with a bare one. */
function wrapped(dataDir: string, real: string, env: Record<string, string>): string {
  if (Object.keys(env).length === 0) return real;
  const bin = path.join(dataDir, 'wrapped', 'bin');
  mkdirSync(bin, { recursive: true });
  const settings = Object.entries(env).map(([name, value]) => `${name}='${value}'`);
  const script = `#!/bin/sh\nexec env ${settings.join(' ')} '${path.join(real, 'bin', 'postgres')}' "$@"\n`;
  writeFileSync(path.join(bin, 'postgres'), script, { mode: 0o755 });
  return path.dirname(bin);
}

/** Whether a server answers at an address. */
export async function answers(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2000 });
  client.on('error', () => {});
  try {
    await client.connect();
    await client.query('select 1');
    return true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => {});
  }
}
