import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { openEmbedded } from '../../src/embedded/server.ts';
import { createLog } from '../../src/log.ts';
import { type Database, openDatabase } from '../../src/store/database.ts';
import { migrate } from '../../src/store/migrate.ts';
import { temporaryFolder } from '../support/folder.ts';
import { addFeed } from '../support/house.ts';
import { type Newsstand, startNewsstand } from '../support/newsstand.ts';
import { until } from '../support/redis.ts';
import type { Picture } from './equal.ts';
import { type Fleet, openFleet, settled, undisturbed } from './fleet.ts';
import { startPostgres } from './postgres.ts';
import { proveEqual, STAGES } from './world.ts';

const log = createLog('silent');
let stand: Newsstand;
let expected: Picture;
let closing: (() => Promise<unknown> | unknown)[] = [];

beforeAll(async () => {
  stand = await startNewsstand({ feeds: 8, hosts: 4, items: 6 });
  const server = await startPostgres();
  expected = (await undisturbed(server.url, stand, STAGES)).picture;
  await server.close();
});
beforeEach(() => {
  closing = [];
  stand.setStage(0);
  return async () => {
    for (const close of closing.reverse()) await close();
  };
});
afterAll(() => stand.close());

/** An embedded installation with the newsstand's feeds; our own session keeps it in use, and starts it again as any process does. */
async function begin(dataDir: string): Promise<{ db: Database; fleet: Fleet; postmaster: () => number }> {
  const embedded = await openEmbedded({ dataDir, log });
  closing.push(() => embedded.close());
  const db = openDatabase(embedded.url, 3, log);
  closing.push(() => db.close().catch(() => {}));
  await migrate(db);
  for (const feed of stand.feeds) await addFeed(db, feed);
  const fleet = openFleet({ DATA_DIR: dataDir, PORT: '0' });
  closing.push(() => {
    for (const worker of fleet.workers) worker.kill('SIGKILL');
  });
  const folder = readdirSync(dataDir).find((name) => /^pg\d+$/.test(name))!;
  const postmaster = () => Number(readFileSync(path.join(dataDir, folder, 'postmaster.pid'), 'utf8').split('\n')[0]);
  return { db, fleet, postmaster };
}

test('the embedded server, killed, is started again by those who use it, and they go on', async () => {
  const dataDir = temporaryFolder('glasnik-faults-');
  closing.push(() => rmSync(dataDir, { recursive: true, force: true, maxRetries: 5 }));
  const { db, fleet, postmaster } = await begin(dataDir);
  await Promise.all([fleet.start(), fleet.start()]);
  for (let stage = 1; stage <= STAGES; stage++) {
    stand.setStage(stage);
    process.kill(postmaster(), 'SIGKILL');
    await settled(db, stand, 90_000);
  }
  expect(fleet.workers.map((worker) => worker.child.exitCode)).toEqual([null, null]);
  await proveEqual(fleet, db, expected);
});

test('up, killed with everything in it, is started again over the server that it left behind', async () => {
  const dataDir = temporaryFolder('glasnik-faults-');
  closing.push(() => rmSync(dataDir, { recursive: true, force: true, maxRetries: 5 }));
  const { db, fleet } = await begin(dataDir);
  let up = await fleet.start({}, ['up']);
  for (let stage = 1; stage <= STAGES; stage++) {
    stand.setStage(stage);
    const before = stand.requests();
    await until('it asks', () => stand.requests() > before, { everyMs: 5 });
    up.kill('SIGKILL');
    await up.ended;
    up = await fleet.replace(up, ['up']);
  }
  await settled(db, stand, 90_000);
  await proveEqual(fleet, db, expected);
});

/** A file system of a few megabytes, where this machine lets us have one. */
function smallDisk(): string | null {
  if (process.getuid?.() !== 0 || process.platform !== 'linux') return null;
  const dir = temporaryFolder('glasnik-disk-');
  if (spawnSync('/bin/mount', ['-t', 'tmpfs', '-o', 'size=160m,mode=755', 'tmpfs', dir]).status === 0) return dir;
  rmSync(dir, { recursive: true });
  return null;
}
const disk = smallDisk();
afterAll(() => {
  if (disk) spawnSync('/bin/umount', ['-l', disk]);
});

test.skipIf(!disk)(
  `a full disk stops the work and loses nothing${disk ? '' : ' (no right to mount one)'}`,
  async () => {
    const dataDir = path.join(disk!, 'data');
    const { db, fleet } = await begin(dataDir);
    await fleet.start();
    await settled(db, stand, 90_000);
    const filler = path.join(disk!, 'filler');
    const fill = () => {
      try {
        for (let mib = 1024; mib > 0.01; mib /= 2)
          try {
            writeFileSync(filler, Buffer.alloc(Math.floor(mib * 1024 * 1024)), { flag: 'a' });
          } catch {
            // that much does not fit: half of it may
          }
      } catch {
        // full
      }
    };
    fill();
    stand.setStage(STAGES);
    const before = stand.requests();
    await until('feeds are asked though nothing can be stored', () => stand.requests() > before + 4, {
      withinMs: 30_000,
    }).catch(() => {});
    fill();
    rmSync(filler);
    await settled(db, stand, 100_000);
    await proveEqual(fleet, db, expected);
  },
);
