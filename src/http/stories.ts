import type { FastifyPluginAsync } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { joinedInto, pageOfStories, reportsOfStory, type StoryFilter, storyById } from '../store/stories.ts';
import type { HttpHouse } from './app.ts';
import { readStoryCursor, storyCursor } from './cursor.ts';
import { idParams, pageOf, storyFilters } from './parameters.ts';
import { Problem } from './problem.ts';
import { answers, storiesAnswer, storyAnswer } from './shapes.ts';

const storyQuery = z.strictObject({ ...storyFilters, ...pageOf });

/** A story in full has at most so many of its reports. */
const MOST_REPORTS = 500;

/** `/v1/stories` and `/v1/stories/:id`. */
export const storyRoutes: FastifyPluginAsync<HttpHouse> = async (instance, { db }) => {
  const app = instance.withTypeProvider<ZodTypeProvider>();

  app.get(
    '/v1/stories',
    {
      schema: {
        tags: ['stories'],
        summary: 'Stories of the beat, that with the newest report first; a walk keeps the order of its beginning',
        querystring: storyQuery,
        response: answers(storiesAnswer),
      },
    },
    async (request, reply) => {
      const { limit, cursor, ...filter } = request.query;
      const rows = await pageOfStories(db, filter as StoryFilter, readStoryCursor(cursor), limit + 1);
      const page = rows.slice(0, limit);
      reply.header('cache-control', 'public, max-age=15');
      return {
        stories: page.map(({ place: _, ...story }) => story),
        next_cursor: rows.length > limit ? storyCursor(page.at(-1)!.place) : null,
      } as never;
    },
  );

  app.get(
    '/v1/stories/:id',
    {
      schema: {
        tags: ['stories'],
        summary: 'One story with its reports; 308 to the story that it was joined into',
        params: idParams,
        response: answers(storyAnswer, 404),
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      const story = await storyById(db, id);
      reply.header('cache-control', 'public, max-age=15');
      if (story) return { ...story, reports: await reportsOfStory(db, id, MOST_REPORTS) } as never;
      const into = await joinedInto(db, id);
      if (into !== null) return reply.redirect(`/v1/stories/${into}`, 308) as never;
      throw new Problem(404, 'not-found', `There is no story ${id}`);
    },
  );
};
