import { afterAll, beforeAll } from 'vitest';
import { readConfig } from '../../src/config.ts';
import { type App, buildApp, type HttpHouse } from '../../src/http/app.ts';
import { createLog } from '../../src/log.ts';
import type { Database } from '../../src/store/database.ts';

/** The HTTP side on a free port. */
export type Served = { readonly app: App; readonly base: string };

/** Starts it over a database; the caller closes `app`. */
export async function serve(
  db: Database,
  env: Record<string, string> = {},
  more: Partial<HttpHouse> = {},
): Promise<Served> {
  const app = await buildApp({
    config: readConfig({ API_TOKEN: TOKEN, ...env }),
    log: createLog('silent'),
    db,
    jobsAnswer: async () => true,
    ...more,
  });
  return { app, base: (await app.listen({ host: '127.0.0.1', port: 0 })).replace('[::1]', '127.0.0.1') };
}

export const TOKEN = 'a-token-for-the-tests';
export const withToken = { authorization: `Bearer ${TOKEN}` };

/** Served for a whole test file. */
export function useServed(db: () => Database, env: Record<string, string> = {}): () => Served {
  let served: Served | undefined;
  beforeAll(async () => {
    served = await serve(db(), env);
  });
  afterAll(async () => {
    await served?.app.close();
  });
  return () => served!;
}

/** GET as JSON with its status and headers. */
export async function getJson(url: string, headers: Record<string, string> = {}) {
  const response = await fetch(url, { headers, redirect: 'manual' });
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: text ? JSON.parse(text) : null };
}
