import type { FastifyPluginAsync } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { changesAfter, changesBounds, itemsById } from '../store/items.ts';
import type { HttpHouse } from './app.ts';
import { limit } from './parameters.ts';
import { Problem } from './problem.ts';

const seq = z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER);

/** `/v1/changes`: the feed table as a stream of changes, in commit order. */
export const changeRoutes: FastifyPluginAsync<HttpHouse> = async (instance, { db }) => {
  const app = instance.withTypeProvider<ZodTypeProvider>();
  const querystring = z.strictObject({ after: seq.optional(), limit });
  app.get('/v1/changes', { schema: { querystring } }, async (request, reply) => {
    reply.header('cache-control', 'no-store');
    const { after, limit: most } = request.query;
    const { last, pruned } = await changesBounds(db);
    if (after === undefined) return { changes: [], last_seq: last };
    if (after < pruned)
      throw new Problem(
        410,
        'reset',
        `Changes up to ${pruned} are kept no more: read /v1/items again and follow from the present last_seq`,
        { last_seq: last },
      );
    const rows = await changesAfter(db, after, most);
    const items = await itemsById(
      db,
      rows.filter((row) => row.kind !== 'gone').map((row) => row.item_id),
    );
    return {
      changes: rows.map((row) => ({ ...row, item: row.kind === 'gone' ? null : (items.get(row.item_id) ?? null) })),
      last_seq: rows.at(-1)?.seq ?? after,
    };
  });
};
