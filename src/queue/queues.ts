import { setTimeout as delay } from 'node:timers/promises';
import type { Processor, Queue, Worker } from 'bullmq';
import type { Logger } from '../log.ts';
import { isConnectionLost } from '../store/database.ts';
import type { QueueBackend } from './backend.ts';
import { JOB_VERSION, QUEUES, type QueueName } from './jobs.ts';

/** The queues to add to. */
export type Queues = Readonly<Record<QueueName, Queue>>;

/** Milliseconds between two sweeps: the longest that a due feed waits for nothing. */
export const SWEEP_EVERY_MS = 2000;
const UPKEEP_MS = 10_000;
const READY_MS = 15_000;
const DEAF_MS = 15_000;

/** Waits until the server of the jobs answers. @throws what it said last, once `patienceMs` are over */
export const waitForBackend = (backend: QueueBackend, patienceMs: number): Promise<void> =>
  waitForAnswer(() => backend.ping(), patienceMs);

async function waitForAnswer(ask: () => Promise<unknown>, patienceMs: number): Promise<void> {
  const deadline = performance.now() + patienceMs;
  for (let wait = 50; ; wait = Math.min(wait * 2, 1000)) {
    try {
      await ask();
      return;
    } catch (error) {
      if (performance.now() > deadline) throw error;
      await delay(wait);
    }
  }
}

/** One queue by name, ready to be added to. A queue born while its server is away never wakes: probe first. */
export async function openQueue(backend: QueueBackend, name: string): Promise<Queue> {
  for (let attempt = 1; ; attempt++) {
    await waitForBackend(backend, READY_MS);
    const queue = backend.queue(name);
    try {
      await withDeadline(queue.waitUntilReady(), READY_MS, `queue ${name}`);
      return queue;
    } catch (error) {
      await queue.close().catch(() => {});
      if (attempt === 3) throw error;
    }
  }
}

/** The three queues of an installation. */
export async function openQueues(backend: QueueBackend): Promise<Queues> {
  const entries: [QueueName, Queue][] = [];
  for (const name of QUEUES) entries.push([name, await openQueue(backend, name)]);
  return Object.fromEntries(entries) as Queues;
}

/** A worker that is rebuilt when it is deaf: jobs wait, it has room, and it takes none. */
export type Attendant = {
  /** True while it hears: it takes jobs when there are any. */
  isWell(): boolean;
  /** Lets running jobs end, for `patienceMs` at most. */
  close(patienceMs: number): Promise<void>;
};

/**
 * Attends to one queue. BullMQ's worker may stop hearing without a word (its readiness is remembered for ever, a LISTEN
 * connection may be half open), so its health is judged by what it does, and it is built anew when it does nothing.
 */
export async function attend(options: {
  backend: QueueBackend;
  queue: Queue;
  processor: Processor;
  concurrency: number;
  log: Logger;
  /** Asks the server that the work needs, where it is another than that of the jobs. */
  askWorkplace?: () => Promise<unknown>;
}): Promise<Attendant> {
  const { backend, queue, processor, concurrency, log, askWorkplace = () => backend.ping() } = options;
  let busy = 0;
  let closing = false;
  let lastTaken = performance.now();
  const counted: Processor = async (job, token, signal) => {
    busy++;
    lastTaken = performance.now();
    try {
      return await processor(job, token, signal).catch(async (error) => {
        if (closing || !isConnectionLost(error)) throw error;
        // Its server went away. Nobody else gets this job before its lock has run out, and BullMQ cannot say there that it failed:
        // whoever has it begins again as soon as the server is back.
        await waitForAnswer(askWorkplace, READY_MS);
        return processor(job, token, signal);
      });
    } finally {
      busy--;
      lastTaken = performance.now();
    }
  };
  const build = async (): Promise<Worker> => {
    await waitForBackend(backend, READY_MS);
    const worker = backend.worker(queue.name, counted, concurrency);
    try {
      await withDeadline(worker.waitUntilReady(), READY_MS, `worker ${queue.name}`);
      return worker;
    } catch (error) {
      await worker.close(true).catch(() => {});
      throw error;
    }
  };
  let worker = await build();
  let well = true;
  let checking: Promise<void> | undefined;
  const check = async () => {
    try {
      const waiting = await withDeadline(queue.getWaitingCount(), READY_MS, `queue ${queue.name}`);
      const idleMs = performance.now() - lastTaken;
      well = waiting === 0 || busy >= concurrency || idleMs < DEAF_MS;
      if (well || closing) return;
      log.warn(
        { queue: queue.name, waiting, idleMs: Math.round(idleMs) },
        'the worker takes no jobs; building it anew',
      );
      await worker.close(true).catch(() => {});
      worker = await build();
      lastTaken = performance.now();
    } catch (error) {
      well = false;
      log.debug({ err: error, queue: queue.name }, 'the server of the jobs does not answer');
    }
  };
  const timer = setInterval(() => {
    checking ??= check().finally(() => {
      checking = undefined;
    });
  }, UPKEEP_MS / 2);
  return {
    isWell: () => well,
    async close(patienceMs) {
      if (closing) return;
      closing = true;
      clearInterval(timer);
      await checking;
      const ended = worker.close();
      await Promise.race([ended, delay(patienceMs, undefined, { ref: false })]);
      await worker.close(true).catch(() => {});
    },
  };
}

/**
 * Keeps the one schedule of the installation: a sweep every two seconds. Said again and again, since Redis may lose it; saying
 * it unchanged does nothing. BullMQ says the next tick when one is taken: a worker that dies or stands still in between takes the
 * schedule along for a while. So every ten seconds a sweep is also asked for outright, once whatever the number of processes.
 */
export function keepSchedule(sweepQueue: Queue, log: Logger): { stop(): void } {
  const data = { v: JOB_VERSION, batch: 'due', asked: 'schedule' };
  const say = async () => {
    try {
      await sweepQueue.upsertJobScheduler('sweep', { every: SWEEP_EVERY_MS }, { name: 'sweep', data });
      const deduplication = { id: 'upkeep', ttl: UPKEEP_MS * 0.8 };
      await sweepQueue.add('sweep', { ...data, asked: 'upkeep' }, { deduplication });
    } catch (error) {
      log.debug({ err: error }, 'the schedule could not be said again');
    }
  };
  void say();
  const timer = setInterval(say, UPKEEP_MS);
  return { stop: () => clearInterval(timer) };
}

async function withDeadline<T>(work: Promise<T>, ms: number, what: string): Promise<T> {
  const late = new AbortController();
  try {
    return await Promise.race([
      work,
      delay(ms, undefined, { signal: late.signal }).then(() => {
        throw new Error(`${what} did not answer within ${ms / 1000} s`);
      }),
    ]);
  } finally {
    late.abort();
  }
}
