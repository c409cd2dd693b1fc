import type { Config } from '../src/config.ts';
import type { Client } from '../src/feed/fetch.ts';
import type { Logger } from '../src/log.ts';
import type { Queues } from '../src/queue/queues.ts';
import type { Database } from '../src/store/database.ts';
import type { Desk } from './desk.ts';

/** What the jobs of one process share. */
export type House = {
  readonly config: Config;
  readonly log: Logger;
  readonly db: Database;
  readonly client: Client;
  /** Where fetches begin and end. */
  readonly desk: Desk;
  readonly queues: Queues;
};
