import { afterAll, beforeAll, expect, test } from 'vitest';
import { useDatabase } from '../support/database.ts';
import { addFeed } from '../support/house.ts';
import { type Newsstand, startNewsstand } from '../support/newsstand.ts';
import { glasnik, isReady } from '../support/process.ts';

const db = useDatabase();
let stand: Newsstand;
beforeAll(async () => {
  stand = await startNewsstand({ feeds: 2, hosts: 2, items: 4 });
});
afterAll(() => stand.close());

test('a worker writes one line a fetch, with feed, job and figures, and no credentials anywhere', async () => {
  const feed = stand.feeds[0]!;
  const id = await addFeed(db(), { ...feed, url: feed.url.replace('http://', 'http://reader:hush-hush@') });
  const bad = await addFeed(db(), { url: stand.feeds[1]!.url.replace('.xml', '.missing') });
  const worker = glasnik(['work'], {
    env: { DATABASE_URL: db().url, FETCH_ALLOW_CIDRS: '127.0.0.0/8', LOG_LEVEL: 'debug' },
  });
  await worker.until(isReady);
  const [good, failed] = await Promise.all(
    [id, bad].map((feedId) => worker.until((line) => line.msg === 'fetch' && line.feed === feedId)),
  );
  expect(good).toMatchObject({ level: 'info', outcome: 'fetched', status: 200, new: 4 });
  expect(good).toMatchObject({
    ms: expect.any(Number),
    relevant: expect.any(Number),
    job: expect.stringContaining(`feed-${id}-`),
  });
  expect(failed).toMatchObject({
    level: 'warn',
    outcome: 'failed',
    status: 404,
    reason: 'http-404',
    new: 0,
    relevant: 0,
  });
  // The database goes away under it: what it then says of its connections names no password either.
  await db().query(
    `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'glasnik ${worker.pid}'`,
  );
  await worker.until((line) => /connection.* was lost|queue connection/.test(line.msg ?? ''));
  worker.kill('SIGTERM');
  expect(await worker.ended).toEqual({ code: 0, signal: null });
  for (const line of worker.log) expect(line).toHaveProperty('level');
  expect(worker.log.filter((line) => line.msg === 'fetch' && line.feed === id)).toHaveLength(1);
  expect(worker.stderr()).not.toContain('hush-hush');
  const password = new URL(db().url).password;
  if (password) expect(worker.stderr()).not.toContain(password);
}, 60_000);
