import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Client, createClient } from '../../src/feed/fetch.ts';
import { inRoot } from '../../src/root.ts';

const MIB = 1 << 20;
let origin: ChildProcess;
/** `:port`; every name leads to the one origin, for a host is asked for one thing at a time. */
let base: string;
let client: Client;

beforeAll(async () => {
  origin = spawn(process.execPath, [inRoot('test/support/bomb-origin.mjs')], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [port] = await once(origin.stdout!, 'data');
  base = `:${Number(port)}`;
  client = createClient({
    userAgent: 'glasnik/test',
    timeoutMs: 10_000,
    maxBytes: 8 * MIB,
    allowCidrs: ['127.0.0.0/8'],
    lookup: (_host, _options, callback) => process.nextTick(callback, null, [{ address: '127.0.0.1', family: 4 }]),
  });
});
afterAll(async () => {
  await client.close();
  origin.kill();
});

const reasonOf = async (path: string, host = 'bombs.example.org'): Promise<string> => {
  const result = await client.fetch({ url: `http://${host}${base}${path}` });
  return result.kind === 'failed' ? result.reason : result.kind;
};

test.each([
  ['/gzip', 'too-large'],
  ['/deflate', 'too-large'],
  ['/br', 'too-large'],
  ['/twice', 'too-large'],
  ['/layers', 'too-large'],
  ['/wide', 'too-large'],
  ['/endless', 'too-large'],
  ['/headers', 'too-large'],
])('a body like %s ends as %s', async (path, reason) => {
  expect(await reasonOf(path)).toBe(reason);
});

test('a body that drips is given up when the time for the whole is over', async () => {
  const hasty = createClient({ userAgent: 'glasnik/test', timeoutMs: 300, maxBytes: MIB, allowCidrs: ['127.0.0.0/8'] });
  expect(await hasty.fetch({ url: `http://127.0.0.1${base}/drip` })).toMatchObject({
    kind: 'failed',
    reason: 'timeout',
  });
  await hasty.close();
});

/**
 * Milliseconds for which this thread itself has run. On a machine that others use too, wall time between two ticks counts their work
 * as well; the kernel's account of the thread does not. Where there is none (not Linux) wall time stands for it.
 */
const ownTimeMs = (): number => {
  try {
    return Number(readFileSync('/proc/thread-self/schedstat', 'utf8').split(' ', 1)[0]) / 1e6;
  } catch {
    return performance.now();
  }
};

/** 32 bombs of all kinds at once: how large this process grew, and for how long its event loop was held between two ticks. */
async function explode(): Promise<{ readonly highest: number; readonly ownMs: number; readonly wallMs: number }> {
  const paths = ['/gzip', '/deflate', '/br', '/twice', '/wide', '/endless', '/headers', '/br'];
  let [highest, ownMs, wallMs] = [0, 0, 0];
  let [lastOwn, lastWall] = [ownTimeMs(), performance.now()];
  const watch = setInterval(() => {
    const [own, wall] = [ownTimeMs(), performance.now()];
    ownMs = Math.max(ownMs, own - lastOwn);
    wallMs = Math.max(wallMs, wall - lastWall);
    highest = Math.max(highest, process.memoryUsage.rss());
    [lastOwn, lastWall] = [own, wall];
  }, 5);
  const reasons = await Promise.all(
    Array.from({ length: 32 }, (_, i) => reasonOf(paths[i % paths.length]!, `bomb${i}.example.org`)),
  );
  clearInterval(watch);
  expect(new Set(reasons)).toEqual(new Set(['too-large']));
  return { highest, ownMs, wallMs };
}

test('32 bombs at once leave the process under 300 MB and its event loop free', async () => {
  const rounds = [await explode(), await explode(), await explode()];
  const most = (of: 'highest' | 'ownMs' | 'wallMs'): number =>
    Math.round(Math.max(...rounds.map((round) => round[of])));
  console.log(
    `32 bombs, the worst of three rounds: ${Math.round(most('highest') / 1e6)} MB, event loop held for ${most('ownMs')} ms (${most('wallMs')} ms with what else the machine did)`,
  );
  expect(most('highest')).toBeLessThan(300e6);
  expect(most('ownMs')).toBeLessThan(100);
});
