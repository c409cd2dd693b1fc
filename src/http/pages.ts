import type { FastifyPluginAsync } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { itemById } from '../store/items.ts';
import { pairsSince, storyCards, tagsOf } from '../store/pages.ts';
import { readNextOf } from '../store/readnext.ts';
import { searchItems } from '../store/search.ts';
import { joinedInto, pageOfStories, reportsOfStory, type StoryFilter, storyById } from '../store/stories.ts';
import type { HttpHouse } from './app.ts';
import { readSearchCursor, readStoryCursor, searchCursor, storyCursor } from './cursor.ts';
import { frontAddress, type PageQuery, pageQuery } from './pages/filters.ts';
import { frontPage } from './pages/front.ts';
import { html, plainText } from './pages/html.ts';
import { itemPage } from './pages/item.ts';
import { page } from './pages/layout.ts';
import { matrixPage } from './pages/matrix.ts';
import { storyPage } from './pages/story.ts';
import { dayKey } from './pages/times.ts';
import { idParams } from './parameters.ts';
import { Problem, toProblem } from './problem.ts';

const STORIES_A_PAGE = 30;
const HITS_A_PAGE = 30;
const REPORTS_A_STORY = 200;
const MATRIX_MONTHS = 6;
const DAY_MS = 86_400_000;

/** The reader's pages: `/`, `/story/:id`, `/item/:id`, `/matrix`. */
export const pageRoutes: FastifyPluginAsync<HttpHouse> = async (instance, { config, db }) => {
  const app = instance.withTypeProvider<ZodTypeProvider>();
  const timeZone = config.displayTimeZone;
  const shell = { timeZone };

  app.addHook('onRequest', async (_, reply) => {
    reply.type('text/html; charset=utf-8').header('cache-control', 'public, max-age=30');
  });
  app.setErrorHandler((error, request, reply) => {
    const problem = toProblem(error, request);
    const heading =
      problem.status === 404
        ? 'There is nothing here'
        : problem.status < 500
          ? 'That cannot be shown'
          : 'That did not work';
    const body = html`<h1 class="page-title">${heading}</h1><p class="page-about">${problem.message}</p><p class="more"><a href="/">To the stories</a></p>`;
    return reply
      .status(problem.status)
      .header('cache-control', 'no-store')
      .type('text/html; charset=utf-8')
      .send(page({ ...shell, title: `${heading} — Glasnik`, now: new Date(), body }));
  });

  app.get('/', { schema: { querystring: pageQuery } }, async (request, reply) => {
    const { query } = request;
    // The form sends its empty fields along; the address that people copy should not.
    if (/[?&]\w+=(&|$)/.test(request.url)) return reply.redirect(frontAddress(query), 303);
    const now = new Date();
    const shown = query.q ? await found(query) : await latest(query, now);
    const body = frontPage({ query, now, timeZone, ...shown });
    return reply.send(
      page({
        ...shell,
        title: 'Glasnik: defence cooperation in the Balkans',
        here: 'stories',
        now,
        body,
        description:
          'Defence cooperation in the Balkans: agreements, exercises, purchases and missions, as the newsrooms of the region report them.',
      }),
    );
  });

  async function latest(query: PageQuery, now: Date) {
    const langs = query.lang ? [query.lang] : null;
    const filter: StoryFilter = {
      ...(query.country && !query.with && { country: [query.country] }),
      ...(query.country && query.with && { together: [query.country, query.with] }),
      ...(query.kind && { cooperation: [query.kind] }),
      ...(langs && { lang: langs }),
      ...(query.period && { from: beginOf(query.period, now, timeZone) }),
    };
    const rows = await pageOfStories(db, filter, readStoryCursor(query.cursor), STORIES_A_PAGE + 1);
    const shown = rows.slice(0, STORIES_A_PAGE);
    return {
      cards: await storyCards(
        db,
        shown.map((story) => story.story_id),
        langs,
      ),
      hits: null,
      nextCursor: rows.length > STORIES_A_PAGE ? storyCursor(shown.at(-1)!.place) : null,
    };
  }

  async function found(query: PageQuery) {
    const filter = {
      relevant: true,
      ...(query.country && { country: [query.country] }),
      ...(query.kind && { cooperation: [query.kind] }),
      ...(query.lang && { lang: [query.lang] }),
    };
    const { items, next } = await searchItems(db, query.q!, filter, readSearchCursor(query.cursor), HITS_A_PAGE);
    return { cards: [], hits: items, nextCursor: next && searchCursor(next) };
  }

  app.get('/story/:id', { schema: { params: idParams } }, async (request, reply) => {
    const { id } = request.params;
    const story = await storyById(db, id);
    if (!story) {
      const into = await joinedInto(db, id);
      if (into !== null) return reply.redirect(`/story/${into}`, 308);
      throw new Problem(404, 'not-found', `There is no story ${id}, or it is kept no more.`);
    }
    const reports = await reportsOfStory(db, id, REPORTS_A_STORY);
    const [card] = await storyCards(db, [id], null);
    const best = reports.find((report) => report.item_id === card?.item_id) ?? reports[0]!;
    const next = await readNextOf(db, best.item_id, 6);
    return reply.send(
      page({
        ...shell,
        title: `${plainText(best.title)} — Glasnik`,
        now: new Date(),
        body: storyPage(story, best, reports, next, timeZone),
        description: best.lead ?? best.title,
      }),
    );
  });

  app.get('/item/:id', { schema: { params: idParams } }, async (request, reply) => {
    const item = await itemById(db, request.params.id);
    if (!item) throw new Problem(404, 'not-found', `There is no article ${request.params.id}, or it is kept no more.`);
    const [tags, next] = [await tagsOf(db, item.item_id), await readNextOf(db, item.item_id, 6)];
    return reply.send(
      page({
        ...shell,
        title: `${plainText(item.title)} — Glasnik`,
        now: new Date(),
        body: itemPage(item, tags, next, timeZone),
        description: item.lead ?? item.title,
      }),
    );
  });

  app.get('/matrix', async (_, reply) => {
    const now = new Date();
    const pairs = await pairsSince(db, new Date(now.getTime() - MATRIX_MONTHS * 30.4 * DAY_MS));
    return reply.send(
      page({
        ...shell,
        title: 'Who cooperates with whom — Glasnik',
        here: 'matrix',
        now,
        body: matrixPage(pairs, MATRIX_MONTHS),
      }),
    );
  });
};

/** When a period began: a day begins at midnight of the pages' time zone. */
function beginOf(period: NonNullable<PageQuery['period']>, now: Date, timeZone: string): Date {
  const days = { today: 0, week: 7, month: 30, quarter: 91 }[period];
  if (days) return new Date(now.getTime() - days * DAY_MS);
  let begin = now.getTime();
  const today = dayKey(now, timeZone);
  for (const step of [3_600_000, 60_000, 1000])
    while (dayKey(new Date(begin - step), timeZone) === today) begin -= step;
  return new Date(begin - (begin % 1000));
}
