import { openDesk } from '../../workers/desk.ts';
import { startWorkers, type Workers } from '../../workers/run.ts';
import { type Config, VERSION } from '../config.ts';
import { createClient } from '../feed/fetch.ts';
import type { Logger } from '../log.ts';
import { withoutCredentials } from '../log.ts';
import { openQueueBackend, type QueueBackend } from '../queue/backend.ts';
import { keepSharedClock } from '../queue/clock.ts';
import { QUEUES, type QueueName } from '../queue/jobs.ts';
import { openQueues, waitForBackend } from '../queue/queues.ts';
import type { Database } from '../store/database.ts';
import { installationId } from '../store/installation.ts';
import { leaseSeconds } from '../store/lease.ts';
import { CommandError, UsageError, wholeNumber } from './errors.ts';
import { open } from './open.ts';
import { untilStopped } from './stop.ts';

/** How long an ending process waits for its running jobs. */
export const CLOSE_PATIENCE_MS = 7000;

/** `glasnik work`: workers and the scheduler, no HTTP. */
export async function work(options: Readonly<Record<string, unknown>>): Promise<number> {
  const queues = readQueueNames(options.queues);
  const given = options.concurrency;
  const opened = await open();
  const { config, db, log } = opened;
  const stopped = untilStopped(log); // from now on: what is asked during the start counts
  const concurrency =
    given === undefined ? config.fetchConcurrency : wholeNumber(given, '--concurrency', { max: 1024 });
  try {
    const jobs = await openJobs(config, db, log);
    const running = await runWorkers(config, db, log, jobs, { queues, concurrency });
    log.info({ version: VERSION, queues, concurrency, jobs: jobs.kind, database: opened.place }, 'workers run');
    await stopped;
    await running.close(CLOSE_PATIENCE_MS);
    await jobs.close();
    return 0;
  } finally {
    await opened.close();
  }
}

function readQueueNames(given: unknown): readonly QueueName[] {
  if (given === undefined) return QUEUES;
  const names = String(given)
    .split(',')
    .map((name) => name.trim())
    .filter(Boolean);
  const unknown = names.filter((name) => !QUEUES.includes(name as QueueName));
  if (unknown.length || !names.length)
    throw new UsageError(`--queues takes some of ${QUEUES.join(',')}, not "${String(given)}"`);
  return names as QueueName[];
}

/** The server of the jobs, once it answers; until it is closed this process goes by the clock that all share. @throws CommandError */
export async function openJobs(config: Config, db: Database, log: Logger): Promise<QueueBackend> {
  const clock = await keepSharedClock(db, log);
  const backend = openQueueBackend({ db, redisUrl: config.redisUrl, installation: await installationId(db), log });
  const close = () => backend.close().finally(() => clock.stop());
  try {
    await waitForBackend(backend, 10_000);
    return { ...backend, close };
  } catch (error) {
    await close();
    const where = config.redisUrl ? withoutCredentials(config.redisUrl) : 'the database';
    throw new CommandError(
      `Nothing answers for jobs at ${where} (${(error as Error).message}): start it, or correct REDIS_URL`,
    );
  }
}

/** The workers of this process with the client that makes their requests. */
export async function runWorkers(
  config: Config,
  db: Database,
  log: Logger,
  backend: QueueBackend,
  what: { queues: readonly QueueName[]; concurrency: number },
): Promise<Workers> {
  const client = clientOf(config);
  const queues = await openQueues(backend);
  const workers = await startWorkers({ config, db, log, client, desk: deskOf(config, db), queues }, backend, what);
  return {
    areWell: () => workers.areWell(),
    async close(patienceMs) {
      await workers.close(patienceMs);
      await Promise.all(Object.values(queues).map((queue) => queue.close().catch(() => {})));
      await client.close().catch(() => {});
    },
  };
}

/** The one guarded client, by this configuration. */
export const clientOf = (config: Config) =>
  createClient({
    userAgent: config.userAgent,
    timeoutMs: config.fetchTimeoutMs,
    maxBytes: config.fetchMaxBytes,
    allowCidrs: config.fetchAllowCidrs,
  });

/** Where this process's fetches begin and end. */
export const deskOf = (config: Config, db: Database) => openDesk(db, leaseSeconds(config.fetchTimeoutMs));
