import http from 'node:http';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { markItem } from '../../src/store/marks.ts';
import { deal, someFeed, storeGiven } from '../support/articles.ts';
import { emptyDatabase, useDatabase } from '../support/database.ts';
import { getJson, serve, useServed } from '../support/served.ts';

const db = useDatabase();
const served = useServed(db);

let feedId = 0;
const open: Follower[] = [];
beforeEach(async () => {
  await emptyDatabase(db());
  feedId = await someFeed(db());
});
afterEach(() => {
  for (const follower of open.splice(0)) follower.close();
});

type Event = {
  id: number;
  event: string;
  data: { seq: number; kind: string; item_id: number; item: unknown; last_seq: number };
};
type Follower = { events: Event[]; until(n: number): Promise<Event[]>; ended: Promise<void>; close(): void };

/** Follows the stream and reads its events. */
async function follow(base: string, headers: Record<string, string> = {}, path = '/v1/stream'): Promise<Follower> {
  const events: Event[] = [];
  let waiting: { n: number; done: (events: Event[]) => void }[] = [];
  let rest = '';
  const request = http.get(`${base}${path}`, { headers });
  const response = await new Promise<http.IncomingMessage>((done) => request.once('response', done));
  response.setEncoding('utf8');
  response.on('error', () => {});
  response.on('data', (chunk: string) => {
    const blocks = (rest + chunk).split('\n\n');
    rest = blocks.pop()!;
    for (const block of blocks) {
      const fields = new Map(
        block.split('\n').map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)]),
      );
      if (fields.has('data'))
        events.push({
          id: Number(fields.get('id')),
          event: fields.get('event')!,
          data: JSON.parse(fields.get('data')!),
        });
    }
    waiting = waiting.filter(({ n, done }) => events.length < n || void done(events));
  });
  const follower: Follower = {
    events,
    until: (n) => (events.length >= n ? Promise.resolve(events) : new Promise((done) => waiting.push({ n, done }))),
    ended: new Promise((done) => response.once('close', () => done())),
    close: () => request.destroy(),
  };
  open.push(follower);
  return follower;
}

const changes = (query = '') => getJson(`${served().base}/v1/changes${query}`);

test('who takes last_seq, reads the items and follows misses nothing', async () => {
  await storeGiven(db(), feedId, [deal(1)]);
  const { last_seq: from } = (await changes()).body;
  expect((await changes()).body.changes).toEqual([]);
  const [id] = await storeGiven(db(), feedId, [deal(2)]);
  await markItem(db(), id!, 'hidden');
  const { body } = await changes(`?after=${from}`);
  expect(body.changes.map((c: { kind: string; item: unknown }) => [c.kind, c.item])).toEqual([
    ['new', null], // hidden by now: nobody may see it any more
    ['gone', null],
  ]);
  expect(body.last_seq).toBe(from + 2);
  expect((await changes(`?after=${body.last_seq}`)).body).toEqual({ changes: [], last_seq: body.last_seq });
  expect((await changes(`?after=${from}&limit=1`)).body.last_seq).toBe(from + 1);
});

test('a seq older than what is kept is 410 of type reset', async () => {
  await storeGiven(db(), feedId, [deal(1), deal(2), deal(3)]);
  const { last_seq: last } = (await changes()).body;
  await db().query('delete from glasnik.changes where seq < $1', [last]);
  const { status, body } = await changes(`?after=${last - 3}`);
  expect([status, body.type, body.last_seq]).toEqual([410, 'urn:glasnik:problem:reset', last]);
  expect((await changes(`?after=${last - 1}`)).status).toBe(200);
  expect((await changes(`?after=${last + 1000}`)).status).toBe(410);
});

test('the stream tells each change as it is committed, with the object of /v1/changes', async () => {
  const follower = await follow(served().base);
  const [id] = await storeGiven(db(), feedId, [deal(1)]);
  const [event] = await follower.until(1);
  const { body } = await changes(`?after=${event!.id - 1}`);
  expect(event).toEqual({ id: body.changes[0].seq, event: 'new', data: body.changes[0] });
  expect(event!.data.item_id).toBe(id);
});

test('Last-Event-ID resumes without a gap or a repeat, across a restart of the server and while changes go on', async () => {
  const { last_seq: from } = (await changes()).body;
  await storeGiven(
    db(),
    feedId,
    Array.from({ length: 130 }, (_, n) => deal(n)),
  );
  const first = await serve(db());
  const before = await follow(first.base, { 'last-event-id': String(from) });
  await before.until(1);
  const seen = [...before.events];
  await first.app.close();
  await before.ended;
  const going = storeGiven(
    db(),
    feedId,
    Array.from({ length: 40 }, (_, n) => deal(500 + n)),
  );
  const after = await follow(served().base, { 'last-event-id': String(seen.at(-1)!.id) });
  await going;
  await after.until(170 - seen.length);
  const ids = [...seen, ...after.events].map((event) => event.id);
  expect(ids).toEqual(Array.from({ length: 170 }, (_, n) => from + 1 + n));
});

test('who comes back too late is told to begin anew, and follows from there', async () => {
  await storeGiven(db(), feedId, [deal(1), deal(2), deal(3)]);
  const { last_seq: last } = (await changes()).body;
  await db().query('delete from glasnik.changes where seq < $1', [last]);
  const follower = await follow(served().base, { 'last-event-id': String(last - 3) });
  expect((await follower.until(1))[0]).toEqual({ id: last, event: 'reset', data: { last_seq: last } });
  await storeGiven(db(), feedId, [deal(4)]);
  expect((await follower.until(2))[1]).toMatchObject({ id: last + 1, event: 'new' });
});

test('a follower that does not read is dropped, and the others are told all the same', async () => {
  const { port } = new URL(served().base);
  const slow = http.get({ host: '127.0.0.1', port, path: '/v1/stream' });
  slow.on('error', () => {});
  const stalled = await new Promise<http.IncomingMessage>((done) => slow.once('response', done));
  stalled.pause();
  stalled.socket.pause();
  const quick = await follow(served().base);
  const long = 'x'.repeat(590);
  let told = 0;
  const followers = () => (served().app.server as http.Server & { _connections: number })._connections;
  const atFirst = followers();
  while (followers() >= atFirst && told < 40_000) {
    await storeGiven(
      db(),
      feedId,
      Array.from({ length: 500 }, (_, n) => ({
        ...deal(n),
        url: `https://dnevnik.example/${told + n}`,
        lead: `${deal(n).lead} ${long}`.slice(0, 600),
      })),
    );
    told += 500;
    await quick.until(told);
  }
  expect(followers()).toBeLessThan(atFirst);
  expect(quick.events).toHaveLength(told);
  slow.destroy();
}, 60_000);

test('a Last-Event-ID that is none is 400', async () => {
  expect((await getJson(`${served().base}/v1/stream`, { 'last-event-id': 'abc' })).status).toBe(400);
});
