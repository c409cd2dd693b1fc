import { expect, test } from 'vitest';
import type { Logger } from '../../src/log.ts';
import { tellOutages } from '../../src/store/outage.ts';

test('an outage is one warning, however many connections it takes, and one word when it is over', () => {
  const said: string[] = [];
  const say = (level: string) => (_: unknown, what: string) => void said.push(`${level}: ${what}`);
  const outage = tellOutages({ warn: say('warn'), info: say('info'), debug: () => {} } as unknown as Logger);
  outage.answers();
  for (let i = 0; i < 3; i++) outage.lost(new Error('terminating connection'), 'a database connection');
  outage.answers();
  outage.answers();
  expect(said).toEqual([
    'warn: a database connection was lost; it is made anew as soon as the server answers',
    'info: the database answers again',
  ]);
});
