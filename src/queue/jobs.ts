import { z } from 'zod';
import type { Lease } from '../store/lease.ts';

/** The queues, and what walks through them. Jobs carry ids and never documents; PostgreSQL knows the rest. */
export const QUEUES = ['sweep', 'fetch', 'relate'] as const;
export type QueueName = (typeof QUEUES)[number];

/** The version of job payloads that this program writes and reads; jobs of another version are put back. */
export const JOB_VERSION = 1;
/** Of fetch jobs: the first version held one lease. */
const FETCH_JOB_VERSION = 2;

const lease = z.object({ feedId: z.number().int().positive(), asked: z.string().min(1) });
const fetchJob = z.union([
  z.object({ v: z.literal(FETCH_JOB_VERSION), leases: z.array(lease).min(1) }),
  lease.extend({ v: z.literal(1) }).transform(({ feedId, asked }) => ({ leases: [{ feedId, asked }] })),
]);
const batchJob = z.object({ v: z.literal(JOB_VERSION), batch: z.string().min(1), asked: z.string().min(1) });

/** Feeds to fetch, of as many hosts, and the leases under which they may be. */
export type FetchJob = { readonly leases: readonly Lease[] };
/** One pass over what the tables hold (`batch` says which table's backlog); `asked` is for the log. */
export type BatchJob = z.infer<typeof batchJob>;

/** A payload at the door: read, of a version for somebody else, or no payload of ours at all. */
export type ReadJob<T> = { kind: 'job'; job: T } | { kind: 'other-version' } | { kind: 'unreadable'; why: string };

function read<T>(schema: z.ZodType<T>, data: unknown, versions: readonly number[]): ReadJob<T> {
  const parsed = schema.safeParse(data);
  if (parsed.success) return { kind: 'job', job: parsed.data };
  const version = (data as { v?: unknown } | null)?.v;
  if (typeof version === 'number' && !versions.includes(version)) return { kind: 'other-version' };
  return { kind: 'unreadable', why: parsed.error.issues.map((i) => `${i.path.join('.')} ${i.message}`).join('; ') };
}

export const readFetchJob = (data: unknown): ReadJob<FetchJob> => read(fetchJob, data, [1, FETCH_JOB_VERSION]);
export const readBatchJob = (data: unknown): ReadJob<BatchJob> => read(batchJob, data, [JOB_VERSION]);

/**
 * How many feeds a job holds. A job costs the worker and the server of the jobs as much as a 304 does, so they share it; few enough
 * that the jobs of a sweep spread over workers.
 */
export const FEEDS_A_JOB = 4;

/** Jobs for leases, `size` to a job. The id is the same for the same leases, so that asking twice makes one job. */
export function fetchJobs(
  leases: readonly Lease[],
  size = FEEDS_A_JOB,
): { name: string; data: FetchJob & { v: number }; opts: { jobId: string } }[] {
  const jobs: ReturnType<typeof fetchJobs> = [];
  for (let at = 0; at < leases.length; at += size) {
    const part = leases.slice(at, at + size).map(({ feedId, asked }) => ({ feedId, asked }));
    const { feedId, asked } = part[0]!;
    // BullMQ allows no colon in an id.
    const jobId = `feed-${feedId}-${asked.replace(/\D/g, '')}${part.length > 1 ? `-and-${part.length - 1}` : ''}`;
    jobs.push({ name: 'fetch', data: { v: FETCH_JOB_VERSION, leases: part }, opts: { jobId } });
  }
  return jobs;
}
