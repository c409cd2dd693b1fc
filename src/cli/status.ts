import path from 'node:path';
import { VERSION } from '../config.ts';
import { QUEUES } from '../queue/jobs.ts';
import { openQueue } from '../queue/queues.ts';
import { readStatus, type Status } from '../store/status.ts';
import { TAGGER_VERSION } from '../tag/tagger.ts';
import { type Opened, open } from './open.ts';
import { plain, print, printJson, table } from './output.ts';
import { openJobs } from './work.ts';

type Depth = { readonly waiting: number; readonly active: number; readonly delayed: number; readonly failed: number };

/** `glasnik status`: the system on one screen. */
export async function status(options: Readonly<Record<string, unknown>>): Promise<number> {
  const opened = await open();
  try {
    const [figures, queues] = [await readStatus(opened.db, TAGGER_VERSION), await queueDepths(opened)];
    const database = connection(opened);
    if (options.json) await printJson({ version: VERSION, tagger: TAGGER_VERSION, database, queues, ...figures });
    else await print(screen(opened, figures, queues, database));
    return 0;
  } finally {
    await opened.close();
  }
}

async function queueDepths({ config, db, log }: Opened): Promise<Record<string, Depth> | { error: string }> {
  try {
    const backend = await openJobs(config, db, log);
    const depths: Record<string, Depth> = {};
    for (const name of QUEUES) {
      const queue = await openQueue(backend, name);
      const {
        waiting = 0,
        active = 0,
        delayed = 0,
        failed = 0,
      } = await queue.getJobCounts('waiting', 'active', 'delayed', 'failed');
      depths[name] = { waiting, active, delayed, failed };
      await queue.close();
    }
    await backend.close();
    return depths;
  } catch (error) {
    return { error: (error as Error).message };
  }
}

/** How downstream sites connect: never a password, only where it is. */
function connection({ config, place, embedded }: Opened): {
  at: string;
  login: string | null;
  password_file: string | null;
} {
  if (!embedded) return { at: place, login: null, password_file: null };
  return { at: place, login: 'glasnik_site', password_file: path.join(path.resolve(config.dataDir), 'site.password') };
}

function screen(
  opened: Opened,
  s: Status,
  queues: Record<string, Depth> | { error: string },
  database: ReturnType<typeof connection>,
): string {
  const states = Object.entries(s.feeds).map(([state, n]) => `${n} ${state}`);
  const depth =
    'error' in queues
      ? String(queues.error)
      : Object.entries(queues as Record<string, Depth>)
          .map(
            ([name, d]) => `${name} ${d.waiting} waiting, ${d.active} active${d.failed ? `, ${d.failed} failed` : ''}`,
          )
          .join(' · ');
  const facts = table([
    ['glasnik', `${VERSION}, tagger ${TAGGER_VERSION}`],
    [
      'database',
      database.login
        ? `${database.at} (embedded); sites log in as ${database.login}, password in ${database.password_file}`
        : database.at,
    ],
    ['jobs', `${opened.config.redisUrl ? 'Redis' : 'PostgreSQL'}: ${depth}`],
    [
      'feeds',
      `${states.join(', ') || 'none'}; ${s.due} due${s.overdue_s ? `, the first for ${s.overdue_s} s` : ''}, ${s.fetching} under way`,
    ],
    ['items', `${s.items}, of the beat ${s.relevant}, in ${s.stories} stories; ${s.unrelated} wait to be related`],
    ...(s.older_tagger ? [['tags', `${s.older_tagger} items carry tags of an older tagger: glasnik retag`]] : []),
    ['last fetch', s.last_fetch_at?.toISOString() ?? 'none yet'],
  ]);
  if (!s.errors.length) return facts;
  return `${facts}\n\nLast errors\n${table(s.errors.map((e) => [e.feed_id, plain(e.url), `${e.failures}×`, e.reason, plain(e.last_error ?? '')]))}`;
}
