import type { FastifyPluginAsync } from 'fastify';
import { pageOfItems } from '../store/items.ts';
import type { HttpHouse } from './app.ts';

const text = (text: string): string => text.replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);

/** `/`: the first page, the newest relevant items. */
export const pageRoutes: FastifyPluginAsync<HttpHouse> = async (app, { config, db }) => {
  const time = new Intl.DateTimeFormat('en-GB', {
    timeZone: config.displayTimeZone,
    day: '2-digit',
    month: 'short',
    hour: '2-digit',
    minute: '2-digit',
  });
  app.get('/', async (_, reply) => {
    const items = await pageOfItems(db, { relevant: true }, null, 50);
    const rows = items.map((item) => {
      const at = item.published_at ?? item.first_seen_at;
      return `<li lang="${text(item.lang)}"><time datetime="${at.toISOString()}">${time.format(at)}</time> <b>${text(item.kicker ?? '')}</b> <a href="${text(item.url)}" rel="noopener">${text(item.title)}</a><p>${text(item.lead ?? '')}</p></li>`;
    });
    return reply
      .type('text/html; charset=utf-8')
      .send(
        `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>glasnik</title><h1>Balkan defence cooperation</h1>${rows.length ? `<ol>${rows.join('\n')}</ol>` : '<p>No items yet: the first feeds are being fetched.</p>'}</html>`,
      );
  });
};
