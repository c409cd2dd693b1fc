import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { backends, useInstallation } from '../queue/backends.ts';
import { addFeed } from '../support/house.ts';
import { type Served, serve } from '../support/served.ts';

for (const backend of backends.filter(({ short }) => !short))
  describe.skipIf(backend.missing)(`${backend.name}${backend.missing ? ` (${backend.missing})` : ''}`, () => {
    const installation = useInstallation(backend);
    let served: Served;
    let leave: () => Promise<void>;
    beforeAll(async () => {
      const { db, redisUrl } = installation();
      const member = await installation().join({ queues: [] }); // jobs are added and nobody takes them
      const { queues } = member.house;
      await queues.fetch.add('feed', { v: 0 } as never);
      const lists = Object.values(queues);
      served = await serve(db, redisUrl ? { REDIS_URL: redisUrl } : {}, { queues: lists as never });
      leave = member.leave;
      await addFeed(db, { url: 'https://dnevnik.example/rss', outlet: 'Dnevnik' });
      await db.query(
        `update glasnik.feeds set state = 'gone', last_error = 'dnevnik.example says that the feed is gone'`,
      );
    });
    afterAll(async () => {
      await served?.app.close();
      await leave?.();
    });
    const text = async (path: string) => (await fetch(served.base + path)).text();

    test('/ops names the backend, what needs a person and how many jobs wait', async () => {
      const page = await text('/ops');
      expect(page).toContain(`jobs on ${backend.name.includes('Redis') ? 'Redis' : 'PostgreSQL'}`);
      expect(page).toContain('dnevnik.example says that the feed is gone');
      expect(page).toMatch(/<th scope="row">fetch<\/th><td[^>]*>1<\/td>/);
      for (const queue of ['sweep', 'relate']) expect(page).toContain(`<th scope="row">${queue}</th>`);
    });

    test('/ops/queues shows the queues and the waiting job, loads nothing from elsewhere, and changes nothing', async () => {
      const page = await text('/ops/queues');
      expect(page.match(/(?:src|href)="(?:https?:)?\/\/[^"]*"/g)).toBeNull();
      const { queues } = JSON.parse(await text('/ops/queues/api/queues?activeQueue=fetch&status=waiting&page=1'));
      expect(queues.map((queue: { name: string }) => queue.name).sort()).toEqual(['fetch', 'relate', 'sweep']);
      const fetching = queues.find((queue: { name: string }) => queue.name === 'fetch');
      expect(fetching).toMatchObject({ readOnlyMode: true, counts: { waiting: 1 } });
      const [job] = fetching.jobs;
      for (const [method, path] of [
        ['PUT', `fetch/${job.id}/clean`],
        ['PUT', 'fetch/pause'],
        ['POST', 'fetch/add'],
      ])
        expect((await fetch(`${served.base}/ops/queues/api/queues/${path}`, { method: method! })).status).toBe(405);
    });

    test('/metrics counts the waiting job', async () => {
      expect(await text('/metrics')).toMatch(/^glasnik_queue_jobs\{queue="fetch",state="waiting"\} 1$/m);
    });
  });
