import type { Dispatcher } from 'undici';
import { type BodyLimits, type BodySink, createBodySink } from './body.ts';
import { type Body, codingsOf } from './codings.ts';
import { DeadlineError } from './failure.ts';
import { type ResponseHeaders, readHeaders } from './headers.ts';

/** One request and its answer. Only answers of success carry their body. */
export type HopAnswer = {
  readonly status: number;
  readonly headers: ResponseHeaders;
  /** Null unless the status is 2xx. */
  readonly body: Body | null;
  readonly wireBytes: number;
};

export type HopRequest = {
  readonly url: URL;
  /** Names and values in turn. */
  readonly headers: readonly string[];
  readonly limits: BodyLimits;
  readonly signal: AbortSignal | undefined;
  /** Milliseconds that are left of the whole fetch. */
  readonly timeLeftMs: number;
};

/** Of an error page or a redirect's page so much is read that the connection can be used again; beyond it is cut. */
const IGNORED_BODY = 64 * 1024;

/**
 * Makes one GET and takes its answer in, on undici's dispatcher itself: a 304, most answers of a day, then costs no stream and
 * no second parse of the headers. Rejects with the connection's error, a BodyError, a DeadlineError, or the signal's reason.
 */
export function askOnce(dispatcher: Dispatcher, request: HopRequest): Promise<HopAnswer> {
  return new Promise((resolve, reject) => {
    let controller: Dispatcher.DispatchController | null = null;
    let status = 0;
    let headers: ResponseHeaders | null = null;
    let sink: BodySink | null = null;
    let wireBytes = 0;
    let settled = false;

    const settle = (act: () => void): void => {
      if (settled) return;
      settled = true;
      clearTimeout(deadline);
      request.signal?.removeEventListener('abort', abort);
      sink?.destroy();
      act();
    };
    const fail = (error: Error): void => {
      settle(() => reject(error));
      controller?.abort(error);
    };
    const answer = (body: Body | null): void => settle(() => resolve({ status, headers: headers!, body, wireBytes }));
    const abort = (): void => fail(request.signal!.reason as Error);
    const deadline = setTimeout(
      () => fail(new DeadlineError('it took longer than allowed')),
      Math.max(1, request.timeLeftMs),
    );
    request.signal?.addEventListener('abort', abort);

    const takeIn = (started: Dispatcher.DispatchController): void => {
      const codings = codingsOf(headers!.contentEncoding);
      if (codings instanceof Error) {
        fail(codings);
        return;
      }
      sink = createBodySink(codings, request.limits, {
        pause: () => started.pause(),
        resume: () => started.resume(),
        fail,
        done: answer,
      });
    };

    const handler: Dispatcher.DispatchHandler = {
      onRequestStart: (started) => {
        controller = started;
        if (settled) started.abort(new DeadlineError('nobody waits for it any more'));
      },
      onResponseStart: (started, code) => {
        if (code < 200 || settled) return;
        status = code;
        headers = readHeaders((started.rawHeaders ?? []) as Buffer[]);
        if (code < 300) takeIn(started);
      },
      onResponseData: (started, chunk) => {
        wireBytes += chunk.length;
        if (sink !== null) sink.write(chunk);
        else if (wireBytes > IGNORED_BODY && !settled) {
          answer(null);
          started.abort(new DeadlineError('the rest is of no use'));
        }
      },
      onResponseEnd: () => (sink === null ? answer(null) : sink.end()),
      onResponseError: (_controller, error) => settle(() => reject(error)),
    };
    const { origin, pathname, search } = request.url;
    dispatcher.dispatch(
      { origin, path: pathname + search, method: 'GET', headers: request.headers as string[] },
      handler,
    );
  });
}
