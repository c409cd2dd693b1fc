import fc from 'fast-check';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addressKey } from '../../src/item/address.ts';
import { addressKeySql } from '../../src/item/address-sql.ts';
import { anyAddress, SAME_ARTICLE } from './addresses.ts';

const server = process.env.TEST_DATABASE_URL;

describe.skipIf(server === undefined)('the SQL twin of the address key (needs TEST_DATABASE_URL)', () => {
  const schema = `address_twin_${process.pid}`;
  let client: pg.Client;

  beforeAll(async () => {
    client = new pg.Client({ connectionString: server });
    await client.connect();
    await client.query(`create schema ${schema}`);
    await client.query(addressKeySql(schema));
  });
  afterAll(async () => {
    await client.query(`drop schema ${schema} cascade`);
    await client.end();
  });

  const keysInSql = async (addresses: readonly string[]): Promise<unknown> => {
    const { rows } = await client.query(
      `select ${schema}.address_key(a) as plain, ${schema}.address_key(a, true) as whole
         from unnest($1::text[]) with ordinality as t(a, n) order by n`,
      [addresses],
    );
    return rows.map((row) => [row.plain, row.whole]);
  };
  const keysInTypeScript = (addresses: readonly string[]): unknown =>
    addresses.map((a) => [addressKey(a), addressKey(a, { keepFragment: true })]);

  test('gives the same key for every address of the table', async () => {
    const addresses = SAME_ARTICLE.flat();
    expect(await keysInSql(addresses)).toEqual(keysInTypeScript(addresses));
  });

  test('gives the same key, or null for the same ones, for any string that a database can hold', async () => {
    const storable = anyAddress.filter((a) => a.isWellFormed() && !a.includes('\u0000'));
    await fc.assert(
      fc.asyncProperty(fc.array(storable, { minLength: 20, maxLength: 40 }), async (addresses) => {
        expect(await keysInSql(addresses)).toEqual(keysInTypeScript(addresses));
      }),
      { numRuns: 60 },
    );
  });

  test('may be indexed: it is immutable', async () => {
    await client.query(`create table ${schema}.t (a text); create index on ${schema}.t (${schema}.address_key(a))`);
  });
});
