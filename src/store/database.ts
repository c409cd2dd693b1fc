import pg from 'pg';
import type { Logger } from '../log.ts';
import { tellOutages } from './outage.ts';

/** What a statement needs: the pool, or the client of a transaction. */
export type Queryable = Pick<pg.ClientBase, 'query'>;

/** The application's PostgreSQL: one pool a process, shared with BullMQ where that runs on PostgreSQL. */
export type Database = Queryable & {
  readonly pool: pg.Pool;
  /** Runs `work` in one transaction; once more when PostgreSQL ended it as a deadlock's victim. */
  tx<T>(work: (tx: Queryable) => Promise<T>): Promise<T>;
  /** A session of its own for LISTEN or for locks that outlive a transaction. The caller ends it. */
  session(name: string): Promise<pg.Client>;
  close(): Promise<void>;
};

export const QUEUE_SCHEMA = 'glasnik_queue';
const RETRIED = new Set(['40P01', '40001']); // deadlock_detected, serialization_failure

/**
 * A statement that got no answer for so long has lost its server: behind a half-open connection nobody would ever say so, and
 * each would keep its place in the pool for good. Above every statement_timeout that we set ourselves.
 */
const SILENCE_MS = 45_000;
const isSilence = (error: unknown): error is Error => (error as Error).message === 'Query read timeout';

/**
 * What every session says of itself. BullMQ's statements name no schema, ours all do. A process that stands still in the middle of
 * a transaction is thrown out by the server, so that its locks (the one under which seq is drawn is everybody's) hold nobody for
 * longer than eight seconds; a machine that vanished is noticed by keepalives. Set by statements and not as start-up options:
 * poolers refuse those.
 */
const SESSION = `set search_path = ${QUEUE_SCHEMA};
  set idle_in_transaction_session_timeout = '8s';
  set tcp_keepalives_idle = 5;
  set tcp_keepalives_interval = 2;
  set tcp_keepalives_count = 3`;

const INT8 = 20;
const NUMERIC = 1700;

/** bigint and numeric as numbers: ids stay far below 2^53, and JSON shows them as numbers. */
const types = {
  getTypeParser: (oid: number, format?: 'text' | 'binary') =>
    oid === INT8 || oid === NUMERIC ? (text: string) => Number(text) : pg.types.getTypeParser(oid, format as 'text'),
};

/**
 * Opens the pool. Nothing is asked of the server yet: see `waitForDatabase`.
 * @param url `postgres://…`
 * @param size connections of this process, listening ones included
 * @param silenceMs how long a statement waits for its answer before the connection is given up
 */
export function openDatabase(url: string, size: number, log: Logger, silenceMs = SILENCE_MS): Database {
  const settings: pg.ClientConfig = {
    connectionString: url,
    types: types as pg.CustomTypesConfig,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    connectionTimeoutMillis: 10_000,
    application_name: `glasnik ${process.pid}`,
  };
  const outage = tellOutages(log);
  const pool = new pg.Pool({
    ...settings,
    max: size,
    idleTimeoutMillis: 30_000,
    query_timeout: silenceMs,
    onConnect: async (client: pg.ClientBase) => {
      await client.query(SESSION);
      outage.answers();
    },
  } as pg.PoolConfig);
  pool.on('error', (error) => outage.lost(error, 'a database connection'));

  const once = async <T>(work: (tx: Queryable) => Promise<T>): Promise<T> => {
    const client = await pool.connect();
    const lost = (error: Error) => outage.lost(error, 'a database connection in use');
    client.on('error', lost);
    let broken: Error | undefined;
    try {
      await client.query('begin');
      const result = await work(client);
      await client.query('commit');
      return result;
    } catch (error) {
      if (isSilence(error)) broken = error;
      else
        await client.query('rollback').catch((failed: Error) => {
          broken = failed;
        });
      throw error;
    } finally {
      client.off('error', lost);
      client.release(broken);
    }
  };

  return {
    pool,
    query: pool.query.bind(pool) as Queryable['query'],
    async tx(work) {
      for (let attempt = 1; ; attempt++) {
        try {
          return await once(work);
        } catch (error) {
          if (attempt === 4 || !RETRIED.has((error as { code?: string }).code ?? '')) throw error;
        }
      }
    },
    async session(name) {
      const client = new pg.Client({ ...settings, application_name: `glasnik ${process.pid} ${name}` });
      client.on('error', (error) => outage.lost(error, `the database connection for ${name}`));
      await client.connect();
      return client;
    },
    close: () => pool.end(),
  };
}

/**
 * True where the connection ended and not the work: the server was stopped, killed or restarted, somebody cut it, or its answer
 * never came. The same work may be done over a new connection.
 */
export function isConnectionLost(error: unknown): boolean {
  const { code = '', message = '' } = error as { code?: string; message?: string };
  // 57P01–57P05: the server ends sessions; 08…: connection exceptions; the rest is what the driver and the system say.
  return (
    /^(57P0[1-5]|08|25P03|ECONN|EPIPE|ETIMEDOUT)/.test(code) ||
    isSilence(error) ||
    /^(Connection terminated|Client has encountered a connection error)|timeout exceeded when trying to connect/.test(
      message,
    )
  );
}

/** What PostgreSQL said, as one sentence that says what to do. */
export function explainDatabaseError(error: unknown, where: string): string {
  const { code, message } = error as { code?: string; message?: string };
  const server = `the database at ${where}`;
  switch (code) {
    case 'ECONNREFUSED':
      return `Nothing answers for ${server}: start PostgreSQL there, or correct DATABASE_URL`;
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `The host name of ${server} is unknown: correct DATABASE_URL`;
    case '28P01':
    case '28000':
      return `${server} does not accept this user or password: correct DATABASE_URL`;
    case '3D000':
      return `${server} does not exist: create it (createdb), or correct DATABASE_URL`;
    case '53300':
      return `${server} has no connection left: raise max_connections, or lower DATABASE_POOL or the number of workers`;
    default:
      return `${server} cannot be used: ${message ?? String(error)}`;
  }
}

/** `host:port/database` of an address, without user and password. */
export function placeOf(url: string): string {
  const { hostname, port, pathname } = new URL(url);
  return `${hostname}:${port || 5432}${pathname}`;
}
