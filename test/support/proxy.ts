import { once } from 'node:events';
import net, { type AddressInfo, type Socket } from 'node:net';

/** A loopback proxy that can break the network between a process and its server. */
export type Proxy = {
  readonly port: number;
  /** Ends every connection there is, as a reset does. */
  cut(): void;
  /**
   * From now on bytes of the connections there are vanish, both ways, and their ends hear nothing of it: half-open, as after a
   * firewall that forgot them. New connections pass.
   */
  swallow(): void;
  /** Connections that pass bytes at this moment. */
  open(): number;
  close(): Promise<void>;
};

/** Starts a proxy to a TCP server on 127.0.0.1. */
export async function startProxy(port: number, host = '127.0.0.1'): Promise<Proxy> {
  const pairs = new Set<{ near: Socket; far: Socket; swallows: boolean }>();
  const server = net.createServer((near) => {
    const far = net.connect(port, host);
    const pair = { near, far, swallows: false };
    pairs.add(pair);
    const end = () => {
      pairs.delete(pair);
      near.destroy();
      // The server's end of a swallowed connection stays as it is: nobody told it.
      if (!pair.swallows) far.destroy();
    };
    near.on('data', (bytes) => pair.swallows || far.write(bytes));
    far.on('data', (bytes) => pair.swallows || near.write(bytes));
    for (const socket of [near, far]) socket.on('error', () => {});
    near.on('close', end);
    far.on('close', () => pair.swallows || end());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const all = new Set<Socket>();
  server.on('connection', (socket) => all.add(socket));
  return {
    port: (server.address() as AddressInfo).port,
    cut() {
      for (const { near, far } of pairs) {
        near.resetAndDestroy();
        far.resetAndDestroy();
      }
    },
    swallow() {
      for (const pair of pairs) pair.swallows = true;
    },
    open: () => [...pairs].filter((pair) => !pair.swallows).length,
    async close() {
      for (const { near, far } of pairs) {
        near.destroy();
        far.destroy();
      }
      for (const socket of all) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
