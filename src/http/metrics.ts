import type { Queue } from 'bullmq';
import type { FastifyPluginAsync } from 'fastify';
import { collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import { VERSION } from '../config.ts';
import { readTally, type Tally } from '../store/tally.ts';
import { TAGGER_VERSION } from '../tag/tagger.ts';
import type { HttpHouse } from './app.ts';
import { type Guard, keepPrivate } from './guard.ts';
import { type QueueDepth, queueDepths } from './queue-depths.ts';

/**
 * `/metrics` in Prometheus' text format, by its naming rules: base units, `_total` for what only grows. What workers do is read
 * from the tables, since they may run on other machines; this process adds its own requests, memory and event loop.
 */
export const metricsRoutes: FastifyPluginAsync<HttpHouse & { guard: Guard; queues: readonly Queue[] }> = async (
  app,
  { db, guard, queues },
) => {
  app.get('/metrics', { onRequest: guard.operating }, async (_, reply) => {
    const [tally, depths] = [await readTally(db), await queueDepths(queues, Date.now())];
    const own = await requestMetrics(app).metrics();
    return keepPrivate(reply)
      .type('text/plain; version=0.0.4; charset=utf-8')
      .send(`${own}\n${houseMetrics(tally, depths)}`);
  });
};

const registries = new WeakMap<object, Registry>();

/** Measures every request of an app, by route and status. */
export function measureRequests(app: Parameters<FastifyPluginAsync>[0]): void {
  const registry = new Registry();
  registries.set(app.server, registry);
  collectDefaultMetrics({ register: registry });
  const duration = new Histogram({
    name: 'glasnik_http_request_duration_seconds',
    help: 'Time from request to answer, by route',
    labelNames: ['method', 'route', 'status'] as const,
    buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5],
    registers: [registry],
  });
  new Gauge({
    name: 'glasnik_info',
    help: 'Versions, always 1',
    labelNames: ['version', 'tagger'] as const,
    registers: [registry],
  }).set({ version: VERSION, tagger: TAGGER_VERSION }, 1);
  app.addHook('onResponse', async (request, reply) => {
    const route = request.routeOptions.url ?? 'none';
    duration.observe({ method: request.method, route, status: reply.statusCode }, reply.elapsedTime / 1000);
  });
}

const requestMetrics = (app: Parameters<FastifyPluginAsync>[0]): Registry => registries.get(app.server)!;

type Sample = readonly [labels: Readonly<Record<string, string>>, value: number];

/** What the tables say, written out: these are other processes' counters, which a client library cannot hold. */
export function houseMetrics(tally: Tally, depths: readonly QueueDepth[] | null): string {
  const count = (name: string) => tally.counters[name] ?? 0;
  const family = (name: string, type: string, help: string, samples: readonly Sample[]) =>
    [
      `# HELP ${name} ${help}`,
      `# TYPE ${name} ${type}`,
      ...samples.map(([labels, value]) => sample(name, labels, value)),
    ].join('\n');
  const gauge = (name: string, help: string, value: number) => family(name, 'gauge', help, [[{}, value]]);
  const outcomes = Object.entries(tally.counters)
    .filter(([name]) => name.startsWith('outcome/'))
    .map(([name, n]): Sample => {
      const [, outcome = '', reason = ''] = name.split('/');
      return [{ outcome, reason }, n];
    });
  const states = ['active', 'failing', 'gone', 'disabled'].map((state): Sample => [{ state }, tally.feeds[state] ?? 0]);
  const brought = ['new', 'updated', 'duplicate', 'relevant'].map((kind): Sample => [{ kind }, count(`items/${kind}`)]);
  const byQueue = (pick: (depth: QueueDepth) => readonly Sample[]) => (depths ?? []).flatMap(pick);
  return [
    family('glasnik_feeds', 'gauge', 'Feeds by state', states),
    gauge('glasnik_feeds_due', 'Feeds that are due now', tally.due),
    gauge('glasnik_feeds_overdue_seconds', 'How long the first due feed has waited', tally.overdue_s),
    gauge('glasnik_feeds_fetching', 'Feeds that a worker has, or that wait in the queue', tally.fetching),
    family('glasnik_fetches_total', 'counter', 'Fetches by outcome and reason', outcomes),
    fetchDurations(count),
    family('glasnik_fetch_bytes_total', 'counter', 'Bytes of feeds as they came over the wire', [[{}, count('bytes')]]),
    family('glasnik_items_total', 'counter', 'Items that fetches brought', brought),
    gauge('glasnik_items_stored', 'Items in the table, as the database estimates', tally.items),
    gauge('glasnik_relate_backlog', 'Items that wait for their story and their lists', tally.unrelated),
    gauge('glasnik_relate_lag_seconds', 'How long the first of them has waited', tally.unrelated_s),
    gauge('glasnik_changes_seq', 'The last change', tally.last_seq),
    gauge('glasnik_queue_up', 'Whether the server of the jobs answers', depths ? 1 : 0),
    family('glasnik_queue_jobs', 'gauge', 'Jobs by queue and state', [
      ...byQueue(({ name, waiting, active, delayed, failed }) =>
        Object.entries({ waiting, active, delayed, failed }).map(([state, n]): Sample => [{ queue: name, state }, n]),
      ),
    ]),
    family(
      'glasnik_queue_lag_seconds',
      'gauge',
      'How long the first waiting job has waited',
      byQueue(({ name, lagS }) => [[{ queue: name }, lagS]]),
    ),
    '',
  ].join('\n');
}

const BOUNDS = ['0.1', '0.3', '1', '3', '10', '+Inf'] as const;

function fetchDurations(count: (name: string) => number): string {
  const name = 'glasnik_fetch_duration_seconds';
  let sum = 0;
  const buckets = BOUNDS.map((le) => {
    sum += count(`le/${le}`);
    return sample(`${name}_bucket`, { le }, sum);
  });
  return [
    `# HELP ${name} Time of one feed from connect to last byte`,
    `# TYPE ${name} histogram`,
    ...buckets,
    sample(`${name}_sum`, {}, count('ms') / 1000),
    sample(`${name}_count`, {}, sum),
  ].join('\n');
}

function sample(name: string, labels: Readonly<Record<string, string>>, value: number): string {
  const given = Object.entries(labels).map(
    ([key, text]) => `${key}="${text.replace(/\\/g, '\\\\').replace(/"/g, '\\"').replace(/\n/g, '\\n')}"`,
  );
  return `${name}${given.length ? `{${given.join(',')}}` : ''} ${value}`;
}
