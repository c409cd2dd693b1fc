import {
  type JobsOptions,
  PostgresConnection,
  PostgresQueueBackend,
  type Processor,
  Queue,
  type QueueOptions,
  Worker,
  type WorkerOptions,
} from 'bullmq';
import { Redis } from 'ioredis';
import type { Logger } from '../log.ts';
import { type Database, QUEUE_SCHEMA } from '../store/database.ts';

/** BullMQ over Redis, or over the PostgreSQL that holds everything else. */
export type QueueBackend = {
  readonly kind: 'postgres' | 'redis';
  queue(name: string): Queue;
  worker(name: string, processor: Processor, concurrency: number): Worker;
  /** Resolves when the server of the jobs answers; rejects with what it said. */
  ping(): Promise<void>;
  close(): Promise<void>;
};

/**
 * How jobs are kept, and why:
 * - completed ones leave at once: keeping a count deadlocks on PostgreSQL (`move_to_completed_fetch`), and the tables hold the past;
 * - failed ones stay a day, for people to look at;
 * - three attempts: a completion lost with a connection counts as a failure though the work was done.
 */
export const JOB_OPTIONS: JobsOptions = {
  attempts: 3,
  backoff: { type: 'exponential', delay: 1000 },
  removeOnComplete: true,
  removeOnFail: { age: 86_400 },
};

/**
 * Of workers: a killed worker's job is taken over when its lock has run out and a check has seen it twice: lockDuration and two
 * stalledIntervals at most (a check that comes a millisecond early, while another worker's still counts, is skipped). It may stall five
 * times, since a job that is killed with its worker is no worse for it. `drainDelay` bounds what a lost wake-up costs: a LISTEN
 * connection that died silently delays a job by two seconds, no more. `runRetryDelay` is how long a worker stays away after its
 * connection was cut: BullMQ's own fifteen seconds would make every restart of a server a pause.
 */
const WORKER_OPTIONS = {
  lockDuration: 8000,
  stalledInterval: 2000,
  maxStalledCount: 5,
  drainDelay: 2,
  runRetryDelay: 1000,
} satisfies Partial<WorkerOptions>;

/**
 * A Redis connection whose commands got no answer for so long is half open and is made anew. Longer than BullMQ ever blocks (ten
 * seconds).
 */
const REDIS_SILENCE_MS = 15_000;

/** A connection over our pool; BullMQ takes a given pool to live in its default schema, ours is another. */
class PoolConnection extends PostgresConnection {
  constructor(pool: Database['pool']) {
    super(pool as never);
    Object.assign(this, { schema: QUEUE_SCHEMA });
  }
}

/**
 * Opens the backend of the jobs: Redis where an address is given, else the database.
 * @param installation the id of this installation: prefixes every key on Redis, in braces so that a cluster keeps them together
 * @param silenceMs how long Redis may leave a command without an answer
 */
export function openQueueBackend(options: {
  db: Database;
  redisUrl: string | null;
  installation: string;
  log: Logger;
  silenceMs?: number;
}): QueueBackend {
  const { db, redisUrl, installation, log, silenceMs = REDIS_SILENCE_MS } = options;
  return redisUrl === null ? onPostgres(db, log) : onRedis(redisUrl, installation, log, silenceMs);
}

function onPostgres(db: Database, log: Logger): QueueBackend {
  db.pool.setMaxListeners(0); // every queue and worker listens for its errors
  const factory = (name: string, opts: { name?: string }, made: { withBlockingConnection?: boolean } = {}) =>
    new PostgresQueueBackend(
      new PoolConnection(db.pool),
      name,
      opts as never,
      true,
      made.withBlockingConnection ? name : undefined,
    );
  const connection = db.pool as never;
  return {
    kind: 'postgres',
    queue: (name) =>
      quiet(new Queue(name, { connection, defaultJobOptions: JOB_OPTIONS } as QueueOptions, factory as never), log),
    worker: (name, processor, concurrency) =>
      quiet(
        new Worker(name, processor, { connection, concurrency, ...WORKER_OPTIONS } as WorkerOptions, factory as never),
        log,
      ) as Worker,
    async ping() {
      await db.query('select 1');
    },
    async close() {},
  };
}

function onRedis(url: string, installation: string, log: Logger, silenceMs: number): QueueBackend {
  const connect = (settings: object) => {
    const redis = new Redis(url, { connectTimeout: 5000, socketTimeout: silenceMs, ...settings });
    redis.on('error', (error) => log.debug({ err: error }, 'redis'));
    return redis;
  };
  // Commands that add jobs fail at once while Redis is away (the tables remember what is due); workers wait for it.
  const producer = connect({ maxRetriesPerRequest: 1, enableOfflineQueue: true });
  const consumer = connect({
    maxRetriesPerRequest: null,
    retryStrategy: (times: number) => Math.min(50 * 2 ** times, 1000),
  });
  const prefix = `{glasnik:${installation}}`;
  return {
    kind: 'redis',
    queue: (name) => quiet(new Queue(name, { connection: producer, prefix, defaultJobOptions: JOB_OPTIONS }), log),
    worker: (name, processor, concurrency) =>
      quiet(
        new Worker(name, processor, { connection: consumer, prefix, concurrency, ...WORKER_OPTIONS }),
        log,
      ) as Worker,
    async ping() {
      await producer.ping();
    },
    async close() {
      producer.disconnect();
      consumer.disconnect();
    },
  };
}

/** Errors of a connection are events to log, never a reason to fall over. */
function quiet<T extends Queue | Worker>(made: T, log: Logger): T {
  (made as Worker).on('error', (error) => log.debug({ err: error, queue: made.name }, 'queue connection'));
  return made;
}
