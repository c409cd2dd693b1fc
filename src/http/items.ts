import type { FastifyPluginAsync } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { Queryable } from '../store/database.ts';
import { type ItemFilter, type ItemRow, itemById, pageOfItems } from '../store/items.ts';
import { searchItems } from '../store/search.ts';
import type { HttpHouse } from './app.ts';
import { itemCursor, readItemCursor, readSearchCursor, searchCursor } from './cursor.ts';
import { idParams, itemFilters, pageOf } from './parameters.ts';
import { Problem } from './problem.ts';
import { answers, itemShape, itemsAnswer } from './shapes.ts';

const itemQuery = z.strictObject({ ...itemFilters, ...pageOf });
export type ItemQuery = z.infer<typeof itemQuery>;

/** `/v1/items` and `/v1/items/:id`. */
export const itemRoutes: FastifyPluginAsync<HttpHouse> = async (instance, { db }) => {
  const app = instance.withTypeProvider<ZodTypeProvider>();

  app.get(
    '/v1/items',
    {
      schema: {
        tags: ['items'],
        summary: 'Items, newest first',
        querystring: itemQuery,
        response: answers(itemsAnswer),
      },
    },
    async (request, reply) => {
      const { items, nextCursor } = await listItems(db, request.query);
      reply.header('cache-control', 'public, max-age=15');
      return { items, next_cursor: nextCursor } as never;
    },
  );

  app.get(
    '/v1/items/:id',
    { schema: { tags: ['items'], summary: 'One item', params: idParams, response: answers(itemShape, 404) } },
    async (request, reply) => {
      const item = await itemById(db, request.params.id);
      if (!item) throw new Problem(404, 'not-found', `There is no item ${request.params.id}`);
      reply.header('cache-control', 'public, max-age=15');
      return item as never;
    },
  );
};

/** A page of items by the query of any list of items: newest first, or with `q` the best of the newest thousand hits first. */
export async function listItems(
  db: Queryable,
  { limit, cursor, q, ...filters }: ItemQuery,
): Promise<{ items: readonly ItemRow[]; nextCursor: string | null }> {
  const filter = toFilter(filters);
  if (q !== undefined) {
    const { items, next } = await searchItems(db, q, filter, readSearchCursor(cursor), limit);
    return { items, nextCursor: next && searchCursor(next) };
  }
  const rows = await pageOfItems(db, filter, readItemCursor(cursor), limit + 1);
  const page = rows.slice(0, limit);
  return {
    items: page.map(({ sort_at: _, ...item }) => item),
    nextCursor: rows.length > limit ? itemCursor(page.at(-1)!) : null,
  };
}

type Filters = Omit<ItemQuery, 'limit' | 'cursor' | 'q'>;

/** Query parameters as the store's filter. */
export function toFilter({ relevant, ...rest }: Filters): ItemFilter {
  const given = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined));
  return { relevant: relevant === 'any' ? null : relevant === 'true', ...given } as ItemFilter;
}
