import fc from 'fast-check';
import { expect, test } from 'vitest';
import { addressKey } from '../../src/item/address.ts';
import { useDatabase } from '../support/database.ts';
import { anyAddress, DIFFERENT_ARTICLES, SAME_ARTICLE } from './addresses.ts';

const database = useDatabase();

const keysInSql = async (addresses: readonly string[]): Promise<unknown> => {
  const { rows } = await database().query<{ plain: string | null; whole: string | null }>(
    `select glasnik.address_key(a) as plain, glasnik.address_key(a, true) as whole
       from unnest($1::text[]) with ordinality as t(a, n) order by n`,
    [addresses],
  );
  return rows.map(({ plain, whole }) => [plain, whole]);
};
const keysInTypeScript = (addresses: readonly string[]): unknown =>
  addresses.map((address) => [addressKey(address), addressKey(address, { keepFragment: true })]);

test('the database gives the same key for every address of the tables', async () => {
  const addresses = [...SAME_ARTICLE, ...DIFFERENT_ARTICLES].flat();
  expect(await keysInSql(addresses)).toEqual(keysInTypeScript(addresses));
});

test('and the same key, or null for the same ones, for any string that a database can hold', async () => {
  const storable = anyAddress.filter((address) => address.isWellFormed() && !address.includes('\u0000'));
  await fc.assert(
    fc.asyncProperty(fc.array(storable, { minLength: 20, maxLength: 40 }), async (addresses) => {
      expect(await keysInSql(addresses)).toEqual(keysInTypeScript(addresses));
    }),
    { numRuns: 60 },
  );
});

test('and may be indexed there: it is immutable', async () => {
  await database().tx(async (tx) => {
    await tx.query('create temporary table addresses (a text) on commit drop');
    await tx.query('create index on addresses (glasnik.address_key(a))');
  });
});
