/** `npm run demo`: the product itself, offline, over sample feeds of this machine, in a temporary folder that it removes. */
import { stopSignal } from '../src/cli/stop.ts';
import { openEmbedded } from '../src/embedded/server.ts';
import { createLog } from '../src/log.ts';
import { makeFolder, removeAbandoned, removeFolder } from './folder.ts';

/**
 * Runs the demonstration until Ctrl-C or SIGTERM.
 * @returns the exit status, as the command line's: 0 done, 1 failed, 2 a setting is wrong
 */
export async function demo(): Promise<number> {
  const stop = stopSignal();
  process.on('SIGHUP', () => process.kill(process.pid, 'SIGTERM')); // the terminal was closed
  process.stdout.on('error', () => {}); // whoever read it has left: the pages are still there
  let folder: string | undefined;
  try {
    await removeAbandoned();
    folder = makeFolder();
    await showOver(folder, stop);
    return 0;
  } catch (error) {
    if (stop.aborted) return 0;
    process.stderr.write(`glasnik demo: ${(error as Error).message}\n`);
    return (error as Error).name === 'ConfigError' ? 2 : 1;
  } finally {
    if (folder) await removeFolder(folder);
  }
}

/** The database is made by other processes for seconds: meanwhile this one loads the product's code. */
async function showOver(folder: string, stop: AbortSignal): Promise<void> {
  const making = openEmbedded({ dataDir: folder, log: createLog('silent'), throwaway: true });
  making.catch(() => {}); // it is said below
  try {
    const { show } = await import('./show.ts');
    await show(folder, stop);
  } finally {
    const database = await making;
    await database.close();
  }
}
