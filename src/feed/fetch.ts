import { hash } from 'node:crypto';
import { Agent } from 'undici';
import { createLargeBodyGate } from './body.ts';
import { ACCEPT_ENCODING } from './codings.ts';
import { createGuardedConnector, type Lookup } from './connect.ts';
import { type FetchFailureReason, failureOf } from './failure.ts';
import { createAddressPolicy } from './guard.ts';
import { freshnessS, isSendable, printable, retryAfterS } from './headers.ts';
import { askOnce, type HopAnswer, type HopRequest } from './hop.ts';
import { addressOf, type Chain, follow, isRedirect, startOf } from './redirects.ts';

/** What a conditional request sends back: both headers exactly as received, and the address that gave them. */
export type Validators = {
  readonly etag: string | null;
  readonly lastModified: string | null;
  /** The final address of the answer that they came with; they are sent to no other. */
  readonly url: string;
};

export type FetchRequest = {
  readonly url: string;
  /** Of the last document that could be read; null for an unconditional request. */
  readonly validators?: Validators | null | undefined;
  /** Aborting rejects the promise with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
};

type Answered = {
  /** Where the answer came from after all redirects. */
  readonly finalUrl: string;
  /** Where the unbroken run of 301 and 308 at the start of the chain led, or null: the feed's address from now on, once proven. */
  readonly permanentUrl: string | null;
  readonly status: number;
  readonly ms: number;
  /** Body bytes as received, of all hops. */
  readonly wireBytes: number;
};

export type FetchResult =
  | (Answered & {
      readonly kind: 'document';
      readonly bytes: Uint8Array;
      /** SHA-1 of `bytes` in hex: the same hash is the same document, `unchanged`. */
      readonly hash: string;
      /** The compressed form ended early; `bytes` is what there was, and `validators` holds none. */
      readonly truncated: boolean;
      readonly contentType: string | null;
      readonly validators: Validators;
      /** Seconds for which the answer stays fresh, null where it does not say. */
      readonly freshnessS: number | null;
    })
  | (Answered & {
      readonly kind: 'not-modified';
      /** As stored, renewed by what the 304 brought (RFC 9111, section 4.3.4). */
      readonly validators: Validators;
      readonly freshnessS: number | null;
    })
  | (Answered & { readonly kind: 'gone'; readonly detail: string })
  | {
      readonly kind: 'failed';
      readonly reason: FetchFailureReason;
      /** One sentence for the operator, visible ASCII only. */
      readonly detail: string;
      readonly finalUrl: string;
      readonly status: number | null;
      /** Seconds that a 429 or 503 asks us to stay away, null where it names none. */
      readonly retryAfterS: number | null;
      readonly ms: number;
      readonly wireBytes: number;
    };

export type ClientOptions = {
  /** Name, version and a contact address, such as `glasnik/1.0 (+https://…)`. */
  readonly userAgent: string;
  /** One fetch, from connect to last byte, redirects included. */
  readonly timeoutMs: number;
  /** Of a body, as received and decoded. */
  readonly maxBytes: number;
  /** Networks beyond the public internet that may be connected to, on any port. */
  readonly allowCidrs?: readonly string[] | undefined;
  /** Milliseconds since 1970, for dates in headers. */
  readonly now?: (() => number) | undefined;
  /** The resolver; the system's by default. */
  readonly lookup?: Lookup | undefined;
};

export type Client = {
  /** Never rejects but for an aborted signal and for bugs: what a host does is a result. */
  readonly fetch: (request: FetchRequest) => Promise<FetchResult>;
  /** Closes idle connections and waits for those in use. */
  readonly close: () => Promise<void>;
};

const ACCEPT =
  'application/atom+xml, application/rss+xml, application/rdf+xml, application/feed+json, application/xml;q=0.9, text/xml;q=0.9, application/json;q=0.8, text/html;q=0.5, */*;q=0.1';
const MAX_HEADER_BYTES = 32 * 1024;
/** Idle connections live for the burst in which a host's feeds are asked one after another; many servers close after five seconds. */
const KEEP_ALIVE_MS = 4_000;
/** Decoded bytes that large bodies may hold together, in all of one client's fetches. */
const LARGE_BODY_BYTES = 48 * 1024 * 1024;

/**
 * The one client that makes every outgoing request: guarded at each connection, bounded in time and size, without cookies, proxies
 * or caches of its own. Redirects are followed here, hop by hop, because each hop must be judged (RFC 9110, section 15.4).
 */
export function createClient(options: ClientOptions): Client {
  if (!isSendable(options.userAgent)) throw new Error('the user agent holds characters that a header cannot');
  const policy = createAddressPolicy(options.allowCidrs);
  const agent = new Agent({
    connect: createGuardedConnector({ policy, timeoutMs: options.timeoutMs, lookup: options.lookup }),
    // One connection a host, which a chain of redirects keeps using.
    connections: 1,
    maxHeaderSize: MAX_HEADER_BYTES,
    keepAliveTimeout: KEEP_ALIVE_MS,
    keepAliveMaxTimeout: KEEP_ALIVE_MS,
    // The whole fetch has one deadline of its own.
    headersTimeout: 0,
    bodyTimeout: 0,
  });
  const large = createLargeBodyGate(Math.max(1, Math.floor(LARGE_BODY_BYTES / options.maxBytes)));
  const limits = { maxBytes: options.maxBytes, large };
  const now = options.now ?? Date.now;
  const always = ['user-agent', options.userAgent, 'accept', ACCEPT, 'accept-encoding', ACCEPT_ENCODING];

  const ask = (url: URL, request: FetchRequest, started: number): Promise<HopAnswer> => {
    const hop: HopRequest = {
      url,
      headers: [...always, ...conditions(url, request.validators)],
      limits,
      signal: request.signal,
      timeLeftMs: options.timeoutMs - (performance.now() - started),
    };
    return askOnce(agent, hop);
  };

  return {
    fetch: async (request) => {
      request.signal?.throwIfAborted();
      return followed(request, ask, now);
    },
    close: () => agent.close(),
  };
}

type Ask = (url: URL, request: FetchRequest, started: number) => Promise<HopAnswer>;

async function followed(request: FetchRequest, ask: Ask, now: () => number): Promise<FetchResult> {
  const started = performance.now();
  const failed = (
    reason: FetchFailureReason,
    detail: string,
    at: Partial<FetchResult & { kind: 'failed' }> = {},
  ): FetchResult => ({
    kind: 'failed',
    reason,
    detail: printable(detail, 400),
    finalUrl: chain?.url.href ?? request.url,
    status: null,
    retryAfterS: null,
    ms: elapsed(started),
    wireBytes: chain?.wireBytes ?? 0,
    ...at,
  });
  let chain: Chain | null = null;
  const first = addressOf(request.url);
  if (typeof first === 'string') return failed('blocked-address', `The feed's address ${first}.`);
  chain = startOf(first);

  for (;;) {
    let answer: HopAnswer;
    try {
      answer = await ask(chain.url, request, started);
    } catch (error) {
      if (request.signal?.aborted === true) throw error;
      const failure = failureOf(error);
      if (failure === null) throw error;
      return failed(failure.reason, `${chain.url.host}: ${failure.detail}.`);
    }
    chain.wireBytes += answer.wireBytes;
    const { status, headers } = answer;
    if (!isRedirect(status) || headers.location === null) {
      return (
        outcome(answer, request, chain, started, now) ??
        failed(`http-${status}`, `${chain.url.host} answered ${status}.`, {
          status,
          retryAfterS: status === 429 || status === 503 ? retryAfterS(headers, now()) : null,
        })
      );
    }
    const objection = follow(chain, status, headers);
    if (objection !== null) return failed(objection.reason, `${chain.url.host}: ${objection.detail}.`, { status });
  }
}

const elapsed = (started: number): number => Math.round(performance.now() - started);
/** The result that a final answer is, or null where its status is a failure. */
function outcome(
  answer: HopAnswer,
  request: FetchRequest,
  chain: Chain,
  started: number,
  now: () => number,
): FetchResult | null {
  const { status, headers, body } = answer;
  const answered = {
    finalUrl: chain.url.href,
    permanentUrl: chain.permanentUrl,
    status,
    ms: elapsed(started),
    wireBytes: chain.wireBytes,
  };
  if (body !== null && (status === 200 || status === 203 || status === 226)) {
    return {
      kind: 'document',
      ...answered,
      bytes: body.bytes,
      hash: hash('sha1', body.bytes),
      truncated: body.truncated,
      contentType: headers.contentType,
      validators: {
        etag: body.truncated ? null : headers.etag,
        lastModified: body.truncated ? null : headers.lastModified,
        url: chain.url.href,
      },
      freshnessS: freshnessS(headers, now()),
    };
  }
  const sent = request.validators;
  if (status === 304 && conditions(chain.url, sent).length > 0) {
    return {
      kind: 'not-modified',
      ...answered,
      validators: {
        etag: headers.etag ?? sent!.etag,
        lastModified: headers.lastModified ?? sent!.lastModified,
        url: chain.url.href,
      },
      freshnessS: freshnessS(headers, now()),
    };
  }
  // Behind a temporary redirect the feed's own address is not what is gone (RFC 9110, section 15.5.11).
  if (status === 410 && (chain.permanentUrl ?? chain.startUrl) === chain.url.href) {
    return { kind: 'gone', ...answered, detail: `${chain.url.host} says that the feed is gone for good.` };
  }
  return null;
}

/** The conditional headers for this hop: only for the very address that gave the validators (RFC 9110, section 13.1). */
function conditions(url: URL, validators: Validators | null | undefined): readonly string[] {
  if (validators == null || validators.url !== url.href) return [];
  const { etag, lastModified } = validators;
  return [
    ...(etag !== null && isSendable(etag) ? ['if-none-match', etag] : []),
    ...(lastModified !== null && isSendable(lastModified) ? ['if-modified-since', lastModified] : []),
  ];
}
