import { Redis } from 'ioredis';

/** What Redis says of itself, for `doctor`. */
export type RedisFacts = {
  readonly version: string;
  /** Its clock, in milliseconds since 1970. */
  readonly nowMs: number;
  /** `noeviction`, or how it throws keys away when memory is short. */
  readonly evicts: string;
  readonly maxMemory: number;
  /** The role of a replica can only read. */
  readonly isReplica: boolean;
};

/** Asks a Redis or Valkey server once. @throws what the connection said */
export async function redisFacts(url: string): Promise<RedisFacts> {
  const redis = new Redis(url, {
    lazyConnect: true,
    connectTimeout: 5000,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
  });
  let refused: Error | undefined;
  redis.on('error', (error: Error) => {
    refused = error;
  });
  try {
    await redis.connect().catch((error: Error) => {
      throw refused ?? error; // "Connection is closed" hides why
    });
    const fields = readInfo(await redis.info());
    const [seconds, micros] = (await redis.time()).map(Number);
    return {
      version: fields.get('valkey_version') ?? fields.get('redis_version') ?? '0',
      nowMs: seconds! * 1000 + micros! / 1000,
      evicts: fields.get('maxmemory_policy') ?? 'unknown',
      maxMemory: Number(fields.get('maxmemory') ?? 0),
      isReplica: fields.get('role') === 'slave',
    };
  } finally {
    redis.disconnect();
  }
}

const readInfo = (text: string): Map<string, string> =>
  new Map(
    text
      .split(/\r?\n/)
      .filter((line) => line.includes(':'))
      .map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1)]),
  );
