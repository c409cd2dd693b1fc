import { chownSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { processBirth } from '../../src/embedded/account.ts';
import { temporaryFolder } from '../support/folder.ts';
import { glasnik, isReady, type Running, run } from '../support/process.ts';
import { until } from '../support/redis.ts';

vi.setConfig({ testTimeout: 120_000 });

const NOBODY = 65534;
let dataDir: string;
let env: Record<string, string>;
let started: Running[] = [];

beforeEach(() => {
  dataDir = temporaryFolder('glasnik-embedded-');
  env = { DATA_DIR: dataDir, PORT: '0' };
  started = [];
});
afterEach(async () => {
  for (const one of started) one.kill('SIGKILL');
  await Promise.all(started.map((one) => one.ended));
  const pid = postmaster();
  if (pid) process.kill(pid, 'SIGQUIT');
  await until('the server has ended', () => postmaster() === null);
  rmSync(dataDir, { recursive: true, force: true, maxRetries: 5 });
});

/** The process of the embedded server, by what it writes into its folder; null when none runs. */
function postmaster(): number | null {
  try {
    const folder = readdirSync(dataDir).find((name) => /^pg\d+$/.test(name))!;
    const pid = Number(readFileSync(path.join(dataDir, folder, 'postmaster.pid'), 'utf8').split('\n')[0]);
    return processBirth(pid) === null ? null : pid;
  } catch {
    return null;
  }
}
const begin = (...args: string[]): Running => {
  const process = glasnik(args, { env });
  started.push(process);
  return process;
};
/** A feed that nobody answers for, so that `up` finds a catalogue and asks nobody on the network. */
const addFeed = (as: { uid?: number; gid?: number } = {}) => {
  const file = path.join(dataDir, 'feeds.json');
  writeFileSync(file, JSON.stringify([{ url: 'http://127.0.0.1:1/feed.xml' }]));
  return run(['feeds', 'import', file], { env: { ...env, LOG_LEVEL: 'warn' }, ...as });
};
const session = (pid: number): string => {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[3]!;
};

describe('the embedded server', () => {
  test('comes up with the first command in 20 s, goes with the last, and comes up again in 5 s', async () => {
    const began = performance.now();
    expect(await addFeed()).toMatchObject({ code: 0 });
    const up = begin('up');
    await up.until(isReady);
    expect(performance.now() - began).toBeLessThan(20_000 * slow());
    expect(statSync(path.join(dataDir, 'postgres.password')).mode & 0o777).toBe(0o600);
    expect(statSync(path.join(dataDir, 'site.password')).mode & 0o777).toBe(0o600);
    const first = postmaster();
    expect(first).not.toBeNull();

    const second = await run(['up'], { env });
    expect(second.code).toBe(1);
    expect(second.stderr).toContain(`glasnik is already up over ${dataDir}`);
    expect(await run(['status', '--json'], { env })).toMatchObject({ code: 0 });
    expect(postmaster()).toBe(first);

    const told = performance.now();
    up.kill('SIGTERM');
    expect(await up.ended).toEqual({ code: 0, signal: null });
    expect(performance.now() - told).toBeLessThan(10_000 * slow());
    expect(postmaster()).toBeNull();

    const again = performance.now();
    const later = begin('up');
    await later.until(isReady);
    expect(performance.now() - again).toBeLessThan(5000 * slow());
    expect(existsSync(path.join(dataDir, 'starting'))).toBe(false);
  });

  test('stays while another process uses it; Ctrl-C does not reach it; the last one out stops it', async () => {
    await addFeed();
    const [up, serve] = [begin('up'), begin('serve')];
    await Promise.all([up.until(isReady), serve.until(isReady)]);
    const pid = postmaster()!;
    expect(session(pid)).toBe(String(pid)); // a session of its own: a terminal's Ctrl-C goes to other sessions
    up.kill('SIGINT');
    expect(await up.ended).toEqual({ code: 0, signal: null });
    expect(postmaster()).toBe(pid);
    serve.kill('SIGINT');
    expect(await serve.ended).toEqual({ code: 0, signal: null });
    expect(postmaster()).toBeNull();
  });

  test('left behind by a killed process is found and used again', async () => {
    await addFeed();
    const killed = begin('up');
    await killed.until(isReady);
    const pid = postmaster();
    killed.kill('SIGKILL');
    await killed.ended;
    expect(postmaster()).toBe(pid);
    const up = begin('up');
    await up.until(isReady);
    expect(postmaster()).toBe(pid);
    up.kill('SIGTERM');
    await up.ended;
    expect(postmaster()).toBeNull();
  });

  test('is not started by a process that waits for one that is no more', async () => {
    mkdirSync(dataDir, { recursive: true });
    writeFileSync(path.join(dataDir, 'starting'), JSON.stringify({ pid: process.pid, birth: '1' }));
    expect(await addFeed()).toMatchObject({ code: 0 });
  });

  test('refuses the folder of another major version, and says what to do', async () => {
    mkdirSync(path.join(dataDir, 'pg13'));
    const { code, stderr } = await run(['status'], { env });
    expect(code).toBe(1);
    expect(stderr).toMatch(/is a database of PostgreSQL 13.*dump it.*or set DATA_DIR/s);
    expect(stderr).not.toContain('    at ');
  });

  test.skipIf(process.getuid?.() !== 0)('serves an ordinary user as well', async () => {
    chownSync(dataDir, NOBODY, NOBODY);
    const { code, stderr } = await addFeed({ uid: NOBODY, gid: NOBODY });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(statSync(path.join(dataDir, 'postgres.password')).uid).toBe(NOBODY);
  });

  test('says what is wrong with a DATA_DIR that cannot be used', async () => {
    const file = path.join(dataDir, 'a-file');
    writeFileSync(file, '');
    const { code, stderr } = await run(['status'], { env: { DATA_DIR: path.join(file, 'below') } });
    expect(code).toBe(1);
    expect(stderr).toContain('DATA_DIR');
    expect(stderr).not.toContain('    at ');
  });
});

/** Bounds of seconds hold on a machine that does nothing else; where others work too they are wider. */
function slow(): number {
  const load = Number(readFileSync('/proc/loadavg', 'utf8').split(' ')[0]);
  return Math.max(1, load / 2);
}
