import { setMaxListeners } from 'node:events';
import type { Logger } from '../log.ts';

/** Resolves at SIGTERM or Ctrl-C; a second one ends the process at once. */
export function untilStopped(log: Logger): Promise<void> {
  return new Promise((resolve) => {
    let asked = false;
    for (const signal of ['SIGTERM', 'SIGINT'] as const)
      process.on(signal, () => {
        if (asked) process.exit(1);
        asked = true;
        log.info({ signal }, 'stopping');
        resolve();
      });
  });
}

/** An AbortSignal for a command that waits: Ctrl-C lets it clean up. */
export function stopSignal(): AbortSignal {
  const controller = new AbortController();
  setMaxListeners(0, controller.signal); // every fetch under way listens
  for (const signal of ['SIGTERM', 'SIGINT'] as const)
    process.on(signal, () => (controller.signal.aborted ? process.exit(1) : controller.abort(new Error('stopped'))));
  return controller.signal;
}
