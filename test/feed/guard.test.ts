import { channel } from 'node:diagnostics_channel';
import type dns from 'node:dns';
import { isIP } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Lookup } from '../../src/feed/connect.ts';
import { type Client, createClient, type FetchResult } from '../../src/feed/fetch.ts';
import { createAddressPolicy } from '../../src/feed/guard.ts';
import { type Origin, redirect, reply, startOrigin } from '../support/origin.ts';

/** What a URL may hold in place of a host, and must never lead to a connection; port 8080, so that the port is no reason. */
const REFUSED_HOSTS = [
  // loopback, in every notation that a URL parser reads as an address
  '127.0.0.1',
  '127.1',
  '127.0.1',
  '127.255.255.254',
  '2130706433',
  '0x7f000001',
  '0x7f.1',
  '0177.0.0.1',
  '017700000001',
  '0x7f.0x0.0x0.0x1',
  '127.0.0.1.',
  '%31%32%37.0.0.1',
  '１２７.０.０.１',
  '①②⑦.⓪.⓪.①',
  '127。0。0。1',
  '0',
  '0.0.0.0',
  '00.00.00.00',
  // private, link-local, shared, special
  '10.0.0.1',
  '10.255.255.255',
  '0xa.1',
  '172.16.0.1',
  '172.31.255.255',
  '192.168.0.1',
  '3232235521',
  '169.254.169.254',
  '2852039166',
  '0xa9fea9fe',
  '0251.0376.0251.0376',
  '100.64.0.1',
  '100.127.255.254',
  '100.100.100.200',
  '168.63.129.16',
  '192.0.0.192',
  '192.88.99.1',
  '198.18.0.1',
  '198.19.255.255',
  '192.0.2.1',
  '198.51.100.7',
  '203.0.113.9',
  '224.0.0.1',
  '239.255.255.250',
  '240.0.0.1',
  '255.255.255.255',
  // IPv6: loopback, unspecified, private, link-local, site-local, multicast, documentation, discard, benchmarking, unassigned
  '[::1]',
  '[0:0:0:0:0:0:0:1]',
  '[::]',
  '[fc00::1]',
  '[fd00:ec2::254]',
  '[fe80::1]',
  '[febf::1]',
  '[fec0::1]',
  '[ff02::1]',
  '[ff05::2]',
  '[2001:db8::1]',
  '[3fff::1]',
  '[100::1]',
  '[2001:2::1]',
  '[5f00::1]',
  '[4000::1]',
  // IPv4 within IPv6: mapped (two spellings), compatible, translated, NAT64 (both prefixes), 6to4, Teredo, ISATAP
  '[::ffff:127.0.0.1]',
  '[::ffff:7f00:1]',
  '[::FFFF:10.0.0.1]',
  '[0:0:0:0:0:ffff:a9fe:a9fe]',
  '[::127.0.0.1]',
  '[::a00:1]',
  '[::8.8.8.8]',
  '[::ffff:0:127.0.0.1]',
  '[64:ff9b::127.0.0.1]',
  '[64:ff9b::a9fe:a9fe]',
  '[64:ff9b:1::808:808]',
  '[64:ff9b:1:ffff::1]',
  '[2002:7f00:1::]',
  '[2002:808:808::1]',
  '[2001::1]',
  '[2001:0:4136:e378:8000:63bf:80ff:fffe]',
  '[2a00:1450::5efe:7f00:1]',
  '[2a00:1450::200:5efe:a00:1]',
];

/** Addresses as a resolver gives them: zones and forms that no URL can hold included. */
const REFUSED_ADDRESSES = [
  '127.0.0.53',
  '10.1.2.3',
  'fe80::1%eth0',
  '::1',
  '::ffff:192.168.1.1',
  '::8.8.8.8',
  '64:ff9b::10.0.0.1',
  'fd12:3456::1',
  '0.0.0.0',
  '::',
];

const REFUSED_URLS = [
  'file:///etc/passwd',
  'ftp://example.org/feed',
  'gopher://127.0.0.1:70/_x',
  'javascript:alert(1)',
  'data:text/xml,<rss/>',
  'unix:/var/run/docker.sock',
  'http://',
  'http://[::1',
  'http://256.256.256.256/',
  'http://example.org:99999/',
  'feed://example.org/',
  'not an address',
];

const REFUSED_PORTS = [1, 21, 22, 25, 53, 81, 110, 3306, 5432, 6379, 8000, 8081, 9200, 11211, 27017, 65535];

let origin: Origin;
let client: Client;
let sockets = 0;
const countSocket = (): void => {
  sockets++;
};
const clientFor = (allowCidrs: readonly string[], lookup?: Lookup): Client =>
  createClient({ userAgent: 'glasnik/test', timeoutMs: 2000, maxBytes: 1 << 20, allowCidrs, lookup });
const answering =
  (...answers: readonly (readonly string[])[]): Lookup =>
  (_hostname, _options, callback) => {
    const addresses = answers.length > 1 ? (answers as (readonly string[])[]).shift()! : answers[0]!;
    process.nextTick(
      callback,
      null,
      addresses.map((address): dns.LookupAddress => ({ address, family: isIP(address) || 6 })),
    );
  };

beforeAll(async () => {
  origin = await startOrigin('127.0.0.9');
  client = clientFor(['127.0.0.9/32']);
  channel('net.client.socket').subscribe(countSocket);
});
afterAll(async () => {
  channel('net.client.socket').unsubscribe(countSocket);
  await client.close();
  await origin.close();
});

const expectBlocked = (result: FetchResult): void =>
  expect(result).toMatchObject({ kind: 'failed', reason: 'blocked-address' });

describe('an address that is not of the public internet', () => {
  const strict = clientFor([]);
  afterAll(() => strict.close());

  test.each(REFUSED_HOSTS)('http://%s:8080/ is refused before a socket opens', async (host) => {
    const before = sockets;
    expectBlocked(await strict.fetch({ url: `http://${host}:8080/` }));
    expect(sockets).toBe(before);
  });

  test.each(REFUSED_HOSTS)('a redirect to http://%s:8080/ is refused', async (host) => {
    origin.on('/away', redirect(302, `http://${host}:8080/`));
    expectBlocked(await client.fetch({ url: origin.url('/away') }));
  });

  test.each(REFUSED_ADDRESSES)('that a name leads to (%s) is refused', async (address) => {
    const named = clientFor([], answering([address]));
    expectBlocked(await named.fetch({ url: 'http://feeds.example.org/' }));
    await named.close();
  });
});

test.each(REFUSED_URLS)('%s is refused', async (url) => {
  expectBlocked(await client.fetch({ url }));
});

test.each(REFUSED_PORTS)('port %i is refused on the public internet, without a lookup', async (port) => {
  const before = sockets;
  const strict = clientFor([], answering(['192.0.2.1']));
  expectBlocked(await strict.fetch({ url: `http://feeds.example.org:${port}/` }));
  expectBlocked(await strict.fetch({ url: `http://8.8.8.8:${port}/` }));
  await strict.close();
  expect(sockets).toBe(before);
});

test('a redirect to another scheme is refused', async () => {
  origin.on('/file', redirect(302, 'file:///etc/passwd'));
  expectBlocked(await client.fetch({ url: origin.url('/file') }));
});

describe('a name that changes its mind', () => {
  test('is checked each time it is connected to', async () => {
    const named = clientFor(['127.0.0.9/32'], answering(['127.0.0.9'], ['127.0.0.1']));
    origin.on('/', (_request, response) => response.writeHead(200, { connection: 'close' }).end('first'));
    const url = `http://rebind.example.org:${origin.port}/`;
    expect((await named.fetch({ url })).kind).toBe('document');
    expectBlocked(await named.fetch({ url }));
    await named.close();
  });

  test('with one good and one bad address is connected to at the good one only', async () => {
    const named = clientFor(['127.0.0.9/32'], answering(['127.0.0.1', '::1', '127.0.0.9']));
    origin.on('/', reply(200, {}, 'good'));
    const before = sockets;
    expect((await named.fetch({ url: `http://both.example.org:${origin.port}/` })).kind).toBe('document');
    expect(sockets).toBe(before + 1);
    await named.close();
  });
});

describe('the policy', () => {
  test.each([
    '8.8.8.8',
    '172.32.0.1',
    '100.128.0.1',
    '192.0.1.1',
    '223.255.255.255',
    '2a00:1450:4001::1',
    '2620:0:862::1',
    '::ffff:8.8.8.8',
    '64:ff9b::8.8.8.8',
  ])('lets %s through on the ports of the web and on no other', (ip) => {
    const policy = createAddressPolicy([]);
    for (const port of [80, 443, 8080, 8443]) expect(policy.refusal(ip, port)).toBeNull();
    expect(policy.refusal(ip, 22)).toBe('port 22');
  });

  test('lets what is in FETCH_ALLOW_CIDRS through on any port, however it is written', () => {
    const policy = createAddressPolicy(['10.1.0.0/16', 'fd00::/8']);
    expect(policy.refusal('10.1.2.3', 5000)).toBeNull();
    expect(policy.refusal('::ffff:10.1.2.3', 5000)).toBeNull();
    expect(policy.refusal('fd12::1', 5000)).toBeNull();
    expect(policy.refusal('10.2.0.1', 80)).toBe('reserved: private');
    expect(policy.refusal('::10.1.2.3', 80)).toBe('reserved: IPv4-compatible');
  });

  test('refuses what is no address, and throws on what is no network', () => {
    expect(createAddressPolicy([]).refusal('example.org', 80)).toBe('not an address');
    expect(() => createAddressPolicy(['10.0.0.0'])).toThrow();
  });
});
