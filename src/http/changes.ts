import type { FastifyPluginAsync } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { Queryable } from '../store/database.ts';
import { type ChangeRow, changesAfter, changesBounds, type ItemRow, itemsById } from '../store/items.ts';
import type { HttpHouse } from './app.ts';
import { limit } from './parameters.ts';
import { Problem } from './problem.ts';
import { answers, changesAnswer } from './shapes.ts';

/** A change with what sites now see of its item; null when it is gone (by now). */
export type Change = ChangeRow & { readonly item: ItemRow | null };

export const seq = z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER);

/** `/v1/changes`: the feed table as a list of changes, in commit order. */
export const changeRoutes: FastifyPluginAsync<HttpHouse> = async (instance, { db }) => {
  const app = instance.withTypeProvider<ZodTypeProvider>();
  const querystring = z.strictObject({ after: seq.optional(), limit });
  app.get(
    '/v1/changes',
    {
      schema: {
        tags: ['changes'],
        summary: 'Changes after a seq, in order; without `after` only the present last_seq',
        querystring,
        response: answers(changesAnswer, 410),
      },
    },
    async (request, reply) => {
      reply.header('cache-control', 'no-store');
      const { after, limit: most } = request.query;
      const { last, pruned } = await changesBounds(db);
      if (after === undefined) return { changes: [], last_seq: last };
      if (isLost(after, { last, pruned }))
        throw new Problem(
          410,
          'reset',
          `Changes after ${after} are not known here any more: take last_seq, read /v1/items again, then follow`,
          { last_seq: last },
        );
      const changes = await changesWithItems(db, after, most);
      return { changes, last_seq: changes.at(-1)?.seq ?? after } as never;
    },
  );
};

/** True where nobody can say what happened since: older than what is kept, or of another life of the database. */
export const isLost = (after: number, { last, pruned }: { last: number; pruned: number }): boolean =>
  after < pruned || after > last;

/** Changes after a seq, each with its item as it is now. */
export async function changesWithItems(db: Queryable, after: number, most: number): Promise<Change[]> {
  const rows = await changesAfter(db, after, most);
  const ids = rows.filter((row) => row.kind !== 'gone').map((row) => row.item_id);
  const items = await itemsById(db, [...new Set(ids)]);
  return rows.map((row) => ({ ...row, item: row.kind === 'gone' ? null : (items.get(row.item_id) ?? null) }));
}
