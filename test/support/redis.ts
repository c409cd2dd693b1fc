import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Redis } from 'ioredis';

/** A Redis of a test's own, that forgets everything when it is killed. */
export type OwnRedis = {
  readonly url: string;
  readonly pid: () => number;
  /** SIGKILL; what it held is gone. */
  kill(): Promise<void>;
  /** Starts it again on the same port, empty. */
  start(): Promise<void>;
  close(): Promise<void>;
};

/** The path of a Redis or Valkey server on this machine; null where there is none. */
export function redisBinary(): string | null {
  for (const folder of (process.env.PATH ?? '').split(path.delimiter))
    for (const name of ['redis-server', 'valkey-server'])
      try {
        const file = path.join(folder, name);
        accessSync(file, constants.X_OK);
        return file;
      } catch {
        // not here
      }
  return null;
}

/** Starts a Redis on a free loopback port, without persistence. @param settings further command-line settings */
export async function startRedis(settings: readonly string[] = []): Promise<OwnRedis> {
  const binary = redisBinary();
  if (binary === null) throw new Error('There is no redis-server on this machine');
  const port = await freePort();
  const url = `redis://127.0.0.1:${port}`;
  const dir = mkdtempSync(path.join(tmpdir(), 'glasnik-redis-'));
  let child: ChildProcess | undefined;
  const start = async () => {
    if (child && child.exitCode === null && child.signalCode === null) return;
    child = spawn(
      binary,
      ['--port', String(port), '--bind', '127.0.0.1', '--dir', dir, '--save', '', '--appendonly', 'no', ...settings],
      { stdio: 'ignore' },
    );
    const probe = new Redis(url, { retryStrategy: () => 25, maxRetriesPerRequest: null });
    probe.on('error', () => {});
    await probe.ping();
    probe.disconnect();
  };
  const kill = async () => {
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  };
  process.once('exit', () => child?.kill('SIGKILL'));
  await start();
  return {
    url,
    pid: () => child!.pid!,
    kill,
    start,
    async close() {
      await kill();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** A port of 127.0.0.1 that nobody uses at this moment. */
export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as { port: number };
  probe.close();
  await once(probe, 'close');
  return port;
}

/** Asks until the answer is true. What is waited for here sends no event: it is another process's doing, seen in the database. */
export async function until(
  what: string,
  isTrue: () => Promise<boolean> | boolean,
  { withinMs = 15_000, everyMs = 50 } = {},
): Promise<number> {
  const began = performance.now();
  for (;;) {
    if (await isTrue()) return performance.now() - began;
    if (performance.now() - began > withinMs) throw new Error(`after ${withinMs / 1000} s still not: ${what}`);
    await delay(everyMs);
  }
}
