import { errors } from 'undici';
import { BodyError } from './codings.ts';
import { BlockedAddressError } from './connect.ts';

/** Why a fetch failed: the contract's words, as far as the client can know them (`not-a-feed` and `queue` are others' to say). */
export type FetchFailureReason =
  | 'dns'
  | 'refused'
  | 'reset'
  | 'tls'
  | 'timeout'
  | 'too-large'
  | 'redirects'
  | 'blocked-address'
  | 'unreadable'
  | `http-${number}`;

export type Failure = { readonly reason: FetchFailureReason; readonly detail: string };

/** The client's own clock ran out. */
export class DeadlineError extends Error {
  override readonly name = 'DeadlineError';
}

const BY_CODE: Readonly<Record<string, Failure>> = {
  ENOTFOUND: { reason: 'dns', detail: 'the name does not exist' },
  ENODATA: { reason: 'dns', detail: 'the name has no address' },
  EAI_AGAIN: { reason: 'dns', detail: 'the name could not be looked up just now' },
  EAI_FAIL: { reason: 'dns', detail: 'the name could not be looked up' },
  ECONNREFUSED: { reason: 'refused', detail: 'the host refuses connections' },
  EHOSTUNREACH: { reason: 'refused', detail: 'the host cannot be reached' },
  ENETUNREACH: { reason: 'refused', detail: 'the network cannot be reached' },
  EADDRNOTAVAIL: { reason: 'refused', detail: 'the address cannot be connected to' },
  EACCES: { reason: 'refused', detail: 'this machine does not let connections out' },
  EPERM: { reason: 'refused', detail: 'this machine does not let connections out' },
  ECONNRESET: { reason: 'reset', detail: 'the host broke the connection off' },
  EPIPE: { reason: 'reset', detail: 'the host broke the connection off' },
  UND_ERR_SOCKET: { reason: 'reset', detail: 'the host closed the connection before the answer was whole' },
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: { reason: 'reset', detail: 'the answer is not as long as it says' },
  ETIMEDOUT: { reason: 'timeout', detail: 'the host did not answer in time' },
  UND_ERR_CONNECT_TIMEOUT: { reason: 'timeout', detail: 'no connection came about in time' },
  UND_ERR_HEADERS_OVERFLOW: { reason: 'too-large', detail: 'the headers of the answer are too large' },
  EPROTO: { reason: 'tls', detail: 'no encrypted connection came about' },
};
const TLS_CODE =
  /^(?:ERR_TLS_|ERR_SSL_|CERT_|UNABLE_TO_|SELF_SIGNED|DEPTH_ZERO_|ERR_OSSL|CRL_|HOSTNAME_MISMATCH|INVALID_CA|PATH_LENGTH|INVALID_PURPOSE)/;

/**
 * The contract's reason and a sentence's half for an error of the connection. The error's own message is never passed on: it may
 * hold bytes of the answer. Errors that are no failure of a connection are null: those are bugs.
 */
export function failureOf(error: unknown): Failure | null {
  if (error instanceof BodyError) return { reason: error.reason, detail: error.message };
  if (error instanceof BlockedAddressError) return { reason: 'blocked-address', detail: error.message };
  if (error instanceof DeadlineError) return { reason: 'timeout', detail: error.message };
  if (error instanceof AggregateError && error.errors.length > 0) return failureOf(error.errors[0]);
  if (error instanceof errors.HTTPParserError) return { reason: 'unreadable', detail: 'it does not answer in HTTP' };
  const code = (error as NodeJS.ErrnoException | null)?.code;
  if (typeof code !== 'string') return null;
  const known = BY_CODE[code];
  if (known !== undefined) return known;
  if (TLS_CODE.test(code)) return { reason: 'tls', detail: `its certificate or encryption is not in order (${code})` };
  return null;
}
