import { VERSION } from '../config.ts';
import { QUEUES } from '../queue/jobs.ts';
import { addFeeds, countFeeds } from '../store/feeds.ts';
import { bundledCatalogue } from './catalogue.ts';
import { open } from './open.ts';
import { listen } from './serve.ts';
import { untilStopped } from './stop.ts';
import { CLOSE_PATIENCE_MS, openJobs, runWorkers } from './work.ts';

/** `glasnik up`: everything in one process. */
export async function up(): Promise<number> {
  const opened = await open({ schema: 'ensured', alone: true });
  const { config, db, log, place } = opened;
  const stopped = untilStopped(log); // from now on: what is asked during the start counts
  try {
    if ((await countFeeds(db)) === 0) {
      const seeded = await addFeeds(db, bundledCatalogue());
      log.info({ feeds: seeded.length }, 'the bundled catalogue was loaded');
    }
    const jobs = await openJobs(config, db, log);
    const { app, url } = await listen(config, db, log, jobs);
    const workers = await runWorkers(config, db, log, jobs, { queues: QUEUES, concurrency: config.fetchConcurrency });
    log.info({ version: VERSION, url, database: place, jobs: jobs.kind }, 'glasnik is up');
    await stopped;
    await Promise.all([app.close(), workers.close(CLOSE_PATIENCE_MS)]);
    await jobs.close();
    return 0;
  } finally {
    await opened.close();
  }
}
