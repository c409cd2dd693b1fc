import type { Queryable } from './database.ts';

/** The id that names this installation for good. */
export async function installationId(db: Queryable): Promise<string> {
  const { rows } = await db.query<{ installation: string }>('select installation from glasnik.installation');
  return rows[0]!.installation;
}
