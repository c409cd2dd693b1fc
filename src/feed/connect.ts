import dns from 'node:dns';
import net from 'node:net';
import { buildConnector } from 'undici';
import type { AddressPolicy } from './guard.ts';

/** Thrown into a request whose address must not be connected to; `message` says why, in our own words. */
export class BlockedAddressError extends Error {
  override readonly name = 'BlockedAddressError';
}

/** The resolver's signature that `net.connect` takes, always asked for all addresses. */
export type Lookup = (
  hostname: string,
  options: dns.LookupAllOptions,
  callback: (error: NodeJS.ErrnoException | null, addresses: dns.LookupAddress[]) => void,
) => void;

export type ConnectorOptions = {
  readonly policy: AddressPolicy;
  readonly timeoutMs: number;
  /** The resolver; the system's by default (`/etc/hosts` counts). */
  readonly lookup?: Lookup | undefined;
};

/**
 * The one place where sockets are opened. A host that is an address is judged before a socket exists, a name inside the lookup that
 * the socket itself makes: what is connected to is what was checked, and a second DNS answer (rebinding) is checked like the first.
 * A name with several addresses is only connected to at those that pass.
 */
export function createGuardedConnector({ policy, timeoutMs, lookup }: ConnectorOptions): buildConnector.connector {
  const resolve: Lookup = lookup ?? dns.lookup;
  // A lookup is not told the port that it is for, and the policy depends on it: one connector a port.
  const connectors = new Map<number, buildConnector.connector>();
  const connectorFor = (port: number): buildConnector.connector => {
    let connector = connectors.get(port);
    if (connector === undefined) {
      connector = buildConnector({ timeout: timeoutMs, lookup: checkedLookup(policy, port, resolve) });
      connectors.set(port, connector);
    }
    return connector;
  };
  return (options, callback) => {
    const port = Number(options.port) || (options.protocol === 'https:' ? 443 : 80);
    const host = options.hostname.replace(/^\[|\]$/g, '');
    const refusal =
      net.isIP(host) > 0 ? policy.refusal(host, port) : policy.isPortPossible(port) ? null : `port ${port}`;
    if (refusal !== null)
      callback(new BlockedAddressError(`the address ${options.hostname} is not to be connected to (${refusal})`), null);
    else connectorFor(port)(options, callback);
  };
}

function checkedLookup(policy: AddressPolicy, port: number, resolve: Lookup): net.LookupFunction {
  return (hostname, options, callback) => {
    resolve(hostname, { ...options, all: true }, (error, addresses) => {
      if (error !== null) return callback(error, '', 0);
      const passed = addresses.filter(({ address }) => policy.refusal(address, port) === null);
      const first = passed[0];
      if (first === undefined) {
        const refusal = addresses[0] === undefined ? 'no address' : policy.refusal(addresses[0].address, port);
        return callback(
          new BlockedAddressError(`the name leads to an address that is not to be connected to (${refusal})`),
          '',
          0,
        );
      }
      if (options.all === true) callback(null, passed);
      else callback(null, first.address, first.family);
    });
  };
}
