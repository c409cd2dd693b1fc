import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Client, createClient } from '../../src/feed/fetch.ts';
import { inRoot } from '../../src/root.ts';

const MIB = 1 << 20;
let origin: ChildProcess;
let base: string;
let client: Client;

beforeAll(async () => {
  origin = spawn(process.execPath, [inRoot('test/support/bomb-origin.mjs')], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [port] = await once(origin.stdout!, 'data');
  base = `http://127.0.0.1:${Number(port)}`;
  client = createClient({ userAgent: 'glasnik/test', timeoutMs: 4000, maxBytes: 8 * MIB, allowCidrs: ['127.0.0.0/8'] });
});
afterAll(async () => {
  await client.close();
  origin.kill();
});

const reasonOf = async (path: string): Promise<string> => {
  const result = await client.fetch({ url: base + path });
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
  ['/drip', 'timeout'],
])('a body like %s ends as %s', async (path, reason) => {
  expect(await reasonOf(path)).toBe(reason);
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
  const reasons = await Promise.all(Array.from({ length: 32 }, (_, i) => reasonOf(paths[i % paths.length]!)));
  delay.disable();
  clearInterval(watch);
  expect(new Set(reasons)).toEqual(new Set(['too-large']));
  return { highest, longestMs: delay.max / 1e6 };
}

test('32 bombs at once leave the process under 300 MB and its event loop free', async () => {
  const rounds = [await explode(), await explode(), await explode()];
  const highest = Math.max(...rounds.map((round) => round.highest));
  // A neighbour on the same two cores holds us up as well: it can only add, so the calmest of three rounds is the measure.
  const longestMs = Math.min(...rounds.map((round) => round.longestMs));
  console.log(
    `32 bombs: ${Math.round(highest / 1e6)} MB at most, event loop held for ${longestMs.toFixed(0)} ms at most`,
  );
  expect(highest).toBeLessThan(300e6);
  expect(longestMs).toBeLessThan(100);
});
