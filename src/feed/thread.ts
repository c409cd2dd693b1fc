import { Worker } from 'node:worker_threads';
import { inRoot } from '../root.ts';
import { FeedError } from './entry.ts';
import type { ReadDocument, ReadOptions } from './read.ts';

/** One document may take this long (ms) and its thread this much heap (MB); a feed of 8 MiB takes 0.5 s and 150 MB. */
const TIME_LIMIT = 12_000;
const HEAP_LIMIT = 320;
/** A thread without work ends after this long (ms): an idle one holds 30 MB. */
const IDLE_LIMIT = 30_000;

export type ThreadAnswer =
  | { readonly document: ReadDocument }
  | { readonly reason: FeedError['reason']; readonly message: string };

/** Run from the sources (tests), the thread takes the compiled reader: Node 20 does not load TypeScript in a thread. */
const ENTRY = import.meta.url.endsWith('.ts')
  ? inRoot('dist', 'src', 'feed', 'reader-thread.js')
  : new URL('./reader-thread.js', import.meta.url);

type Job = { readonly settle: (answer: ThreadAnswer) => void };
type Thread = { readonly worker: Worker; job: Job | null; timer: NodeJS.Timeout | null };

let thread: Thread | null = null;
let queue: Promise<unknown> = Promise.resolve();

/**
 * Reads a document in a thread of its own, one document at a time: with two threads two large documents would take both
 * cores from the fetching. A document that exceeds its time or memory costs the thread, nothing else.
 *
 * @throws FeedError
 */
export async function readInThread(bytes: Uint8Array, options: ReadOptions): Promise<ReadDocument> {
  const turn = queue.then(() => askThread(bytes, options));
  queue = turn.catch(() => undefined);
  const answer = await turn;
  if ('document' in answer) return answer.document;
  throw new FeedError(answer.reason, answer.message);
}

function askThread(bytes: Uint8Array, options: ReadOptions): Promise<ThreadAnswer> {
  thread ??= startThread();
  const mine = thread;
  if (mine.timer !== null) clearTimeout(mine.timer);
  return new Promise((resolve) => {
    mine.job = { settle: resolve };
    mine.timer = setTimeout(() => stop(mine, `reading took more than ${TIME_LIMIT} ms`), TIME_LIMIT);
    mine.worker.ref();
    mine.worker.postMessage({ bytes, options });
  });
}

function startThread(): Thread {
  const worker = new Worker(ENTRY, {
    resourceLimits: { maxOldGenerationSizeMb: HEAP_LIMIT, maxYoungGenerationSizeMb: 32 },
  });
  const started: Thread = { worker, job: null, timer: null };
  worker.on('message', (answer: ThreadAnswer) => settle(started, answer));
  worker.on('error', (error) => stop(started, `the reading thread failed: ${error.message}`));
  worker.on('exit', () => stop(started, 'the reading thread ended'));
  return started;
}

function settle(mine: Thread, answer: ThreadAnswer): void {
  const job = mine.job;
  mine.job = null;
  if (mine.timer !== null) clearTimeout(mine.timer);
  mine.timer = setTimeout(() => stop(mine, 'idle'), IDLE_LIMIT);
  mine.timer.unref();
  mine.worker.unref();
  job?.settle(answer);
}

function stop(mine: Thread, message: string): void {
  if (thread === mine) thread = null;
  if (mine.timer !== null) clearTimeout(mine.timer);
  const job = mine.job;
  mine.job = null;
  void mine.worker.terminate();
  job?.settle({ reason: 'unreadable', message });
}
