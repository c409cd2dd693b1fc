import type { FastifyPluginAsync } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { type ItemFilter, type ItemRow, itemById, pageOfItems } from '../store/items.ts';
import type { HttpHouse } from './app.ts';
import { itemCursor, readItemCursor } from './cursor.ts';
import { idParams, itemFilters, pageOf } from './parameters.ts';
import { Problem } from './problem.ts';

const itemQuery = z.strictObject({ ...itemFilters, ...pageOf });

/** `/v1/items` and `/v1/items/:id`. */
export const itemRoutes: FastifyPluginAsync<HttpHouse> = async (instance, { db }) => {
  const app = instance.withTypeProvider<ZodTypeProvider>();

  app.get('/v1/items', { schema: { querystring: itemQuery } }, async (request) => {
    const { limit, cursor, ...filters } = request.query;
    const rows = await pageOfItems(db, toFilter(filters), readItemCursor(cursor), limit + 1);
    const page = rows.slice(0, limit);
    return {
      items: page.map(({ sort_at: _, ...item }) => item satisfies ItemRow),
      next_cursor: rows.length > limit ? itemCursor(page.at(-1)!) : null,
    };
  });

  app.get('/v1/items/:id', { schema: { params: idParams } }, async (request) => {
    const item = await itemById(db, request.params.id);
    if (!item) throw new Problem(404, 'not-found', `There is no item ${request.params.id}`);
    return item;
  });
};

type Filters = Omit<z.infer<typeof itemQuery>, 'limit' | 'cursor'>;

/** Query parameters as the store's filter. */
export function toFilter({ relevant, ...rest }: Filters): ItemFilter {
  const given = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined));
  return { relevant: relevant === 'any' ? null : relevant === 'true', ...given } as ItemFilter;
}
