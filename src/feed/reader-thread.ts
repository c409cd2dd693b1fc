import { parentPort } from 'node:worker_threads';
import { FeedError } from './entry.ts';
import { type ReadOptions, readHere } from './read.ts';
import type { ThreadAnswer } from './thread.ts';

/** The thread's side of thread.ts: one document in, one answer out. */
parentPort?.on('message', async ({ bytes, options }: { bytes: Uint8Array; options: ReadOptions }) => {
  let answer: ThreadAnswer;
  try {
    answer = { document: await readHere(bytes, options) };
  } catch (error) {
    answer = {
      reason: error instanceof FeedError ? error.reason : 'unreadable',
      message: error instanceof Error ? error.message : String(error),
    };
  }
  parentPort?.postMessage(answer);
});
