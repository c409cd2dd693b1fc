import { setMaxListeners } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import type { Job, Processor } from 'bullmq';
import pLimit, { type LimitFunction } from 'p-limit';
import type { QueueBackend } from '../src/queue/backend.ts';
import { FEEDS_A_JOB, QUEUES, type QueueName, type ReadJob, readBatchJob, readFetchJob } from '../src/queue/jobs.ts';
import { type Attendant, attend, keepSchedule } from '../src/queue/queues.ts';
import { fetchFeed } from './fetch.ts';
import { letHeapGrow } from './heap.ts';
import type { House } from './house.ts';
import { type Leaser, openLeaser } from './leaser.ts';
import { relate } from './relate.ts';
import { openRelateAsker, sweep } from './sweep.ts';

/** The workers of one process. */
export type Workers = {
  /** True while every queue that this process attends to is heard. */
  areWell(): boolean;
  /** Takes no new jobs, lets running ones end, at most `patienceMs`. What is cut off is taken over by others. */
  close(patienceMs: number): Promise<void>;
};

/** Jobs of another payload version wait this long before somebody looks at them again. */
const PUT_BACK_MS = 5000;

/**
 * Starts the workers of a process and keeps the schedule.
 * @param queues which queues to attend to
 * @param concurrency feeds under way at once
 */
export async function startWorkers(
  house: House,
  backend: QueueBackend,
  { queues, concurrency }: { queues: readonly QueueName[]; concurrency: number },
): Promise<Workers> {
  letHeapGrow();
  const stopping = new AbortController();
  setMaxListeners(0, stopping.signal); // every fetch under way listens
  const closing = new AbortController();
  const leaser = openLeaser(house, closing.signal);
  // Twice as many feeds are in hand as are under way, so that slow ones keep no place empty.
  const fetching: Fetching = {
    atOnce: pLimit(concurrency),
    leaser,
    askRelate: openRelateAsker(house.queues),
    stop: stopping.signal,
  };
  const processors: Record<QueueName, { processor: Processor; concurrency: number }> = {
    sweep: { processor: (job) => takeBatch(house, job, () => sweep(house)), concurrency: 1 },
    fetch: {
      processor: (job) => takeFetches(house, job, fetching),
      concurrency: Math.ceil((2 * concurrency) / FEEDS_A_JOB),
    },
    relate: { processor: (job) => takeBatch(house, job, () => relate(house.db, stopping.signal)), concurrency: 1 },
  };
  const attendants = new Map<QueueName, Attendant>();
  const shared = { backend, log: house.log, askWorkplace: () => house.db.query('select 1') };
  for (const name of QUEUES)
    if (queues.includes(name))
      attendants.set(name, await attend({ ...shared, queue: house.queues[name], ...processors[name] }));
  const schedule = keepSchedule(house.queues.sweep, house.log);
  return {
    areWell: () => [...attendants.values()].every((attendant) => attendant.isWell()),
    async close(patienceMs) {
      schedule.stop();
      // First whatever leases: nothing is leased that this process will not fetch.
      closing.abort();
      await Promise.all([leaser.ended(), attendants.get('sweep')?.close(patienceMs * 0.2)]);
      const closed = Promise.all([...attendants.values()].map((attendant) => attendant.close(patienceMs * 0.8)));
      // Fetches get most of the patience to end by themselves; then their requests are cut, which leaves the feeds due.
      await Promise.race([closed, delay(patienceMs * 0.6, undefined, { ref: false })]);
      stopping.abort();
      await closed;
    },
  };
}

/** Whether a job is for us: one of another version goes back to wait for its reader, one that nobody can read is dropped and told. */
async function readOrPutBack<T>(house: House, job: Job, read: ReadJob<T>): Promise<T | null> {
  if (read.kind === 'job') return read.job;
  const queue = house.queues[job.queueName as QueueName];
  if (read.kind === 'other-version') {
    await queue.add(job.name, job.data, { delay: PUT_BACK_MS });
    house.log.info({ job: job.id, queue: job.queueName }, 'a job of another version was put back');
  } else house.log.error({ job: job.id, queue: job.queueName, why: read.why }, 'a job that cannot be read was dropped');
  return null;
}

async function takeBatch(house: House, job: Job, work: () => Promise<unknown>): Promise<void> {
  if (await readOrPutBack(house, job, readBatchJob(job.data))) await work();
}

type Fetching = {
  readonly atOnce: LimitFunction;
  readonly leaser: Leaser;
  readonly askRelate: () => void;
  readonly stop: AbortSignal;
};

/** A fetch job: its fetches, and what follows from each. Fails with the first that failed, once all have ended. */
async function takeFetches(house: House, job: Job, { atOnce, leaser, askRelate, stop }: Fetching): Promise<void> {
  const read = await readOrPutBack(house, job, readFetchJob(job.data));
  if (!read) return;
  const id = job.id ?? 'nameless';
  const rooms = { ...house, log: house.log.child({ job: id }) };
  const fetches = read.leases.map((lease) =>
    atOnce(async () => {
      const fetched = await fetchFeed(rooms, lease, { job: id, byHand: false, force: false, signal: stop });
      if (!fetched) return;
      if (fetched.itemIds.length) askRelate();
      leaser.soon(fetched.pauseMs);
    }),
  );
  const failed = (await Promise.allSettled(fetches)).find((result) => result.status === 'rejected');
  if (failed) throw failed.reason;
}
