import { type Logger, pino } from 'pino';
import pretty from 'pino-pretty';

export type { Logger } from 'pino';

/** Credentials in an address are nobody's business: `postgres://user:secret@host` is logged as `postgres://***@host`. */
export const withoutCredentials = (text: string): string =>
  text.replace(/([a-z][a-z0-9+.-]*:\/\/)[^/@\s]*@/gi, '$1***@');

const scrub = (value: unknown): unknown => {
  if (typeof value === 'string') return withoutCredentials(value);
  if (value instanceof Error)
    return {
      type: value.name,
      message: withoutCredentials(value.message),
      ...('code' in value ? { code: value.code } : {}),
      ...(value.stack ? { stack: withoutCredentials(value.stack) } : {}),
    };
  return value;
};

/**
 * The log: events with fields, one JSON line each on standard error (pretty on a terminal), since standard output is the answer.
 * @param level pino level, or `silent`
 */
export function createLog(level: string): Logger {
  const options = {
    level,
    base: null,
    formatters: {
      level: (label: string) => ({ level: label }),
      log: (fields: Record<string, unknown>) =>
        Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, scrub(value)])),
    },
    serializers: {},
    // Date.now() may be the clock that processes share (queue/clock.ts); a log tells the machine's time.
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
  };
  if (process.stderr.isTTY)
    return pino(options, pretty({ destination: 2, sync: true, translateTime: 'SYS:HH:MM:ss', ignore: 'pid,hostname' }));
  return pino(options, pino.destination({ fd: 2, sync: true }));
}
