import type { FastifyReply, FastifyRequest } from 'fastify';
import type { z } from 'zod';

/** An answer of type application/problem+json (RFC 9457). `type` is one of docs/api.md's list. */
export class Problem extends Error {
  override readonly name = 'Problem';
  readonly status: number;
  readonly type: string;
  readonly extra: Readonly<Record<string, unknown>>;
  constructor(status: number, type: string, detail: string, extra: Readonly<Record<string, unknown>> = {}) {
    super(detail);
    this.status = status;
    this.type = type;
    this.extra = extra;
  }
}

const TITLES: Readonly<Record<number, string>> = {
  400: 'Bad request',
  401: 'Not authorised',
  403: 'Forbidden',
  404: 'Not found',
  405: 'Method not allowed',
  409: 'Conflict',
  410: 'Gone',
  413: 'Too large',
  415: 'Unsupported media type',
  429: 'Too many requests',
  500: 'Internal error',
  503: 'Not available',
};

/** Sends a problem. */
export function sendProblem(reply: FastifyReply, problem: Problem): FastifyReply {
  return reply
    .status(problem.status)
    .type('application/problem+json')
    .header('cache-control', 'no-store')
    .send(
      JSON.stringify({
        type: `urn:glasnik:problem:${problem.type}`,
        title: TITLES[problem.status] ?? 'Error',
        status: problem.status,
        detail: problem.message,
        ...problem.extra,
      }),
    );
}

/** 400 that names each parameter and what was expected of it. */
export function badParameter(error: z.ZodError): Problem {
  const errors = error.issues.map(({ path, message, code, ...rest }) => ({
    parameter:
      code === 'unrecognized_keys'
        ? (rest as { keys: string[] }).keys.join(', ')
        : path.filter((part) => typeof part !== 'number').join('.'),
    expected: code === 'unrecognized_keys' ? 'no parameter of this name' : message,
  }));
  return new Problem(400, 'bad-parameter', errors.map((e) => `${e.parameter}: ${e.expected}`).join('; '), { errors });
}

/** Every error a route can throw, as a problem: ours as they are, Fastify's by their status, the rest as 500 without details. */
export function toProblem(error: unknown, request: FastifyRequest): Problem {
  if (error instanceof Problem) return error;
  const { statusCode, message } = error as Error & { statusCode?: number };
  if (statusCode && statusCode < 500)
    return new Problem(statusCode, statusCode === 413 ? 'too-large' : 'bad-request', message);
  request.log.error({ err: error, url: request.url }, 'a request failed');
  return new Problem(500, 'internal', 'The request could not be answered; the log of this process says why');
}
