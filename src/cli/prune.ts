import { prune as applyRetention } from '../store/prune.ts';
import { open } from './open.ts';
import { print, printJson } from './output.ts';

/** `glasnik prune`: applies retention now. */
export async function prune(options: Readonly<Record<string, unknown>>): Promise<number> {
  const { config, db, close } = await open();
  try {
    const went = await applyRetention(db, { days: config.retentionDays, otherDays: config.retentionOtherDays });
    if (options.json) await printJson(went);
    else await print(`${went.items} items and ${went.changes} changes are past their time and went`);
    return 0;
  } finally {
    await close();
  }
}
