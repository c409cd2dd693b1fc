/** The demonstration itself: the product over the sample feeds, and what it says about it. */
import { once } from 'node:events';
import { createServer } from 'node:net';
import { place } from '../src/cli/catalogue.ts';
import { CommandError } from '../src/cli/errors.ts';
import { type Opened, open } from '../src/cli/open.ts';
import { print } from '../src/cli/output.ts';
import { readNextForPeople } from '../src/cli/read-next.ts';
import { listen } from '../src/cli/serve.ts';
import { CLOSE_PATIENCE_MS, clientOf, deskOf, openJobs, runWorkers } from '../src/cli/work.ts';
import { readConfig } from '../src/config.ts';
import { answerReadNext } from '../src/http/readnext-answer.ts';
import type { QueueBackend } from '../src/queue/backend.ts';
import { QUEUES } from '../src/queue/jobs.ts';
import { addFeeds } from '../src/store/feeds.ts';
import { tagItem } from '../src/tag/tagger.ts';
import type { FetchLine } from '../workers/fetch.ts';
import { fetchByHand } from '../workers/manual.ts';
import { type SampleOrigin, startOrigin } from './origin.ts';
import { countSamples, tellAddresses, tellFigures, tellOddFeeds } from './report.ts';
import { ARTICLE, readSamples, type Sample } from './samples.ts';

/** What of the user's environment counts here: how to listen, to show and to log. Never a database, a queue or a data folder. */
const HEEDED = ['HOST', 'PORT', 'PUBLIC_URL', 'API_TOKEN', 'HTTP_RATE_PER_MIN', 'DISPLAY_TIME_ZONE', 'LOG_LEVEL'];
/** So many entries the list shows: the affair, and what surrounds it. */
const LIMIT = 6;

/**
 * Shows the product over a folder of its own until `stop`.
 * @throws ConfigError, CommandError; anything, once `stop` is aborted
 */
export async function show(folder: string, stop: AbortSignal): Promise<void> {
  await run(await environment(folder), stop);
}

/** The environment of the product: the folder is its DATA_DIR, loopback may be fetched from, and the port is one that is free. */
async function environment(folder: string): Promise<NodeJS.ProcessEnv> {
  const given = Object.fromEntries(HEEDED.map((name) => [name, process.env[name]]));
  const env = { LOG_LEVEL: 'error', ...withoutEmpty(given), DATA_DIR: folder, FETCH_ALLOW_CIDRS: '127.0.0.0/8' };
  const { host, port } = readConfig(env);
  return { ...env, PORT: (await isFree(host, port)) ? String(port) : '0' };
}

const withoutEmpty = (env: Record<string, string | undefined>) =>
  Object.fromEntries(Object.entries(env).filter(([, value]) => value));

async function isFree(host: string, port: number): Promise<boolean> {
  const probe = createServer();
  try {
    probe.listen(port, host);
    await once(probe, 'listening');
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') return false;
    return true; // what else is wrong with it is said when it is listened on in earnest
  } finally {
    if (probe.listening) await new Promise((closed) => probe.close(closed));
  }
}

async function run(env: NodeJS.ProcessEnv, stop: AbortSignal): Promise<void> {
  await print('glasnik, shown on sample feeds: the outlets are made up, and nothing is asked of the internet.\n');
  const samples = readSamples(new Date());
  let service: string | null = null;
  const timeZone = readConfig(env).displayTimeZone;
  const origin = await startOrigin(samples, { service: () => service, timeZone });
  const closing: (() => Promise<unknown>)[] = [() => origin.close()];
  try {
    const opening = open({ schema: 'ensured', alone: true, throwaway: true, env });
    warmUp(samples);
    const opened = await opening;
    closing.unshift(() => opened.close());
    const { config, db, log } = opened;
    stop.throwIfAborted();
    const jobs = await openJobs(config, db, log);
    closing.unshift(() => jobs.close());
    const http = await listen(config, db, log, jobs);
    closing.unshift(() => http.app.close());
    service = http.url;
    const lines = await fetchSamples(opened, jobs, samples, origin, stop);
    await tell(opened, { samples, lines, origin, service });
    const workers = await runWorkers(config, db, log, jobs, { queues: QUEUES, concurrency: config.fetchConcurrency });
    closing.unshift(() => workers.close(CLOSE_PATIENCE_MS));
    if (!stop.aborted) await once(stop, 'abort');
    await print('\nEnding and removing everything…');
  } finally {
    for (const close of closing) await close().catch(() => {});
  }
}

/** The tagger loads its lexicons when it is first asked: better now, while other processes make the database. */
function warmUp(samples: readonly Sample[]): void {
  const { title, lead } = samples[0]!.articles[0]!;
  tagItem({ title, summary: lead });
}

/** Puts the sample feeds into the catalogue, fetches them all, and waits until every article has its story and list. */
async function fetchSamples(
  { config, db, log }: Opened,
  jobs: QueueBackend,
  samples: readonly Sample[],
  origin: SampleOrigin,
  stop: AbortSignal,
): Promise<readonly FetchLine[]> {
  const feeds = samples.map(({ feed }) =>
    place({
      url: origin.addressOf(`/${feed.name}/feed`),
      outlet: feed.outlet,
      outletCountry: feed.country,
      lang: feed.lang,
      homepage: origin.addressOf(`/${feed.name}`),
    }),
  );
  const added = await addFeeds(db, feeds);
  const lines: FetchLine[] = [];
  const client = clientOf(config);
  try {
    await fetchByHand({ config, db, log, client, desk: deskOf(config, db) }, jobs, {
      feedIds: added.map(({ feed_id }) => feed_id),
      force: false,
      settle: true,
      stop,
      onLine: (line) => void lines.push(line),
    });
    return lines;
  } finally {
    await client.close().catch(() => {});
  }
}

async function tell(
  { config, db }: Opened,
  what: { samples: readonly Sample[]; lines: readonly FetchLine[]; origin: SampleOrigin; service: string },
): Promise<void> {
  const { samples, lines, origin, service } = what;
  const url = origin.addressOf(ARTICLE);
  const question = { url, limit: LIMIT, langs: null, title: null, lead: null };
  const { article, items } = await answerReadNext(db, question, new Date());
  if (!article) throw new CommandError(`The sample article ${url} was not stored`);
  await print(`${tellFigures(await countSamples(db), samples)}

${tellOddFeeds(samples, lines, origin.addressOf)}

Somebody reads this article:

${readNextForPeople([article], config.displayTimeZone)}

READ NEXT

${readNextForPeople(items, config.displayTimeZone)}

${tellAddresses(service, url)}`);
}
