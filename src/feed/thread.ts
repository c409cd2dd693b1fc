import { Worker } from 'node:worker_threads';
import { inRoot } from '../root.ts';
import { FeedError } from './entry.ts';
import type { ReadDocument, ReadOptions } from './read.ts';

/** One document may take this long (ms) and its thread this much heap (MB); a feed of 8 MiB takes 0.5 s and 150 MB. */
const TIME_LIMIT = 4_000;
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

let idle: { readonly worker: Worker; readonly timer: NodeJS.Timeout } | null = null;
let queue: Promise<unknown> = Promise.resolve();

/**
 * Reads a document in a thread of its own, one document at a time: with two threads two large documents would take both
 * cores from the fetching. A document that exceeds its time or memory costs the thread, nothing else.
 */
export function readInThread(bytes: Uint8Array, options: ReadOptions): Promise<ReadDocument> {
  const answer = queue.then(() => readOne(bytes, options));
  queue = answer.catch(() => undefined);
  return answer;
}

function readOne(bytes: Uint8Array, options: ReadOptions): Promise<ReadDocument> {
  const worker = takeWorker();
  return new Promise((resolve, reject) => {
    const stop = (message: string) => {
      clearTimeout(timer);
      worker.removeAllListeners();
      worker.on('error', () => undefined);
      void worker.terminate();
      reject(new FeedError('unreadable', message));
    };
    const timer = setTimeout(() => stop(`reading took more than ${TIME_LIMIT} ms`), TIME_LIMIT);
    worker.once('error', (error) => stop(`the reading thread failed: ${error.message}`));
    worker.once('exit', () => stop('the reading thread ended'));
    worker.once('message', (answer: ThreadAnswer) => {
      clearTimeout(timer);
      worker.removeAllListeners();
      giveBack(worker);
      if ('document' in answer) resolve(answer.document);
      else reject(new FeedError(answer.reason, answer.message));
    });
    worker.ref();
    worker.postMessage({ bytes, options });
  });
}

function takeWorker(): Worker {
  if (idle !== null) {
    const { worker, timer } = idle;
    idle = null;
    clearTimeout(timer);
    worker.removeAllListeners();
    return worker;
  }
  return new Worker(ENTRY, { resourceLimits: { maxOldGenerationSizeMb: HEAP_LIMIT, maxYoungGenerationSizeMb: 32 } });
}

function giveBack(worker: Worker): void {
  worker.unref();
  const timer = setTimeout(() => {
    idle = null;
    void worker.terminate();
  }, IDLE_LIMIT);
  timer.unref();
  worker.once('error', () => {
    clearTimeout(timer);
    idle = null;
  });
  idle = { worker, timer };
}
