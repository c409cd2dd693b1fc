/** What people write with the same packages, to measure against: a job a feed, rss-parser's parseURL, an INSERT an item. */
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { createPostgresBackend, Queue, Worker } from 'bullmq';
import { Redis } from 'ioredis';
import pg from 'pg';
import Parser from 'rss-parser';

type Task = { readonly urls: readonly string[]; readonly database: string; readonly redis: string | null };

/** One pass in a process of its own; CPU milliseconds a feed. */
export async function passTypically(urls: readonly string[], database: string, redis: string | null): Promise<number> {
  const child = fork(fileURLToPath(import.meta.url), ['pass'], { execArgv: ['--import', 'tsx'] });
  return new Promise((resolve, reject) => {
    child.once('message', (cpuMs) => resolve(Number(cpuMs) / urls.length));
    child.once('error', reject);
    child.send({ urls, database, redis } satisfies Task);
  });
}

async function pass({ urls, database, redis }: Task): Promise<number> {
  const pool = new pg.Pool({ connectionString: database, max: 10 });
  await pool.query(
    'create table if not exists typical_item (id bigserial primary key, guid text, url text unique, title text, summary text, published_at timestamptz, feed_url text)',
  );
  const connection = (
    redis ? new Redis(redis, { maxRetriesPerRequest: null }) : { connectionString: database, migrate: true }
  ) as never;
  const backend = (redis ? [] : [createPostgresBackend]) as [];
  const queue = new Queue('typical', { connection }, ...backend);
  const parser = new Parser({ timeout: 10_000 });
  let left = urls.length;
  const done = new Promise<void>((resolve) => {
    new Worker(
      'typical',
      async (job) => {
        const feed = await parser.parseURL(job.data.url).catch(() => ({ items: [] }));
        for (const item of feed.items as Record<string, string>[])
          await pool.query(
            'insert into typical_item (guid, url, title, summary, published_at, feed_url) values ($1, $2, $3, $4, $5, $6) on conflict (url) do nothing',
            [item.guid, item.link, item.title, item.contentSnippet, item.isoDate, job.data.url],
          );
        if (--left === 0) resolve();
      },
      { connection, concurrency: 10 },
      ...backend,
    );
  });
  const before = process.cpuUsage();
  await queue.addBulk(
    urls.map((url) => ({ name: 'fetch', data: { url }, opts: { removeOnComplete: true, removeOnFail: true } })),
  );
  await done;
  const used = process.cpuUsage(before);
  return (used.user + used.system) / 1000;
}

if (process.argv[2] === 'pass')
  process.once('message', (task) => {
    void pass(task as Task).then((cpuMs) => process.send!(cpuMs, () => process.exit(0)));
  });
