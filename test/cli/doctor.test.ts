import { chmodSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { examine } from '../../src/cli/doctor.ts';
import {
  examineClock,
  examineDatabase,
  examineDisk,
  examineHttp,
  examineMigrations,
  examineNode,
  examineRedis,
  type Finding,
} from '../../src/cli/examine.ts';
import type { DatabaseFacts } from '../../src/store/facts.ts';
import { useDatabase } from '../support/database.ts';
import { temporaryFolder } from '../support/folder.ts';
import { run } from '../support/process.ts';
import { freePort, type OwnRedis, redisBinary, startRedis } from '../support/redis.ts';

const db = useDatabase();
const folder = temporaryFolder('glasnik-doctor-');
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The findings that are not ok, in short. */
const ills = (findings: readonly Finding[]) =>
  findings.filter((finding) => finding.level !== 'ok').map((f) => `${f.level} ${f.check}: ${f.says} → ${f.do}`);
const secret = (name: string, text: string, mode = 0o600): string => {
  const file = path.join(folder, name);
  writeFileSync(file, text);
  chmodSync(file, mode);
  return file;
};

describe('doctor', () => {
  test('finds nothing wrong with a migrated database and plain settings', async () => {
    expect(ills(await examine({ DATABASE_URL: db().url }))).toEqual([]);
  });

  test('names every mistake of the settings, secrets in files included, and never says a secret', async () => {
    const found = ills(
      await examine({
        PORT: 'eighty',
        DATABASE_POOL: '2',
        API_TOKEN_FILE: path.join(folder, 'missing'),
        REDIS_URL_FILE: secret('redis', 'http://user:hush@host'),
      }),
    );
    expect(found).toHaveLength(4);
    for (const name of ['PORT', 'DATABASE_POOL', 'API_TOKEN_FILE', 'REDIS_URL'])
      expect(found.some((line) => line.startsWith(`fail settings: ${name}`))).toBe(true);
    expect(found.join()).not.toContain('hush');
  });

  test('finds a secret that everybody can read', async () => {
    const file = secret('database', db().url, 0o644);
    expect(ills(await examine({ DATABASE_URL_FILE: file }))).toEqual([
      `warn settings: DATABASE_URL_FILE: everybody on this machine can read ${file} → chmod 640 ${file}`,
    ]);
  });

  test('finds servers that do not answer, and says where, without credentials', async () => {
    const port = await freePort();
    const found = ills(
      await examine({
        DATABASE_URL: `postgres://me:hush@127.0.0.1:${port}/glasnik`,
        REDIS_URL: `redis://:hush@127.0.0.1:${port}`,
      }),
    );
    expect(found).toEqual([
      `fail database: Nothing answers for the database at 127.0.0.1:${port}/glasnik → start PostgreSQL there, or correct DATABASE_URL`,
      expect.stringMatching(`^fail redis: Redis at 127.0.0.1:${port} cannot be used.*→ start Redis or Valkey there`),
    ]);
    expect(found.join()).not.toContain('hush');
  });

  test('finds a reader that can read or write too much, and one that can read too little', async () => {
    await db().query(`grant usage on schema glasnik to glasnik_reader; grant select on glasnik.feeds to glasnik_reader;
                      grant insert on wire.items to glasnik_reader; revoke select on wire.about from glasnik_reader`);
    const found = ills(await examine({ DATABASE_URL: db().url }));
    await db().query(`revoke all on schema glasnik from glasnik_reader; revoke all on glasnik.feeds from glasnik_reader;
                      revoke insert on wire.items from glasnik_reader; grant select on wire.about to glasnik_reader`);
    expect(found.map((line) => line.split(' → ')[0])).toEqual([
      'warn rights: glasnik_reader cannot read wire.about',
      'fail rights: glasnik_reader can read more than schema wire: glasnik.feeds',
      'fail rights: glasnik_reader can write: wire.items',
    ]);
  });

  test('finds a user without the rights to work', async () => {
    await db().query(`create role glasnik_doctor_test login password 'pass'`);
    const url = new URL(db().url);
    url.username = 'glasnik_doctor_test';
    url.password = 'pass';
    try {
      await db().query('grant usage on schema glasnik_meta, glasnik to glasnik_doctor_test');
      await db().query('grant select on all tables in schema glasnik_meta to glasnik_doctor_test');
      expect(ills(await examine({ DATABASE_URL: url.href }))).toEqual([
        expect.stringMatching(/^fail rights: user glasnik_doctor_test may not read and write .* more → connect as/),
      ]);
    } finally {
      await db().query('drop owned by glasnik_doctor_test; drop role glasnik_doctor_test');
    }
  });

  test('finds migrations that wait, and a database that is ahead', async () => {
    await db().query(`insert into glasnik_meta.migrations (name, hash) values ('9999_later.sql', 'x')`);
    const ahead = ills(await examine({ DATABASE_URL: db().url }));
    await db().query(`delete from glasnik_meta.migrations where name = '9999_later.sql'`);
    expect(ahead).toEqual([
      'fail migrations: the database is newer than this glasnik → update glasnik on this machine',
    ]);
    expect(ills([examineMigrations({ state: 'older', pending: ['0002_wire.sql'] }, true, false)])).toEqual([
      'fail migrations: 0002_wire.sql wait → run "glasnik migrate"',
    ]);
    expect(ills([examineMigrations({ state: 'empty', pending: [] }, false, false)])[0]).toContain(
      'grant create on database',
    );
    expect(examineMigrations({ state: 'empty', pending: [] }, true, true).level).toBe('ok');
  });

  test('finds a DATA_DIR that cannot be written to', async () => {
    const file = secret('no-folder', '');
    expect(ills(await examine({ DATA_DIR: path.join(file, 'below') }))[0]).toMatch(
      /^fail disk: DATA_DIR .* cannot be written/,
    );
  });

  const facts: DatabaseFacts = {
    version: '15.1',
    versionNumber: 150_001,
    encoding: 'UTF8',
    now: new Date(0),
    maxConnections: 100,
    reserved: 3,
    connections: 1,
    processes: 2,
    user: 'me',
    mayCreate: true,
  };

  test.each<[string, Finding | Finding[], RegExp | null]>([
    ['a small fleet', examineDatabase(facts, 'db', 8), null],
    [
      'more processes × pool than connections',
      examineDatabase({ ...facts, processes: 11 }, 'db', 8),
      /11 processes × 9.*97 → raise max_connections to 150/,
    ],
    [
      'a server that is too old',
      examineDatabase({ ...facts, versionNumber: 130_002 }, 'db', 8),
      /too old → upgrade the server to 14/,
    ],
    [
      'an encoding without Cyrillic',
      examineDatabase({ ...facts, encoding: 'LATIN1' }, 'db', 8),
      /LATIN1.*→ create another/,
    ],
    ['an old Node', examineNode('18.20.0'), /Node 18.20.0 is too old → install Node 20.19/],
    ['a new Node', examineNode('22.1.0'), null],
    ['an open address without a token', examineHttp({ host: '0.0.0.0', apiToken: null }), /no token.*→ set API_TOKEN/],
    ['an open address with a token', examineHttp({ host: '0.0.0.0', apiToken: 'x'.repeat(16) }), null],
    ['loopback without a token', examineHttp({ host: '::1', apiToken: null }), null],
    ['clocks that agree', examineClock('PostgreSQL', 10_500, { before: 10_000, after: 11_000 }), null],
    [
      'a clock that is ahead',
      examineClock('PostgreSQL', 21_000, { before: 10_000, after: 11_000 }),
      /^warn.*10.0 s ahead of/,
    ],
    [
      'a clock that is far behind',
      examineClock('Redis', 10_000, { before: 100_000, after: 100_000 }),
      /^fail.*90.0 s behind/,
    ],
    ['a full disk', examineDisk('/data', 50 * 2 ** 20), /^fail disk: 50 MiB are free for \/data → free some space/],
    ['a disk that fills', examineDisk('/data', 500 * 2 ** 20), /^warn disk/],
    [
      'an old Redis',
      examineRedis({ version: '5.0.1', nowMs: 0, evicts: 'noeviction', maxMemory: 0, isReplica: false }, 'r'),
      /too old → upgrade/,
    ],
    [
      'a replica',
      examineRedis({ version: '7.2.0', nowMs: 0, evicts: 'noeviction', maxMemory: 0, isReplica: true }, 'r'),
      /only reads → set REDIS_URL/,
    ],
  ])('judges %s', (_, findings, says) => {
    const found = ills([findings].flat());
    if (says === null) expect(found).toEqual([]);
    else expect(found).toEqual([expect.stringMatching(says)]);
  });
});

describe.skipIf(!redisBinary())('doctor with a Redis', () => {
  let redis: OwnRedis;
  beforeAll(async () => {
    redis = await startRedis(['--maxmemory', '50mb', '--maxmemory-policy', 'allkeys-lru']);
  });
  afterAll(() => redis.close());

  test('that evicts says so, as text and as JSON, with exit status 1', async () => {
    const env = { DATABASE_URL: db().url, REDIS_URL: redis.url };
    const text = await run(['doctor'], { env });
    expect(text.code).toBe(1);
    expect(text.stdout).toContain('maxmemory-policy allkeys-lru');
    expect(text.stdout).toContain('→ run "redis-cli config set maxmemory-policy noeviction"');
    const json = JSON.parse((await run(['doctor', '--json'], { env })).stdout);
    expect(json.ok).toBe(false);
    expect(json.findings).toContainEqual(expect.objectContaining({ check: 'redis', level: 'fail' }));
  }, 60_000);
});
