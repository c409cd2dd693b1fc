import { itemByAddress } from '../store/items.ts';
import { MARKS, type Mark, markItem } from '../store/marks.ts';
import { CommandError, UsageError } from './errors.ts';
import { open } from './open.ts';
import { print, printJson } from './output.ts';

/** `glasnik mark URL relevant|irrelevant|hidden|auto` */
export async function mark(
  args: readonly (string | string[] | undefined)[],
  options: Readonly<Record<string, unknown>>,
): Promise<number> {
  const [url, word] = args as string[];
  if (!MARKS.includes(word as Mark)) throw new UsageError(`a mark is one of ${MARKS.join(', ')}, not "${word}"`);
  const { db, close } = await open();
  try {
    const item = await itemByAddress(db, url!);
    if (!item) throw new CommandError(`No stored article has, or had, the address ${url}`);
    await markItem(db, item.item_id, word as Mark);
    if (options.json) await printJson({ item_id: item.item_id, mark: word });
    else await print(`Item ${item.item_id} is marked ${word}`);
    return 0;
  } finally {
    await close();
  }
}
