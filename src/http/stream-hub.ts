import type { ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from '../log.ts';
import type { Database } from '../store/database.ts';
import { changesBounds } from '../store/items.ts';
import { type Change, changesWithItems, isLost } from './changes.ts';

/** A page of changes at a time, for catching up as for following. */
const PAGE = 100;
/** What may wait in a client's socket: who takes longer is dropped, and comes back with Last-Event-ID. */
const MOST_WAITING = 256 * 1024;
const HEARTBEAT_MS = 15_000;
const DRAIN_MS = 10_000;
const RECONNECT_MS = 1000;

type Client = { readonly response: ServerResponse; at: number; live: boolean };

/** Everybody who follows wire.changes over HTTP, fed by one LISTEN session and one reading of the table. */
export type StreamHub = {
  /** Writes the changes after `after` (null: from now on) to a response until it ends. Resolves when the client is told all so far. */
  follow(response: ServerResponse, after: number | null): Promise<void>;
  readonly clients: () => number;
  close(): Promise<void>;
};

/**
 * Opens the hub; it listens only while somebody follows. Two things make sure that nobody misses a change: NOTIFY is only a
 * hint to read on from the last seq (so a lost one costs at most a heartbeat), and a client goes live only when it stands where
 * the hub stands, checked without a pause between the check and the switch.
 */
export function openStreamHub(db: Database, log: Logger): StreamHub {
  const clients = new Set<Client>();
  let head: number | null = null;
  let ended = false;
  let session: Promise<{ end(): Promise<void> }> | null = null;
  let reading = false;
  let again = false;

  const drop = (client: Client): void => {
    if (!clients.delete(client)) return;
    client.response.destroy();
    if (!clients.size) rest();
  };

  const rest = (): void => {
    const open = session;
    session = null;
    head = null;
    void open?.then((s) => s.end()).catch(() => {});
  };

  const tell = (client: Client, text: string): void => {
    client.response.write(text);
    if (client.response.writableLength > MOST_WAITING) {
      log.info({ at: client.at }, 'a follower of the stream was too slow and was dropped');
      drop(client);
    }
  };

  /** Reads on from head and tells everybody who stands there. One reading at a time; a call meanwhile makes it look again. */
  const readOn = async (): Promise<void> => {
    again = true;
    if (reading) return;
    reading = true;
    try {
      while (again && head !== null && clients.size) {
        again = false;
        const changes = await changesWithItems(db, head, PAGE);
        if (changes.length === PAGE) again = true;
        const last = changes.at(-1);
        if (!last || head === null) continue;
        head = last.seq;
        const text = changes.map(eventOf).join('');
        for (const client of clients) {
          if (!client.live) continue;
          client.at = head;
          tell(client, text);
        }
      }
    } catch (error) {
      log.warn({ err: error }, 'changes could not be read for the stream');
    } finally {
      reading = false;
    }
  };

  /** The one LISTEN session: there while somebody follows, made anew when it is lost (then, or at the next heartbeat). */
  const listen = (): Promise<unknown> => {
    if (session) return session;
    const opening = db.session('stream').then(async (client) => {
      client.on('notification', () => void readOn());
      client.on('end', () => {
        if (session !== opening) return;
        session = null;
        if (!ended && clients.size) void delay(RECONNECT_MS, undefined, { ref: false }).then(tryListen);
      });
      await client.query('listen wire_items');
      return client;
    });
    session = opening;
    opening.catch(() => {
      if (session === opening) session = null;
    });
    return opening;
  };

  const tryListen = async (): Promise<void> => {
    if (ended || !clients.size) return;
    await listen().catch((error) => log.warn({ err: error }, 'the stream does not hear the database'));
    await readOn(); // what came while nobody listened
  };

  const heartbeat = setInterval(() => {
    for (const client of clients) tell(client, ': still here\n\n');
    void tryListen();
  }, HEARTBEAT_MS);
  heartbeat.unref();

  return {
    clients: () => clients.size,

    async follow(response, after) {
      const client: Client = { response, at: 0, live: false };
      clients.add(client);
      response.on('close', () => drop(client));
      response.on('error', () => drop(client));
      await listen();
      const bounds = await changesBounds(db);
      if (!clients.has(client)) return;
      head ??= bounds.last;
      client.at = after ?? bounds.last;
      if (after !== null && isLost(after, bounds)) {
        client.at = bounds.last;
        tell(client, `id: ${bounds.last}\nevent: reset\ndata: ${JSON.stringify({ last_seq: bounds.last })}\n\n`);
      }
      while (clients.has(client)) {
        if (client.at === head) {
          client.live = true;
          return;
        }
        const page = await changesWithItems(db, client.at, PAGE);
        // Behind the hub there is always something to read; ahead of it, the hub reads on and both meet.
        if (!page.length) await readOn();
        for (const change of page) {
          if (head !== null && change.seq > head) break;
          client.at = change.seq;
          if (!response.write(eventOf(change))) await drained(response, () => drop(client));
          if (!clients.has(client)) return;
        }
        if (page.length && client.at < page[0]!.seq) await readOn();
      }
    },

    async close() {
      ended = true;
      clearInterval(heartbeat);
      for (const client of [...clients]) {
        client.response.end();
        clients.delete(client);
      }
      rest();
    },
  };
}

/** One server-sent event: JSON has no line breaks of its own. */
const eventOf = (change: Change): string =>
  `id: ${change.seq}\nevent: ${change.kind}\ndata: ${JSON.stringify(change)}\n\n`;

/** Waits until a client has taken what was written, or gives it up. */
async function drained(response: ServerResponse, giveUp: () => void): Promise<void> {
  const late = new AbortController();
  const { promise, resolve } = withResolvers();
  response.once('drain', resolve);
  response.once('close', resolve);
  const patience = delay(DRAIN_MS, undefined, { signal: late.signal }).then(giveUp, () => {});
  await Promise.race([promise, patience]);
  late.abort();
  response.off('drain', resolve);
  response.off('close', resolve);
}

function withResolvers(): { promise: Promise<void>; resolve: () => void } {
  let resolve = () => {};
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}
