import { z } from 'zod';

/** The queues, and what walks through them. Jobs carry ids and never documents; PostgreSQL knows the rest. */
export const QUEUES = ['sweep', 'fetch', 'relate'] as const;
export type QueueName = (typeof QUEUES)[number];

/** The version of job payloads that this program writes and reads; jobs of another version are put back. */
export const JOB_VERSION = 1;

const fetchJob = z.object({ v: z.literal(JOB_VERSION), feedId: z.number().int().positive(), asked: z.string().min(1) });
const batchJob = z.object({ v: z.literal(JOB_VERSION), batch: z.string().min(1), asked: z.string().min(1) });

/** One feed to fetch; `asked` names the lease under which it may be. */
export type FetchJob = z.infer<typeof fetchJob>;
/** One pass over what the tables hold (`batch` says which table's backlog); `asked` is for the log. */
export type BatchJob = z.infer<typeof batchJob>;

/** A payload at the door: read, of a version for somebody else, or no payload of ours at all. */
export type ReadJob<T> = { kind: 'job'; job: T } | { kind: 'other-version' } | { kind: 'unreadable'; why: string };

function read<T>(schema: z.ZodType<T>, data: unknown): ReadJob<T> {
  const parsed = schema.safeParse(data);
  if (parsed.success) return { kind: 'job', job: parsed.data };
  const version = (data as { v?: unknown } | null)?.v;
  if (typeof version === 'number' && version !== JOB_VERSION) return { kind: 'other-version' };
  return { kind: 'unreadable', why: parsed.error.issues.map((i) => `${i.path.join('.')} ${i.message}`).join('; ') };
}

export const readFetchJob = (data: unknown): ReadJob<FetchJob> => read(fetchJob, data);
export const readBatchJob = (data: unknown): ReadJob<BatchJob> => read(batchJob, data);

/** A job id that is the same for the same lease, so that asking twice makes one job. BullMQ allows no colon in it. */
export const fetchJobId = (job: Pick<FetchJob, 'feedId' | 'asked'>): string =>
  `feed-${job.feedId}-${job.asked.replace(/\D/g, '')}`;
