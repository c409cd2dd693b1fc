import { addFeeds, countFeeds } from '../store/feeds.ts';
import { migrate } from '../store/migrate.ts';
import { bundledCatalogue } from './catalogue.ts';
import { open } from './open.ts';
import { print, printJson } from './output.ts';

/** `glasnik migrate [--seed]` */
export async function migrateCommand(options: Readonly<Record<string, unknown>>): Promise<number> {
  const opened = await open({ schema: 'any' });
  try {
    const { applied, forAdministrator } = await migrate(opened.db);
    const seeded =
      options.seed && (await countFeeds(opened.db)) === 0 ? (await addFeeds(opened.db, bundledCatalogue())).length : 0;
    if (options.json) await printJson({ applied, seeded, for_administrator: forAdministrator });
    else {
      await print(
        applied.length
          ? `Applied ${applied.join(', ')} to ${opened.place}`
          : `${opened.place} is of this version already`,
      );
      if (seeded) await print(`Loaded the bundled catalogue: ${seeded} feeds`);
      if (forAdministrator.length)
        await print(
          `This user may not make the reading role. An administrator of the server should run:\n  ${forAdministrator.join('\n  ')}`,
        );
    }
    return 0;
  } finally {
    await opened.close();
  }
}
