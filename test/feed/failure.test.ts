import { expect, test } from 'vitest';
import { failureOf } from '../../src/feed/failure.ts';

const withCode = (code: string): Error => Object.assign(new Error('\u001b[31mwhat the other side said'), { code });

test.each([
  ['ENOTFOUND', 'dns'],
  ['EAI_AGAIN', 'dns'],
  ['ECONNREFUSED', 'refused'],
  ['EHOSTUNREACH', 'refused'],
  ['ECONNRESET', 'reset'],
  ['UND_ERR_SOCKET', 'reset'],
  ['ETIMEDOUT', 'timeout'],
  ['UND_ERR_CONNECT_TIMEOUT', 'timeout'],
  ['UND_ERR_HEADERS_OVERFLOW', 'too-large'],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', 'tls'],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'tls'],
  ['CERT_HAS_EXPIRED', 'tls'],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'tls'],
  ['ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION', 'tls'],
  ['EPROTO', 'tls'],
])('%s is %s, in our own words', (code, reason) => {
  expect(failureOf(withCode(code))).toMatchObject({ reason, detail: expect.not.stringContaining('other side said') });
});

test('of several addresses tried the first one speaks', () => {
  expect(failureOf(new AggregateError([withCode('ECONNREFUSED'), withCode('ENETUNREACH')]))).toMatchObject({
    reason: 'refused',
  });
});

test('a bug is no failure of a connection', () => {
  expect(failureOf(new TypeError('x is not a function'))).toBeNull();
  expect(failureOf(withCode('ERR_INVALID_ARG_TYPE'))).toBeNull();
  expect(failureOf(null)).toBeNull();
});
