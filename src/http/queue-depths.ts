import type { Queue } from 'bullmq';

/** How many jobs of a queue are where, and how long the first one has waited. */
export type QueueDepth = {
  readonly name: string;
  readonly waiting: number;
  readonly active: number;
  readonly delayed: number;
  readonly failed: number;
  readonly lagS: number;
};

/** Depths of the queues; null where their server does not answer within two seconds. */
export async function queueDepths(queues: readonly Queue[], now: number): Promise<QueueDepth[] | null> {
  const late = new Promise<null>((done) => setTimeout(done, 2000, null).unref());
  return Promise.race([Promise.all(queues.map((queue) => depthOf(queue, now))), late]).catch(() => null);
}

async function depthOf(queue: Queue, now: number): Promise<QueueDepth> {
  const {
    waiting = 0,
    active = 0,
    delayed = 0,
    failed = 0,
  } = await queue.getJobCounts('waiting', 'active', 'delayed', 'failed');
  const [first] = waiting ? await queue.getWaiting(0, 0) : [];
  return {
    name: queue.name,
    waiting,
    active,
    delayed,
    failed,
    lagS: first ? Math.max(0, now - first.timestamp) / 1000 : 0,
  };
}
