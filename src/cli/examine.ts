import { mkdirSync, rmSync, statfsSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Config } from '../config.ts';
import { withoutCredentials } from '../log.ts';
import type { RedisFacts } from '../queue/facts.ts';
import type { DatabaseFacts, ReaderFacts } from '../store/facts.ts';

/** One thing that was looked at: `ok`, `warn` (it works, until it does not) or `fail`; what to do, unless it is ok. */
export type Finding = {
  readonly check: 'settings' | 'node' | 'database' | 'rights' | 'migrations' | 'redis' | 'clock' | 'disk' | 'http';
  readonly level: 'ok' | 'warn' | 'fail';
  readonly says: string;
  readonly do: string | null;
};

const found =
  (level: Finding['level']) =>
  (check: Finding['check'], says: string, what: string | null = null): Finding => ({ check, level, says, do: what });
export const ok = found('ok');
export const warn = found('warn');
export const fail = found('fail');

/** A secret in a file that everybody can read is none. @param env the environment */
export function examineSecretFiles(env: Readonly<Record<string, string | undefined>>): Finding[] {
  const findings: Finding[] = [];
  for (const name of ['DATABASE_URL_FILE', 'REDIS_URL_FILE', 'API_TOKEN_FILE']) {
    const file = env[name];
    if (!file) continue;
    const mode = statSync(file, { throwIfNoEntry: false })?.mode;
    if (mode !== undefined && mode & 0o004)
      findings.push(warn('settings', `${name}: everybody on this machine can read ${file}`, `chmod 640 ${file}`));
  }
  return findings;
}

/** Whether this Node runs it. @param version as in process.versions.node */
export function examineNode(version: string): Finding {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > 20 || (major === 20 && minor >= 19)
    ? ok('node', `Node ${version}`)
    : fail('node', `Node ${version} is too old`, 'install Node 20.19 or newer');
}

/** An address that others reach, without a token. */
export function examineHttp({ host, apiToken }: Pick<Config, 'host' | 'apiToken'>): Finding {
  const isLoopback = host === 'localhost' || host === '::1' || /^127\./.test(host);
  if (isLoopback) return ok('http', `HTTP is for this machine only (${host})`);
  if (apiToken) return ok('http', `HTTP is open at ${host}, writing needs the token`);
  return warn(
    'http',
    `HTTP is open at ${host} and there is no token: nobody can write, nor see /ops and /metrics from elsewhere`,
    'set API_TOKEN (or API_TOKEN_FILE) to 16 characters or more, or HOST to 127.0.0.1',
  );
}

/** PostgreSQL's version, encoding and connections. @param pool connections of one process */
export function examineDatabase(facts: DatabaseFacts, place: string, pool: number): Finding[] {
  const findings: Finding[] = [];
  findings.push(
    facts.versionNumber >= 140_000
      ? ok('database', `PostgreSQL ${facts.version} at ${place}`)
      : fail('database', `PostgreSQL ${facts.version} at ${place} is too old`, 'upgrade the server to 14 or newer'),
  );
  if (facts.encoding !== 'UTF8')
    findings.push(
      fail(
        'database',
        `the database is encoded in ${facts.encoding}, which cannot hold every script`,
        `create another with "create database … encoding 'UTF8' template template0" and set DATABASE_URL to it`,
      ),
    );
  const room = facts.maxConnections - facts.reserved;
  // Each process may have its whole pool, and a session beside it now and then.
  const wanted = facts.processes * (pool + 1);
  const others = `${facts.processes} process${facts.processes === 1 ? '' : 'es'} × ${pool + 1} connections`;
  findings.push(
    wanted > room
      ? warn(
          'database',
          `${others} may want ${wanted}, the server gives ${room}`,
          `raise max_connections to ${Math.ceil((wanted + facts.reserved) / 50) * 50} or more, lower DATABASE_POOL (6 at least), or run fewer workers`,
        )
      : ok('database', `${others} fit into ${room}; ${facts.connections} are in use`),
  );
  return findings;
}

/** Migrations that wait, or a database that went ahead of this program. */
export function examineMigrations(
  version: { state: 'empty' | 'older' | 'current' | 'newer'; pending: readonly string[] },
  mayCreate: boolean,
  embedded: boolean,
): Finding {
  if (embedded && version.state !== 'newer' && version.state !== 'current')
    return ok('migrations', 'the next command brings the embedded database to this version');
  if (version.state === 'current') return ok('migrations', 'the database is of this version');
  if (version.state === 'newer')
    return fail('migrations', 'the database is newer than this glasnik', 'update glasnik on this machine');
  const says = version.state === 'empty' ? 'the database holds no glasnik yet' : `${version.pending.join(', ')} wait`;
  if (!mayCreate)
    return fail(
      'migrations',
      `${says}, and this user may not create schemas there`,
      'let an administrator run "grant create on database … to …", then run "glasnik migrate"',
    );
  return fail('migrations', says, 'run "glasnik migrate"');
}

/** What we and the reading role may do. @param user as whom we are connected */
export function examineRights(missing: readonly string[], reader: ReaderFacts, user: string): Finding[] {
  const findings: Finding[] = [];
  const some = (names: readonly string[]) =>
    `${names.slice(0, 3).join(', ')}${names.length > 3 ? ` and ${names.length - 3} more` : ''}`;
  findings.push(
    missing.length
      ? fail(
          'rights',
          `user ${user} may not read and write ${some(missing)}`,
          `connect as the user that ran "glasnik migrate", or let that one grant usage on the schemas and all on their tables to ${user}`,
        )
      : ok('rights', `user ${user} may do what glasnik does`),
  );
  if (!reader.exists)
    findings.push(
      warn(
        'rights',
        'there is no role glasnik_reader: downstream sites cannot be given rights',
        'let an administrator run "create role glasnik_reader nologin;", then run "glasnik migrate"',
      ),
    );
  if (reader.unreadable.length)
    findings.push(
      warn(
        'rights',
        `glasnik_reader cannot read ${some(reader.unreadable)}`,
        'run "glasnik migrate" as the owner of the tables',
      ),
    );
  if (reader.tooMuch.length)
    findings.push(
      fail(
        'rights',
        `glasnik_reader can read more than schema wire: ${some(reader.tooMuch)}`,
        'revoke it: "revoke all on all tables in schema glasnik, glasnik_queue, glasnik_meta from glasnik_reader, public" and "revoke all on schema glasnik, glasnik_queue, glasnik_meta from glasnik_reader, public"',
      ),
    );
  if (reader.writable.length)
    findings.push(
      fail(
        'rights',
        `glasnik_reader can write: ${some(reader.writable)}`,
        'revoke it: "revoke insert, update, delete, truncate on all tables in schema wire, glasnik from glasnik_reader, public"',
      ),
    );
  if (reader.exists && !reader.unreadable.length && !reader.tooMuch.length && !reader.writable.length)
    findings.push(ok('rights', 'glasnik_reader reads schema wire and nothing else'));
  return findings;
}

/** Redis as the place of the jobs. */
export function examineRedis(facts: RedisFacts, place: string): Finding[] {
  const [major = 0, minor = 0] = facts.version.split('.').map(Number);
  const findings: Finding[] = [
    major > 6 || (major === 6 && minor >= 2)
      ? ok('redis', `Redis ${facts.version} at ${place}`)
      : fail('redis', `Redis ${facts.version} at ${place} is too old`, 'upgrade it to 6.2 or newer, or to Valkey'),
  ];
  if (facts.isReplica)
    findings.push(fail('redis', `${place} is a replica, which only reads`, 'set REDIS_URL to the primary'));
  if (facts.evicts !== 'noeviction')
    findings.push(
      fail(
        'redis',
        `Redis throws keys away when memory is short (maxmemory-policy ${facts.evicts}): jobs would vanish`,
        'run "redis-cli config set maxmemory-policy noeviction" and write it into redis.conf, or give glasnik a Redis of its own',
      ),
    );
  return findings;
}

/** Two clocks that differ. What is shared goes by PostgreSQL's; certificates and the times in the log by this machine's. @param theirs milliseconds */
export function examineClock(name: string, theirs: number, ours: { before: number; after: number }): Finding {
  const apart = theirs < ours.before ? theirs - ours.before : theirs > ours.after ? theirs - ours.after : 0;
  const seconds = (Math.abs(apart) / 1000).toFixed(1);
  if (Math.abs(apart) < 2000) return ok('clock', `the clock of ${name} is ours`);
  const says = `the clock of ${name} is ${seconds} s ${apart > 0 ? 'ahead of' : 'behind'} this machine's`;
  const what = 'let both machines keep time (systemd-timesyncd, chrony)';
  return Math.abs(apart) < 60_000 ? warn('clock', says, what) : fail('clock', says, what);
}

const MIB = 1024 * 1024;
/** PostgreSQL stops when its log of changes cannot grow, 16 MiB at a time; a day of the whole catalogue is some tens of MiB. */
const LITTLE = 200 * MIB;
const SCARCE = 1024 * MIB;

/** @param free bytes that we may still use where the embedded database lives */
export function examineDisk(dataDir: string, free: number): Finding {
  const says = `${Math.floor(free / MIB)} MiB are free for ${dataDir}`;
  const what = 'free some space, or move DATA_DIR to a larger disk (stop glasnik first)';
  if (free < LITTLE) return fail('disk', says, what);
  return free < SCARCE ? warn('disk', says, what) : ok('disk', says);
}

/** Whether DATA_DIR can be used, and how much room it has. */
export function examineDataDir(dataDir: string): Finding[] {
  const dir = path.resolve(dataDir);
  try {
    mkdirSync(dir, { recursive: true });
    const probe = path.join(dir, `.doctor.${process.pid}`);
    writeFileSync(probe, '');
    rmSync(probe);
    const { bavail, bsize } = statfsSync(dir);
    return [examineDisk(dir, bavail * bsize)];
  } catch (error) {
    return [
      fail(
        'disk',
        `DATA_DIR ${dir} cannot be written to (${(error as NodeJS.ErrnoException).code ?? (error as Error).message})`,
        'make it writable for this user, set DATA_DIR to another folder, or DATABASE_URL to a PostgreSQL server',
      ),
    ];
  }
}

/** `host:port` of an address. */
export const placeOfRedis = (url: string): string => withoutCredentials(url).replace(/^\w+:\/\/(\*\*\*@)?/, '');
