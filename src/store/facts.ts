import type { Queryable } from './database.ts';

/** What PostgreSQL says of itself and of what we may do there, for `doctor`. */
export type DatabaseFacts = {
  readonly version: string;
  readonly versionNumber: number;
  readonly encoding: string;
  readonly now: Date;
  readonly maxConnections: number;
  /** Connections that only superusers may have. */
  readonly reserved: number;
  /** Connections there are now, of everybody. */
  readonly connections: number;
  /** Processes of ours that are connected now (this one included). */
  readonly processes: number;
  readonly user: string;
  readonly mayCreate: boolean;
};

export async function databaseFacts(db: Queryable): Promise<DatabaseFacts> {
  const { rows } = await db.query<DatabaseFacts>(
    `select current_setting('server_version') as version,
            current_setting('server_version_num')::int as "versionNumber",
            current_setting('server_encoding') as encoding,
            clock_timestamp() as now,
            current_setting('max_connections')::int as "maxConnections",
            current_setting('superuser_reserved_connections')::int as reserved,
            (select count(*) from pg_stat_activity where backend_type = 'client backend') as connections,
            -- 'glasnik PID' of the pool, 'glasnik PID NAME' of other sessions
            (select count(distinct (client_addr, split_part(application_name, ' ', 2))) from pg_stat_activity
              where application_name ~ '^glasnik \\d+') as processes,
            current_user as "user",
            has_database_privilege(current_database(), 'create') as "mayCreate"`,
  );
  return rows[0]!;
}

/** What of our own tables we may not do, as `schema.table`. */
export async function missingRights(db: Queryable): Promise<string[]> {
  const { rows } = await db.query<{ name: string }>(
    `select n.nspname || '.' || c.relname as name
       from pg_class c
       join pg_namespace n on n.oid = c.relnamespace
      where n.nspname in ('glasnik', 'glasnik_queue', 'wire') and c.relkind in ('r', 'p', 'v')
        and not (has_schema_privilege(n.oid, 'usage') and
                 case when c.relkind = 'v' then has_table_privilege(c.oid, 'select')
                      else has_table_privilege(c.oid, 'select') and has_table_privilege(c.oid, 'insert')
                       and has_table_privilege(c.oid, 'update') and has_table_privilege(c.oid, 'delete') end)
      order by 1`,
  );
  return rows.map((row) => row.name);
}

/** What the reading role can and cannot do. */
export type ReaderFacts = {
  readonly exists: boolean;
  /** It may log in by itself, though others should be members of it. */
  readonly canLogin: boolean;
  /** Views of `wire` that it may not read. */
  readonly unreadable: readonly string[];
  /** Tables of ours beyond `wire` that it may read. */
  readonly tooMuch: readonly string[];
  /** Tables and views of ours that it may write. */
  readonly writable: readonly string[];
};

export async function readerFacts(db: Queryable): Promise<ReaderFacts> {
  const { rows: roles } = await db.query<{ super: boolean; login: boolean }>(
    `select rolsuper as super, rolcanlogin as login from pg_roles where rolname = 'glasnik_reader'`,
  );
  if (!roles[0]) return { exists: false, canLogin: false, unreadable: [], tooMuch: [], writable: [] };
  const { rows } = await db.query<{ name: string; schema: string; reads: boolean; writes: boolean }>(
    `select n.nspname || '.' || c.relname as name, n.nspname as schema,
            has_schema_privilege('glasnik_reader', n.oid, 'usage') and has_any_column_privilege('glasnik_reader', c.oid, 'select') as reads,
            has_schema_privilege('glasnik_reader', n.oid, 'usage')
              and has_table_privilege('glasnik_reader', c.oid, 'insert, update, delete, truncate') as writes
       from pg_class c
       join pg_namespace n on n.oid = c.relnamespace
      where n.nspname in ('glasnik', 'glasnik_queue', 'glasnik_meta', 'wire') and c.relkind in ('r', 'p', 'v', 'm')
      order by 1`,
  );
  const names = (of: typeof rows) => of.map((row) => row.name);
  return {
    exists: true,
    canLogin: roles[0].login,
    unreadable: names(rows.filter((row) => row.schema === 'wire' && !row.reads)),
    tooMuch: names(rows.filter((row) => row.schema !== 'wire' && row.reads)),
    writable: names(rows.filter((row) => row.writes)),
  };
}
