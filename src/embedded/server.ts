import { existsSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import type { Logger } from '../log.ts';
import { findBinaries } from './binaries.ts';
import { type Cluster, killServer, prepareCluster, runningServer, secret, startServer, stopServer } from './cluster.ts';
import { whileStarting } from './starting.ts';

/** An embedded PostgreSQL that this process uses, and keeps alive by using it. */
export type EmbeddedServer = {
  /** `postgres://…@127.0.0.1:PORT/glasnik`; stays the same when the server is started again. */
  readonly url: string;
  /** True in the first process that asked with `alone`; false in every later one while that lives. */
  readonly alone: boolean;
  /** Leaves; the last process to leave stops the server. */
  close(): Promise<void>;
};

const DATABASE = 'glasnik';
/** Advisory locks on database `postgres`, so that they never meet the application's: users of the server, and its one `up`. */
const USERS = 7_301;
const ALONE = 7_302;
const PATIENCE_MS = 30_000;
/** What the system says of a folder that nothing can be made in. */
const UNUSABLE = new Set(['EACCES', 'EPERM', 'EROFS', 'ENOSPC', 'ENOTDIR', 'EEXIST']);
const QUIET_MS = 1000;

/**
 * Joins the embedded server of a DATA_DIR, starting it where none runs (one left behind by a killed process is used again).
 * Every process keeps a session with a shared advisory lock; who can have the lock alone is the last one. Should the server die,
 * the session notices and starts it again, so recovery needs nobody.
 * @param options.alone ask for the lock that only one process holds (`up`)
 * @param options.throwaway the data need not outlive the machine's next crash: making and using the server is faster
 * @throws Error saying what to do when the folder cannot be used or the server does not start.
 */
export async function openEmbedded(options: {
  dataDir: string;
  log: Logger;
  alone?: boolean;
  throwaway?: boolean;
  packageName?: string;
}): Promise<EmbeddedServer> {
  const dataDir = path.resolve(options.dataDir);
  const { log } = options;
  const join = async (): Promise<Joined> => {
    try {
      mkdirSync(dataDir, { recursive: true });
      return await whileStarting(dataDir, async () => {
        const cluster = await prepareCluster(dataDir, findBinaries(options.packageName), options.throwaway);
        const port = await bringUp(cluster, log);
        const session = await keepSession(cluster, port);
        const pid = runningServer(cluster)?.pid ?? 0;
        return { cluster, port, pid, session };
      });
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      if (UNUSABLE.has(code ?? ''))
        throw new Error(`DATA_DIR ${dataDir} cannot be used (${message}): choose a folder that can be written to`);
      throw error;
    }
  };

  let joined = await join();
  let leaving = false;
  const alone = options.alone ? await takeAlone(joined.session) : false;

  const watch = (): void => {
    const { session } = joined;
    session.once('error', () => {});
    session.once('end', () => {
      if (!leaving) void rejoin();
    });
  };
  const rejoin = async (): Promise<void> => {
    log.warn({ dataDir }, 'the embedded database went away; starting it again');
    for (let wait = 100; !leaving; wait = Math.min(wait * 2, 5000)) {
      try {
        const again = await join();
        if (again.port !== joined.port)
          log.error(
            { was: joined.port, is: again.port },
            'the embedded database has another port now: restart this process',
          );
        joined = again;
        if (alone) await takeAlone(joined.session);
        watch();
        return;
      } catch (error) {
        log.warn({ err: error }, 'the embedded database does not start yet');
        await delay(wait);
      }
    }
  };
  watch();

  return {
    url: urlOf(joined.cluster, joined.port, DATABASE),
    alone,
    async close() {
      leaving = true;
      const { cluster, session, pid } = joined;
      // Whoever ends us and removes DATA_DIR in the same breath must not meet files that come into being under their hands.
      if (alone) await delay(QUIET_MS);
      if (!existsSync(dataDir)) {
        await session.end().catch(() => {});
        await killServer(pid);
        return;
      }
      await whileStarting(dataDir, async () => {
        if (await isLast(session)) {
          await session.end().catch(() => {});
          // Its files may be gone, and with them what they say of it: it is the server that this process joined.
          if (existsSync(cluster.pgData)) await stopServer(runningServer(cluster)?.pid ?? pid);
          else await killServer(pid);
        } else await session.end().catch(() => {});
      });
    },
  };
}

type Joined = {
  readonly cluster: Cluster;
  readonly port: number;
  /** Of the server that was joined. */
  readonly pid: number;
  readonly session: pg.Client;
};

const urlOf = (cluster: Cluster, port: number, database: string): string =>
  `postgres://glasnik:${cluster.password}@127.0.0.1:${port}/${database}`;

/** The port of a server that answers: the running one, or one started now. */
async function bringUp(cluster: Cluster, log: Logger): Promise<number> {
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    const running = runningServer(cluster);
    try {
      if (running) {
        await answers(urlOf(cluster, running.port, 'postgres'), deadline);
        return running.port;
      }
      const { port, exited } = await startServer(cluster);
      await Promise.race([answers(urlOf(cluster, port, 'postgres'), deadline), exited]);
      log.debug({ dataDir: cluster.dataDir, port }, 'the embedded database runs');
      return port;
    } catch (error) {
      // A server killed a moment ago leaves shared memory and children behind for a second or two: try until the patience ends.
      if (performance.now() > deadline) throw error;
      await delay(250);
    }
  }
}

async function answers(url: string, deadline: number): Promise<void> {
  for (;;) {
    const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5000 });
    client.on('error', () => {});
    try {
      await client.connect();
      await client.query('select 1');
      return;
    } catch (error) {
      if ((error as { code?: string }).code === '28P01')
        throw new Error(
          'The embedded database does not take the password in DATA_DIR/postgres.password: was the file changed?',
        );
      if (performance.now() > deadline) throw error;
      await delay(20);
    } finally {
      await client.end().catch(() => {});
    }
  }
}

/** The session that says "in use"; makes the application's database and the sites' login on the way. */
async function keepSession(cluster: Cluster, port: number): Promise<pg.Client> {
  const session = new pg.Client({
    connectionString: urlOf(cluster, port, 'postgres'),
    application_name: `glasnik ${process.pid}`,
    keepAlive: true,
  });
  session.on('error', () => {});
  await session.connect();
  await session.query('select pg_advisory_lock_shared($1)', [USERS]);
  const { rowCount } = await session.query('select from pg_database where datname = $1', [DATABASE]);
  if (!rowCount) await session.query(`create database ${DATABASE}`);
  await ensureSiteLogin(session, secret(path.join(cluster.dataDir, 'site.password')));
  return session;
}

/** `glasnik_site`: the login of downstream sites on the embedded server, a member of the reading role. */
async function ensureSiteLogin(session: pg.Client, password: string): Promise<void> {
  const { rows } = await session.query<{ rolname: string }>(
    `select rolname from pg_roles where rolname in ('glasnik_reader', 'glasnik_site')`,
  );
  const has = (name: string) => rows.some((row) => row.rolname === name);
  if (!has('glasnik_reader')) await session.query('create role glasnik_reader nologin');
  if (!has('glasnik_site')) {
    await session.query(`create role glasnik_site login password ${session.escapeLiteral(password)}`);
    await session.query('grant glasnik_reader to glasnik_site');
  }
}

async function takeAlone(session: pg.Client): Promise<boolean> {
  const { rows } = await session.query<{ got: boolean }>('select pg_try_advisory_lock($1) as got', [ALONE]);
  return rows[0]?.got === true;
}

async function isLast(session: pg.Client): Promise<boolean> {
  try {
    await session.query('select pg_advisory_unlock_shared($1)', [USERS]);
    const { rows } = await session.query<{ got: boolean }>('select pg_try_advisory_lock($1) as got', [USERS]);
    return rows[0]?.got === true;
  } catch {
    return false; // the session died, so nobody knows who else is there: better an orphan, found again later, than others cut off
  }
}
