import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { afterAll, beforeAll, expect } from 'vitest';
import type { Database } from '../../src/store/database.ts';
import { type Newsstand, type NewsstandOptions, startNewsstand } from '../support/newsstand.ts';
import { brokenInvariants, type Picture, readPicture } from './equal.ts';
import { endLeases, type Fleet, openFleet, stock, undisturbed } from './fleet.ts';
import { type OwnPostgres, startPostgres } from './postgres.ts';

/** Stages that the newsstand goes through in a run. */
export const STAGES = 3;

/** What the tests of a file share: an origin, a server, and what an undisturbed run stores. */
export type World = {
  readonly stand: Newsstand;
  readonly server: OwnPostgres;
  readonly expected: Picture;
  /** A database of a test's own, stocked with the feeds, and a fleet without workers yet. */
  begin(env?: Record<string, string>): Promise<{ db: Database; url: string; fleet: Fleet }>;
};

/** Opens a world before the tests of a file and closes it after them, with all that tests began. @param stages of the undisturbed run */
export function useWorld({
  stages = STAGES,
  ...options
}: Partial<NewsstandOptions> & { stages?: number } = {}): () => World {
  let world: World | undefined;
  const closing: (() => Promise<unknown>)[] = [];
  beforeAll(async () => {
    const stand = await startNewsstand({ feeds: 10, hosts: 4, items: 8, bad: 0.1, ...options });
    const server = await startPostgres();
    const { picture } = await undisturbed(server.url, stand, stages);
    world = {
      stand,
      server,
      expected: picture,
      async begin(env = {}) {
        stand.setStage(0);
        const name = `run_${randomBytes(4).toString('hex')}`;
        const client = new pg.Client({ connectionString: server.url });
        await client.connect();
        await client.query(`create database ${name}`);
        await client.end();
        const address = new URL(server.url);
        address.pathname = `/${name}`;
        const db = await stock(address.href, stand);
        const fleet = openFleet({ DATABASE_URL: address.href, DATABASE_POOL: '6', ...env });
        closing.push(async () => {
          for (const worker of fleet.workers) worker.kill('SIGKILL');
          await db.close();
        });
        return { db, url: address.href, fleet };
      },
    };
  });
  afterAll(async () => {
    for (const close of closing) await close();
    await world?.stand.close();
    await world?.server.close();
  });
  return () => world!;
}

/** Stops the fleet and holds what is stored against the undisturbed run. */
export async function proveEqual(fleet: Fleet, db: Database, expected: Picture): Promise<void> {
  await fleet.stop();
  await endLeases(db);
  const picture = await readPicture(db);
  expect(picture.pruned).toEqual(expected.pruned);
  expect(picture.feeds).toEqual(expected.feeds);
  expect(picture.items).toEqual(expected.items);
  expect(await brokenInvariants(db)).toEqual([]);
}
