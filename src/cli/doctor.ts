import { type Config, ConfigError, readConfig } from '../config.ts';
import { openEmbedded } from '../embedded/server.ts';
import { createLog, type Logger, withoutCredentials } from '../log.ts';
import { redisFacts } from '../queue/facts.ts';
import { explainDatabaseError, openDatabase, placeOf } from '../store/database.ts';
import { databaseFacts, missingRights, readerFacts } from '../store/facts.ts';
import { databaseVersion } from '../store/migrate.ts';
import {
  examineClock,
  examineDatabase,
  examineDataDir,
  examineHttp,
  examineMigrations,
  examineNode,
  examineRedis,
  examineRights,
  examineSecretFiles,
  type Finding,
  fail,
  ok,
  placeOfRedis,
} from './examine.ts';
import { print, printJson, table } from './output.ts';

/**
 * `glasnik doctor`: looks at everything that glasnik needs, changes nothing, and says what to do about each finding.
 * @returns 1 when something fails, 0 when it works (warnings included)
 */
export async function doctor(
  options: Readonly<Record<string, unknown>>,
  env: Readonly<Record<string, string | undefined>> = process.env,
): Promise<number> {
  const findings = await examine(env);
  const failed = findings.some((finding) => finding.level === 'fail');
  if (options.json) await printJson({ ok: !failed, findings });
  else await print(page(findings));
  return failed ? 1 : 0;
}

/** Everything that was found. A mistake in the settings ends the examination: nothing else could be trusted. */
export async function examine(env: Readonly<Record<string, string | undefined>>): Promise<Finding[]> {
  const before = [examineNode(process.versions.node), ...examineSecretFiles(env)];
  let config: Config;
  try {
    config = readConfig(env);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const mistakes = error.message.split('\n').slice(1);
    return [
      ...before,
      ...mistakes.map((line) =>
        fail('settings', withoutCredentials(line.trim()), 'correct the variable; docs/operate.md lists them all'),
      ),
    ];
  }
  const log = createLog('silent');
  return [
    ...before,
    ok('settings', 'the environment is read without a mistake'),
    examineHttp(config),
    ...(config.databaseUrl === null ? examineDataDir(config.dataDir) : []),
    ...(await examineServer(config, log)),
    ...(config.redisUrl === null ? [] : await examineJobs(config.redisUrl)),
  ];
}

async function examineServer(config: Config, log: Logger): Promise<Finding[]> {
  const embedded =
    config.databaseUrl === null
      ? await openEmbedded({ dataDir: config.dataDir, log }).catch((error: Error) => error)
      : null;
  if (embedded instanceof Error)
    return [fail('database', `the embedded database does not start: ${embedded.message}`, 'see DATA_DIR/postgres.log')];
  const url = config.databaseUrl ?? embedded!.url;
  const place = placeOf(url);
  const db = openDatabase(url, 2, log);
  try {
    const before = Date.now();
    const facts = await databaseFacts(db);
    const after = Date.now();
    const version = await databaseVersion(db);
    const rights =
      version.state === 'empty' ? [] : examineRights(await missingRights(db), await readerFacts(db), facts.user);
    return [
      ...examineDatabase(facts, place, config.databasePool),
      examineClock('PostgreSQL', facts.now.getTime(), { before, after }),
      examineMigrations(version, facts.mayCreate, embedded !== null),
      ...rights,
    ];
  } catch (error) {
    const sentence = explainDatabaseError(error, place);
    const [, says, what] = /^(.*?): ((?:start|correct|create|raise) .*)$/.exec(sentence) ?? [];
    return [fail('database', says ?? sentence, what ?? 'see the log of the server, or correct DATABASE_URL')];
  } finally {
    await db.close().catch(() => {});
    await embedded?.close();
  }
}

async function examineJobs(url: string): Promise<Finding[]> {
  const place = placeOfRedis(url);
  try {
    const before = Date.now();
    const facts = await redisFacts(url);
    return [...examineRedis(facts, place), examineClock('Redis', facts.nowMs, { before, after: Date.now() })];
  } catch (error) {
    return [
      fail(
        'redis',
        `Redis at ${place} cannot be used: ${withoutCredentials((error as Error).message)}`,
        'start Redis or Valkey there, correct REDIS_URL, or unset it: jobs then live in PostgreSQL',
      ),
    ];
  }
}

const SIGNS = { ok: '✓', warn: '!', fail: '✗' } as const;

function page(findings: readonly Finding[]): string {
  const rows = findings.flatMap(({ check, level, says, do: what }) => [
    [SIGNS[level], check, says],
    ...(what ? [['', '', `→ ${what}`]] : []),
  ]);
  const count = (level: Finding['level']) => findings.filter((finding) => finding.level === level).length;
  return `${table(rows)}\n\n${count('ok')} well, ${count('warn')} to look after, ${count('fail')} to mend`;
}
