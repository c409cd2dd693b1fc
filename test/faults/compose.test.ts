import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { createLog } from '../../src/log.ts';
import { inRoot } from '../../src/root.ts';
import { openDatabase } from '../../src/store/database.ts';
import { temporaryFolder } from '../support/folder.ts';
import { addFeed } from '../support/house.ts';
import { type Newsstand, startNewsstand } from '../support/newsstand.ts';
import { glasnik, isReady, type Running, run } from '../support/process.ts';
import { freePort, type OwnRedis, redisBinary, startRedis } from '../support/redis.ts';
import { FAST, settled } from './fleet.ts';
import { type OwnPostgres, startPostgres } from './postgres.ts';

type Service = {
  image: string;
  user?: string;
  read_only?: boolean;
  command?: string[];
  environment?: Record<string, string>;
  secrets?: string[];
  healthcheck?: { test: string[] };
  depends_on?: Record<string, { condition: string }>;
};
type Compose = { services: Record<string, Service>; secrets: Record<string, { file: string }> };

const compose = parse(readFileSync(inRoot('docker-compose.yml'), 'utf8'), { merge: true }) as Compose;
const ours = Object.entries(compose.services).filter(([, service]) => service.image === 'glasnik');

describe('docker-compose.yml', () => {
  // Docker's own plugin, or Compose as a program of its own (Debian: `docker-compose`); reading the file needs no engine.
  const clients: readonly (readonly [string, ...string[]])[] = [['docker', 'compose'], ['docker-compose']];
  const client = clients.find(([program, ...args]) => spawnSync(program, [...args, 'version']).status === 0);

  test.skipIf(!client)(
    `is taken by Compose${client ? '' : ' (neither docker compose nor docker-compose is here)'}`,
    () => {
      const [program, ...args] = client!;
      const { status, stdout, stderr } = spawnSync(program, [...args, 'config'], { cwd: inRoot(), encoding: 'utf8' });
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
      expect(Object.keys(parse(stdout).services).sort()).toEqual(Object.keys(compose.services).sort());
    },
  );

  test('gives no service a secret but through a file, nor a root file system to write to', () => {
    expect(ours.map(([name]) => name).sort()).toEqual(['migrate', 'serve', 'work']);
    for (const [name, service] of Object.entries(compose.services)) {
      expect({ name, read_only: service.read_only }).toEqual({ name, read_only: true });
      for (const secret of service.secrets ?? []) expect(compose.secrets).toHaveProperty(secret);
      for (const key of Object.keys(service.environment ?? {}))
        expect(key).not.toMatch(/^(DATABASE_URL|API_TOKEN|POSTGRES_PASSWORD)$/);
    }
    for (const [, service] of ours) expect(service.user).toBe('node');
    const waiting = ['serve', 'work'].map((name) => compose.services[name]!.depends_on!.migrate!.condition);
    expect(waiting).toEqual(Array(2).fill('service_completed_successfully'));
  });
});

describe.skipIf(!redisBinary())('the processes of docker-compose.yml, started by hand', () => {
  const folder = temporaryFolder('glasnik-compose-');
  let redis: OwnRedis;
  let server: OwnPostgres;
  let stand: Newsstand;
  const running: Running[] = [];
  beforeAll(async () => {
    [redis, server, stand] = [await startRedis(), await startPostgres(), await startNewsstand({ feeds: 4, hosts: 4 })];
  });
  afterAll(async () => {
    for (const one of running) one.kill('SIGKILL');
    await Promise.all([redis.close(), server.close(), stand.close()]);
    rmSync(folder, { recursive: true, force: true });
  });

  test('work together: migrate, serve and two workers, secrets from files, all healthy', async () => {
    const secrets: Record<string, string> = { database_url: server.url, api_token: 'a-token-of-some-length' };
    for (const [name, text] of Object.entries(secrets))
      writeFileSync(path.join(folder, name), `${text}\n`, { mode: 0o644 });
    const port = await freePort();
    const envOf = (name: string): Record<string, string> => {
      const given = Object.entries(compose.services[name]!.environment!).map(([key, value]) => [
        key,
        value
          .replace('/run/secrets/', `${folder}/`)
          .replace('redis://redis:6379', redis.url)
          .replace(/\$\{\w+:-(.*?)\}/, '$1'),
      ]);
      return {
        ...FAST,
        ...Object.fromEntries(given),
        ...(name === 'serve' ? { PORT: String(port), HOST: '127.0.0.1' } : {}),
      };
    };
    // As the image runs it: an account that owns nothing of the program.
    const as = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {};
    const migrated = await run(compose.services.migrate!.command!, { env: envOf('migrate'), ...as });
    expect(migrated).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/Loaded the bundled catalogue: \d+ feeds/),
    });
    const db = openDatabase(server.url, 2, createLog('silent'));
    await db.query('delete from glasnik.feeds'); // no test asks the outside world
    for (const feed of stand.feeds) await addFeed(db, feed);

    for (const name of ['serve', 'work', 'work'])
      running.push(glasnik(compose.services[name]!.command!, { env: envOf(name), ...as }));
    await Promise.all(running.map((one) => one.until(isReady)));
    await settled(db, stand);
    expect((await fetch(`http://127.0.0.1:${port}/readyz`)).status).toBe(200);
    const [, , , ...check] = compose.services.work!.healthcheck!.test;
    expect(await run(check, { env: envOf('work'), ...as })).toMatchObject({ code: 0 });

    for (const one of running) one.kill('SIGTERM');
    expect(await Promise.all(running.map((one) => one.ended))).toEqual(Array(3).fill({ code: 0, signal: null }));
    await db.close();
  });
});
