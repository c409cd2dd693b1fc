import { describe, expect, test } from 'vitest';
import { inBatches } from '../../workers/batches.ts';

const refused = (code: string) => Object.assign(new Error(`refused ${code}`), { code });

function counter({ keysOf = (n: number) => [n], fails = (_: readonly number[]) => null as Error | null } = {}) {
  const batches: (readonly number[])[] = [];
  const ask = inBatches<number, string>({
    waitMs: 1,
    orderOf: (n) => n,
    keysOf,
    sizeOf: () => 50,
    async run(items) {
      batches.push(items);
      const error = fails(items);
      if (error) throw error;
      return items.map((n) => `answer ${n}`);
    },
  });
  return { batches, ask };
}

describe('calls that come together', () => {
  test('are one call, in order, and each gets its own answer', async () => {
    const { batches, ask } = counter();
    expect(await Promise.all([ask(3), ask(1), ask(2)])).toEqual(['answer 3', 'answer 1', 'answer 2']);
    expect(batches).toEqual([[1, 2, 3]]);
  });

  test('are two calls where two of them share a key', async () => {
    const { batches, ask } = counter({ keysOf: (n) => [n % 2] });
    expect(await Promise.all([ask(1), ask(2), ask(3)])).toEqual(['answer 1', 'answer 2', 'answer 3']);
    expect(batches).toEqual([[1, 2], [3]]);
  });

  test('fill a batch only so far', async () => {
    const { batches, ask } = counter();
    await Promise.all([1, 2, 3, 4, 5, 6].map(ask));
    expect(batches).toEqual([
      [1, 2, 3, 4],
      [5, 6],
    ]);
  });

  test('fail alone where the database refuses what one of them holds', async () => {
    const { batches, ask } = counter({ fails: (items) => (items.includes(2) ? refused('22P05') : null) });
    const results = await Promise.allSettled([ask(1), ask(2), ask(3)]);
    expect(results.map((r) => r.status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(batches).toEqual([[1, 2, 3], [1], [2], [3]]);
  });

  test('fail together where the server is away', async () => {
    const { batches, ask } = counter({ fails: () => refused('57P01') });
    const results = await Promise.allSettled([ask(1), ask(2)]);
    expect(results.map((r) => r.status)).toEqual(['rejected', 'rejected']);
    expect(batches).toEqual([[1, 2]]);
  });
});
