import { addToOutbox, announce } from './articles.ts';
import type { Database } from './database.ts';
import { refreshStories } from './prune.ts';

/** An editor's words over the machine's; `auto` gives the item back to the machine. */
export const MARKS = ['relevant', 'irrelevant', 'hidden', 'auto'] as const;
export type Mark = (typeof MARKS)[number];

/**
 * Marks an item. It survives every retag; lists and story are brought in line (a mark may make an item relevant, and so related).
 * @returns false where there is no such item
 */
export async function markItem(db: Database, itemId: number, mark: Mark): Promise<boolean> {
  return db.tx(async (tx) => {
    const { rows } = await tx.query<{ story_id: number }>(
      `update glasnik.items set mark = nullif($2, 'auto') where item_id = $1 returning story_id`,
      [itemId, mark],
    );
    if (!rows[0]) return false;
    await addToOutbox(tx, [itemId]);
    await refreshStories(tx, [rows[0].story_id]);
    await announce(tx, [itemId]);
    return true;
  });
}
