import { readFileSync } from 'node:fs';
import ipaddr from 'ipaddr.js';
import { z } from 'zod';
import { inRoot } from './root.ts';

/** The version in package.json. */
export const VERSION: string = (JSON.parse(readFileSync(inRoot('package.json'), 'utf8')) as { version: string })
  .version;

/** Everything the environment decides, typed. The variables and their defaults are the contract's table. */
export type Config = {
  readonly databaseUrl: string | null;
  readonly databasePool: number;
  readonly redisUrl: string | null;
  readonly dataDir: string;
  readonly host: string;
  readonly port: number;
  readonly apiToken: string | null;
  readonly publicUrl: string | null;
  readonly httpRatePerMin: number;
  readonly logLevel: string;
  readonly fetchConcurrency: number;
  readonly fetchTimeoutMs: number;
  readonly fetchMaxBytes: number;
  readonly fetchAllowCidrs: readonly string[];
  readonly fetchMinIntervalS: number;
  readonly fetchMaxIntervalS: number;
  readonly itemMaxAgeDays: number;
  readonly retentionDays: number;
  readonly retentionOtherDays: number;
  readonly displayTimeZone: string;
  readonly userAgent: string;
};

/** Thrown once for all mistakes of the environment; the message lists every one. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

const whole = (what: string, min: number, max = 2 ** 31 - 1) =>
  z
    .string()
    .regex(/^\d+$/, `must be a whole number${what}`)
    .transform(Number)
    .refine((n) => n >= min && n <= max, `must be between ${min} and ${max}${what}`);

const address = (schemes: readonly string[]) =>
  z.string().refine(
    (text) => {
      try {
        return schemes.includes(new URL(text).protocol);
      } catch {
        return false;
      }
    },
    `must be an address that starts with ${schemes.map((s) => `${s}//`).join(' or ')}`,
  );

const cidrs = z
  .string()
  .transform((text) => text.split(/[\s,]+/).filter(Boolean))
  .refine(
    (list) => list.every((cidr) => ipaddr.isValidCIDR(cidr)),
    'must be networks such as 10.0.0.0/8, separated by commas',
  );

const timeZone = z.string().refine((zone) => {
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone });
    return true;
  } catch {
    return false;
  }
}, 'must be a time zone such as Europe/Belgrade');

const SCHEMA = z.object({
  DATABASE_URL: address(['postgres:', 'postgresql:']).optional(),
  DATABASE_POOL: whole(' (connections of one process)', 6, 1000).default(8),
  REDIS_URL: address(['redis:', 'rediss:']).optional(),
  DATA_DIR: z.string().min(1).default('.glasnik'),
  HOST: z.string().min(1).default('127.0.0.1'),
  PORT: whole('', 0, 65535).default(8080),
  API_TOKEN: z.string().min(16, 'must have at least 16 characters').optional(),
  PUBLIC_URL: address(['http:', 'https:']).optional(),
  HTTP_RATE_PER_MIN: whole(' (requests a minute from one address, 0 for none)', 0).default(600),
  LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
  FETCH_CONCURRENCY: whole('', 1, 1024).default(32),
  FETCH_TIMEOUT_MS: whole(' (milliseconds)', 100, 600_000).default(20_000),
  FETCH_MAX_BYTES: whole(' (bytes)', 1024).default(8 * 1024 * 1024),
  FETCH_ALLOW_CIDRS: cidrs.default([]),
  FETCH_MIN_INTERVAL_S: whole(' (seconds)', 1).default(300),
  FETCH_MAX_INTERVAL_S: whole(' (seconds)', 1).default(86_400),
  ITEM_MAX_AGE_DAYS: whole(' (days, 0 for none)', 0).default(0),
  RETENTION_DAYS: whole(' (days, 0 for ever)', 0).default(365),
  RETENTION_OTHER_DAYS: whole(' (days, 0 for ever)', 0).default(30),
  DISPLAY_TIME_ZONE: timeZone.default('Europe/Belgrade'),
  USER_AGENT: z
    .string()
    .min(1)
    .regex(/^[\x20-\x7e]+$/, 'must be plain ASCII')
    .default(`glasnik/${VERSION} (+https://github.com/glasnik/glasnik)`),
});

const SECRETS = ['DATABASE_URL', 'REDIS_URL', 'API_TOKEN'] as const;

/**
 * Reads the configuration from environment variables; nothing else in the project reads them. Empty values count as unset.
 * `DATABASE_URL_FILE`, `REDIS_URL_FILE` and `API_TOKEN_FILE` name files that hold the secret.
 * @throws ConfigError with one line for every mistake.
 */
export function readConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const given: Record<string, string> = {};
  const mistakes: string[] = [];
  for (const [name, value] of Object.entries(env)) if (value !== undefined && value !== '') given[name] = value;
  for (const name of SECRETS) {
    const file = given[`${name}_FILE`];
    if (file === undefined) continue;
    if (given[name] !== undefined) mistakes.push(`${name} and ${name}_FILE are both set; keep one of them`);
    try {
      given[name] = readFileSync(file, 'utf8').trim();
    } catch (error) {
      mistakes.push(
        `${name}_FILE: ${file} cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown error'})`,
      );
    }
  }
  const parsed = SCHEMA.safeParse(given);
  if (!parsed.success)
    for (const issue of parsed.error.issues) mistakes.push(`${issue.path.join('.')} ${issue.message}`);
  else if (parsed.data.FETCH_MIN_INTERVAL_S > parsed.data.FETCH_MAX_INTERVAL_S)
    mistakes.push('FETCH_MIN_INTERVAL_S is greater than FETCH_MAX_INTERVAL_S');
  if (mistakes.length || !parsed.success)
    throw new ConfigError(
      `The environment has ${mistakes.length === 1 ? 'a mistake' : `${mistakes.length} mistakes`}:\n${mistakes.map((m) => `  ${m}`).join('\n')}`,
    );

  const e = parsed.data;
  return {
    databaseUrl: e.DATABASE_URL ?? null,
    databasePool: e.DATABASE_POOL,
    redisUrl: e.REDIS_URL ?? null,
    dataDir: e.DATA_DIR,
    host: e.HOST,
    port: e.PORT,
    apiToken: e.API_TOKEN ?? null,
    publicUrl: e.PUBLIC_URL ?? null,
    httpRatePerMin: e.HTTP_RATE_PER_MIN,
    logLevel: e.LOG_LEVEL,
    fetchConcurrency: e.FETCH_CONCURRENCY,
    fetchTimeoutMs: e.FETCH_TIMEOUT_MS,
    fetchMaxBytes: e.FETCH_MAX_BYTES,
    fetchAllowCidrs: e.FETCH_ALLOW_CIDRS,
    fetchMinIntervalS: e.FETCH_MIN_INTERVAL_S,
    fetchMaxIntervalS: e.FETCH_MAX_INTERVAL_S,
    itemMaxAgeDays: e.ITEM_MAX_AGE_DAYS,
    retentionDays: e.RETENTION_DAYS,
    retentionOtherDays: e.RETENTION_OTHER_DAYS,
    displayTimeZone: e.DISPLAY_TIME_ZONE,
    userAgent: e.USER_AGENT,
  };
}
