import { type Config, readConfig } from '../config.ts';
import { type EmbeddedServer, openEmbedded } from '../embedded/server.ts';
import { createLog, type Logger } from '../log.ts';
import { type Database, explainDatabaseError, openDatabase, placeOf } from '../store/database.ts';
import { databaseVersion, migrate } from '../store/migrate.ts';
import { CommandError } from './errors.ts';

/** What a command works with. */
export type Opened = {
  readonly config: Config;
  readonly log: Logger;
  readonly db: Database;
  /** `host:port/database`, for messages. */
  readonly place: string;
  readonly embedded: EmbeddedServer | null;
  close(): Promise<void>;
};

export type OpenOptions = {
  /** `required`: a database of this very version; `ensured`: bring it there (always done on the embedded server); `any`. */
  readonly schema?: 'required' | 'ensured' | 'any';
  /** Be the one `up` of an embedded server. */
  readonly alone?: boolean;
  /** An embedded server whose data need not outlive the machine's next crash. */
  readonly throwaway?: boolean;
  readonly env?: NodeJS.ProcessEnv;
};

/**
 * Reads the configuration and opens the database: the given one, or the embedded one of DATA_DIR, joining it or bringing it up.
 * @throws ConfigError, CommandError
 */
export async function open(options: OpenOptions = {}): Promise<Opened> {
  const config = readConfig(options.env ?? process.env);
  const log = createLog(config.logLevel);
  const embedded = config.databaseUrl === null ? await joinEmbedded(config, log, options) : null;
  const url = config.databaseUrl ?? embedded!.url;
  const place = placeOf(url);
  const db = openDatabase(url, config.databasePool, log);
  const close = async () => {
    await db.close().catch(() => {});
    await embedded?.close();
  };
  try {
    await db.query('select 1').catch((error) => {
      throw new CommandError(explainDatabaseError(error, place));
    });
    await requireServerVersion(db, place);
    if (options.schema === 'ensured' || (embedded && options.schema !== 'any')) await ensureSchema(db, log, place);
    else if (options.schema !== 'any') await requireSchema(db, place);
  } catch (error) {
    await close();
    throw error;
  }
  return { config, log, db, place, embedded, close };
}

async function joinEmbedded(config: Config, log: Logger, options: OpenOptions): Promise<EmbeddedServer> {
  const { alone = false, throwaway = false } = options;
  const embedded = await openEmbedded({ dataDir: config.dataDir, log, alone, throwaway }).catch((error: Error) => {
    throw new CommandError(error.message, { cause: error });
  });
  if (alone && !embedded.alone) {
    await embedded.close();
    throw new CommandError(
      `glasnik is already up over ${config.dataDir}: use that one, stop it first, or set DATA_DIR to another folder`,
    );
  }
  return embedded;
}

async function requireServerVersion(db: Database, place: string): Promise<void> {
  const { rows } = await db.query<{ num: number; version: string }>(
    `select current_setting('server_version_num')::int as num, current_setting('server_version') as version`,
  );
  const server = rows[0]!;
  if (server.num < 140000)
    throw new CommandError(`The database at ${place} is PostgreSQL ${server.version}; glasnik needs 14 or newer`);
}

/** Migrates, and says what an administrator still has to do. @throws NewerDatabaseError */
export async function ensureSchema(db: Database, log: Logger, place: string): Promise<string[]> {
  const { applied, forAdministrator } = await migrate(db);
  if (applied.length) log.info({ applied, place }, 'database migrated');
  if (forAdministrator.length)
    log.warn(
      { statements: forAdministrator, place },
      'this user may not make the reading role: an administrator of the server should run these statements',
    );
  return forAdministrator;
}

async function requireSchema(db: Database, place: string): Promise<void> {
  const { state } = await databaseVersion(db);
  if (state === 'empty' || state === 'older')
    throw new CommandError(
      `The database at ${place} ${state === 'empty' ? 'holds no glasnik yet' : 'is of an older version'}: run "glasnik migrate" first`,
    );
  if (state === 'newer')
    throw new CommandError(`The database at ${place} is newer than this glasnik: update glasnik on this machine`);
}
