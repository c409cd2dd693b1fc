import type { Config } from '../config.ts';
import { type App, buildApp } from '../http/app.ts';
import type { Logger } from '../log.ts';
import type { QueueBackend } from '../queue/backend.ts';
import { openQueues } from '../queue/queues.ts';
import type { Database } from '../store/database.ts';
import { CommandError } from './errors.ts';
import { open } from './open.ts';
import { untilStopped } from './stop.ts';
import { openJobs } from './work.ts';

/** `glasnik serve`: HTTP only. */
export async function serve(): Promise<number> {
  const opened = await open();
  const { config, db, log } = opened;
  const stopped = untilStopped(log); // from now on: what is asked during the start counts
  try {
    const jobs = await openJobs(config, db, log);
    const { app, url } = await listen(config, db, log, jobs);
    log.info({ url }, 'serving');
    await stopped;
    await app.close();
    await jobs.close();
    return 0;
  } finally {
    await opened.close();
  }
}

/** The HTTP side, listening. @throws CommandError when the address is taken */
export async function listen(
  config: Config,
  db: Database,
  log: Logger,
  jobs: QueueBackend,
): Promise<{ app: App; url: string }> {
  const jobsAnswer = () =>
    jobs.ping().then(
      () => true,
      () => false,
    );
  const queues = Object.values(await openQueues(jobs));
  const app = await buildApp({ config, db, log, jobsAnswer, queues });
  app.addHook('onClose', async () => {
    await Promise.all(queues.map((queue) => queue.close().catch(() => {})));
  });
  try {
    return { app, url: await app.listen({ host: config.host, port: config.port }) };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    await app.close();
    if (code === 'EADDRINUSE')
      throw new CommandError(
        `Port ${config.port} on ${config.host} is taken: set PORT to another one, or stop what uses it`,
      );
    if (code === 'EACCES' || code === 'EADDRNOTAVAIL')
      throw new CommandError(`${config.host}:${config.port} cannot be listened on (${code}): correct HOST or PORT`);
    throw error;
  }
}
