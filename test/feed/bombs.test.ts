import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { monitorEventLoopDelay } from 'node:perf_hooks';
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

/** 32 bombs of all kinds at once: how large this process grew, and for how long its event loop was held at most. */
async function explode(): Promise<{ readonly highest: number; readonly longestMs: number }> {
  const paths = ['/gzip', '/deflate', '/br', '/twice', '/wide', '/endless', '/headers', '/br'];
  const delay = monitorEventLoopDelay({ resolution: 5 });
  let highest = 0;
  const watch = setInterval(() => {
    highest = Math.max(highest, process.memoryUsage.rss());
  }, 10);
  delay.enable();
  const reasons = await Promise.all(
    Array.from({ length: 32 }, (_, i) => reasonOf(paths[i % paths.length]!, `bomb${i}.example.org`)),
  );
  delay.disable();
  clearInterval(watch);
  expect(new Set(reasons)).toEqual(new Set(['too-large']));
  return { highest, longestMs: delay.max / 1e6 };
}

test('32 bombs at once leave the process under 300 MB and its event loop free', async () => {
  const rounds = [await explode()];
  // A neighbour on the same cores holds us up as well, and can only add: the calmest round is the measure, of six at most.
  const longest = (): number => Math.min(...rounds.map(({ longestMs }) => longestMs));
  while (rounds.length < 6 && (rounds.length < 3 || longest() >= 100)) rounds.push(await explode());
  const highest = Math.max(...rounds.map((round) => round.highest));
  console.log(
    `32 bombs: ${Math.round(highest / 1e6)} MB at most, event loop held for ${longest().toFixed(0)} ms at most`,
  );
  expect(highest).toBeLessThan(300e6);
  expect(longest()).toBeLessThan(100);
});
