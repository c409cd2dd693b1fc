import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import net from 'node:net';

/** A request as the origin saw it, header names in lower case. */
export type SeenRequest = {
  readonly method: string;
  readonly path: string;
  readonly headers: http.IncomingHttpHeaders;
  /** Header lines as they came over the wire, read as Latin-1. */
  readonly rawHeaders: readonly string[];
  /** The same number for requests over the same connection. */
  readonly connection: number;
};

export type Answer = (request: http.IncomingMessage, response: http.ServerResponse) => void;

/** A loopback origin that does whatever its test wants, one answer a path, and remembers what it was asked. */
export type Origin = {
  readonly url: (path: string) => string;
  readonly port: number;
  /** Requests so far, in order; those of one path where it is given. */
  readonly seen: (path?: string) => readonly SeenRequest[];
  /** Sets what a path answers from now on; a list answers once each, its last one for ever after. */
  readonly on: (path: string, ...answers: readonly Answer[]) => void;
  /** Connections accepted so far. */
  readonly connections: () => number;
  readonly close: () => Promise<void>;
};

/** Starts an origin on a free port of `host`; paths without an answer are 404. */
export async function startOrigin(host = '127.0.0.1'): Promise<Origin> {
  const answers = new Map<string, Answer[]>();
  const seen: SeenRequest[] = [];
  const connections = new Map<Socket, number>();
  let accepted = 0;
  const server = http.createServer((request, response) => {
    const path = request.url ?? '';
    seen.push({
      method: request.method ?? '',
      path,
      headers: request.headers,
      rawHeaders: request.rawHeaders,
      connection: connections.get(request.socket) ?? -1,
    });
    const left = answers.get(path) ?? answers.get(path.replace(/\?.*$/, '')) ?? [];
    const answer = left.length > 1 ? left.shift() : left[0];
    if (answer === undefined) response.writeHead(404).end('nothing here');
    else answer(request, response);
  });
  server.on('connection', (socket) => connections.set(socket, ++accepted));
  server.keepAliveTimeout = 30_000;
  server.listen(0, host);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: (path) => `http://${host.includes(':') ? `[${host}]` : host}:${port}${path}`,
    port,
    seen: (path) => seen.filter((request) => path === undefined || request.path === path),
    on: (path, ...list) => answers.set(path, [...list]),
    connections: () => accepted,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** An answer of status, headers and body. */
export const reply =
  (status: number, headers: http.OutgoingHttpHeaders = {}, body: string | Uint8Array = ''): Answer =>
  (_request, response) => {
    response.writeHead(status, headers).end(body);
  };

/** Letters outside ASCII go out as bare UTF-8, as many servers send them. */
export const redirect = (status: number, location: string, headers: http.OutgoingHttpHeaders = {}): Answer =>
  reply(status, { location: Buffer.from(location).toString('latin1'), ...headers });

/** Writes the same chunk until the other side hangs up. */
export const endless =
  (headers: http.OutgoingHttpHeaders, chunk: Uint8Array): Answer =>
  (_request, response) => {
    response.writeHead(200, headers);
    const pour = (): void => {
      while (!response.destroyed && response.write(chunk));
    };
    response.on('drain', pour);
    pour();
  };

/** A bare TCP server that answers every connection's first bytes with these bytes, for what no HTTP library would send. */
export async function startRawOrigin(
  answer: (socket: Socket) => void,
): Promise<{ readonly port: number; readonly close: () => Promise<void> }> {
  const sockets = new Set<Socket>();
  const server = net.createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
    socket.once('data', () => answer(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
