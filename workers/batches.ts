/** Calls that come close together, done together. */

export type Batching<T, R> = {
  /** Batches are handed over in this order, so that two processes lock rows in the same one. */
  readonly orderOf: (item: T) => number;
  /** Two items with a key in common never stand in one batch. */
  readonly keysOf: (item: T) => readonly (number | string)[];
  /** Milliseconds that the first of a batch waits for others. */
  readonly waitMs: number;
  /** How much an item adds to a batch; a batch is full at `FULL`. */
  readonly sizeOf?: (item: T) => number;
  /** Answers in the order of the items. */
  readonly run: (items: readonly T[]) => Promise<readonly R[]>;
};

/** So many articles make a batch long enough that its transaction keeps others waiting. */
const FULL = 200;

type Waiting<T, R> = {
  readonly item: T;
  readonly resolve: (answer: R) => void;
  readonly reject: (error: unknown) => void;
};

/**
 * Makes one call of `run` of calls that come within a few milliseconds. Where a batch fails by what stands in it (a value that the
 * database refuses), each item is run by itself, so that it fails alone.
 */
export function inBatches<T, R>({ orderOf, keysOf, waitMs, sizeOf, run }: Batching<T, R>): (item: T) => Promise<R> {
  let waiting: Waiting<T, R>[] = [];
  let keys = new Set<number | string>();
  let size = 0;
  const flush = (): void => {
    const batch = waiting.sort((a, b) => orderOf(a.item) - orderOf(b.item));
    [waiting, keys, size] = [[], new Set(), 0];
    if (batch.length) void answer(batch, run);
  };
  return (item) =>
    new Promise((resolve, reject) => {
      const own = keysOf(item);
      if (own.some((key) => keys.has(key)) || size >= FULL) flush();
      if (waiting.length === 0) {
        const mine = waiting;
        setTimeout(() => mine === waiting && flush(), waitMs);
      }
      waiting.push({ item, resolve, reject });
      for (const key of own) keys.add(key);
      size += sizeOf?.(item) ?? 0;
    });
}

async function answer<T, R>(batch: readonly Waiting<T, R>[], run: Batching<T, R>['run']): Promise<void> {
  try {
    const answers = await run(batch.map(({ item }) => item));
    for (const [i, { resolve }] of batch.entries()) resolve(answers[i]!);
  } catch (error) {
    if (batch.length === 1 || !isOfItsContent(error)) for (const { reject } of batch) reject(error);
    else for (const one of batch) await answer([one], run);
  }
}

/** SQLSTATE classes 22 and 23: a value that cannot be stored, a constraint that it breaks. */
const isOfItsContent = (error: unknown): boolean => /^2[23]/.test(String((error as { code?: unknown }).code ?? ''));
