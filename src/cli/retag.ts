import { countRetagged, olderTagged, olderTaggedCount, retagItems } from '../store/retag.ts';
import { TAGGER_VERSION, tagItem } from '../tag/tagger.ts';
import { open } from './open.ts';
import { print, printJson } from './output.ts';

const BATCH = 500;

/** `glasnik retag`: the current tagger over stored items; what it has done it need not do again. */
export async function retag(options: Readonly<Record<string, unknown>>): Promise<number> {
  const dry = Boolean(options.dryRun);
  const opened = await open();
  const { db } = opened;
  try {
    const total = await olderTaggedCount(db, TAGGER_VERSION);
    let seen = 0;
    let changed = 0;
    for (let after = 0; ; ) {
      const items = await olderTagged(db, TAGGER_VERSION, after, BATCH);
      if (!items.length) break;
      after = items.at(-1)!.item_id;
      const retagged = items.map((item) => ({
        ...item,
        tags: tagItem({ title: item.title, summary: item.lead, outletCountry: item.outlet_country }),
      }));
      changed += dry ? await countRetagged(db, retagged) : await retagItems(db, TAGGER_VERSION, retagged);
      seen += items.length;
      if (total > BATCH)
        process.stderr.write(`\r${seen} of ${total} items, ${changed} ${dry ? 'would change' : 'changed'}`);
    }
    if (total > BATCH) process.stderr.write('\n');
    if (options.json) await printJson({ tagger: TAGGER_VERSION, items: seen, changed, dry_run: dry });
    else if (!total) await print(`All items carry the tags of tagger ${TAGGER_VERSION} already`);
    else await print(`${seen} items looked at, the tags of ${changed} ${dry ? 'would change' : 'changed'}`);
    return 0;
  } finally {
    await opened.close();
  }
}
