import net from 'node:net';
import ipaddr from 'ipaddr.js';

/**
 * Which addresses this service may connect to. Feeds are outside data, and so is every redirect and every DNS answer: without this
 * anybody who can add a feed, or answer for one, could read a router's page or a cloud's credentials through us.
 *
 * The rule is positive for IPv6 (global unicast less its special parts) and negative for IPv4 (whose special parts are few and
 * settled): IANA's special-purpose registries, RFC 6890 and its updates. An address that embeds another one is judged by it only
 * where the network really hands the packet to the embedded one (IPv4-mapped, well-known NAT64); tunnels and the retired forms
 * are refused whatever they embed.
 */
export type AddressPolicy = {
  /** Why `ip` (any textual form that a socket takes) must not be connected to on `port`; null where it may. */
  readonly refusal: (ip: string, port: number) => string | null;
  /** Whether any address at all could be connected to on `port`. */
  readonly isPortPossible: (port: number) => boolean;
};

type Range = readonly [address: string, bits: number, name: string];

const IPV4_REFUSED: readonly Range[] = [
  ['0.0.0.0', 8, 'this network'],
  ['10.0.0.0', 8, 'private'],
  ['100.64.0.0', 10, 'carrier-grade NAT'],
  ['127.0.0.0', 8, 'loopback'],
  ['169.254.0.0', 16, 'link-local'],
  ['172.16.0.0', 12, 'private'],
  ['192.0.0.0', 24, 'protocol assignments'],
  ['192.0.2.0', 24, 'documentation'],
  ['192.88.99.0', 24, '6to4 relay'],
  ['192.168.0.0', 16, 'private'],
  ['198.18.0.0', 15, 'benchmarking'],
  ['198.51.100.0', 24, 'documentation'],
  ['203.0.113.0', 24, 'documentation'],
  ['224.0.0.0', 4, 'multicast'],
  ['240.0.0.0', 4, 'reserved'],
  // A public address by number, yet answered inside every Azure machine by the platform, with the machine's configuration.
  ['168.63.129.16', 32, 'cloud platform'],
];

const IPV6_GLOBAL: Range = ['2000::', 3, 'global unicast'];
const IPV6_REFUSED: readonly Range[] = [
  ['2001::', 32, 'Teredo'],
  ['2001::', 23, 'protocol assignments'],
  ['2001:db8::', 32, 'documentation'],
  ['2002::', 16, '6to4'],
  ['3fff::', 20, 'documentation'],
];
/** Names for what is not global unicast anyway, so that a message can say what it is. */
const IPV6_NAMED: readonly Range[] = [
  ['::', 128, 'unspecified'],
  ['::1', 128, 'loopback'],
  ['::', 96, 'IPv4-compatible'],
  ['::ffff:0:0:0', 96, 'IPv4-translated'],
  ['64:ff9b:1::', 48, 'local-use NAT64'],
  ['100::', 64, 'discard-only'],
  ['fc00::', 7, 'private'],
  ['fe80::', 10, 'link-local'],
  ['fec0::', 10, 'site-local'],
  ['ff00::', 8, 'multicast'],
];
const NAT64_WELL_KNOWN: Range = ['64:ff9b::', 96, 'NAT64'];

/** The ports on which the web is served; others are where mail, databases and routers listen. */
const WEB_PORTS: ReadonlySet<number> = new Set([80, 443, 8080, 8443]);

type Matcher = { readonly matches: (address: ipaddr.IPv4 | ipaddr.IPv6) => boolean; readonly name: string };

/**
 * The policy for this configuration. Addresses within `allowCidrs` (`127.0.0.0/8`, `fd00::/8`) may be connected to on any port;
 * all others only if they are public, and on ports 80, 443, 8080 and 8443. Throws on text that is no CIDR.
 */
export function createAddressPolicy(allowCidrs: readonly string[] = []): AddressPolicy {
  const allowed = allowCidrs.map((cidr) => matcherOf(...ipaddr.parseCIDR(cidr), cidr));
  return {
    refusal: (ip, port) => {
      const address = addressOf(ip);
      if (address === null) return 'not an address';
      if (allowed.some(({ matches }) => matches(address))) return null;
      const special = specialUse(address);
      if (special !== null) return `reserved: ${special}`;
      return WEB_PORTS.has(port) ? null : `port ${port}`;
    },
    isPortPossible: (port) => allowed.length > 0 || WEB_PORTS.has(port),
  };
}

/** The address that packets go to: without zone, and IPv4 where it is only mapped into IPv6. */
function addressOf(ip: string): ipaddr.IPv4 | ipaddr.IPv6 | null {
  const bare = ip.replace(/^\[|\]$/g, '').replace(/%.*$/, '');
  if (net.isIPv4(bare)) return ipaddr.IPv4.parse(bare);
  if (!net.isIPv6(bare)) return null;
  // Into the form with groups only: ipaddr.js reads the `::8.8.8.8` that resolvers write for a compatible address as a mapped one.
  return ipaddr.process(new URL(`http://[${bare}]/`).hostname.slice(1, -1));
}

/** What the address is reserved for, or null if it is one of the public internet. */
function specialUse(address: ipaddr.IPv4 | ipaddr.IPv6): string | null {
  if (address instanceof ipaddr.IPv4) return nameOf(address, ipv4Refused);
  if (nat64.matches(address)) return specialUse(embeddedIpv4(address));
  if (!ipv6Global.matches(address)) return nameOf(address, ipv6Named) ?? 'unassigned';
  return nameOf(address, ipv6Refused) ?? (isIsatap(address) ? 'ISATAP' : null);
}

const nameOf = (address: ipaddr.IPv4 | ipaddr.IPv6, ranges: readonly Matcher[]): string | null =>
  ranges.find(({ matches }) => matches(address))?.name ?? null;

const embeddedIpv4 = (address: ipaddr.IPv6): ipaddr.IPv4 => new ipaddr.IPv4(address.toByteArray().slice(12));

/** RFC 5214: the interface part 0:5efe:a.b.c.d, or 200:5efe where a.b.c.d is public; the router tunnels to a.b.c.d. */
function isIsatap(address: ipaddr.IPv6): boolean {
  const [high, low] = address.parts.slice(4) as [number, number];
  return (high === 0 || high === 0x200) && low === 0x5efe;
}

function matcherOf(base: ipaddr.IPv4 | ipaddr.IPv6, bits: number, name: string): Matcher {
  const kind = base.kind();
  return { name, matches: (address) => address.kind() === kind && address.match(base, bits) };
}

const compiled = ([address, bits, name]: Range): Matcher => matcherOf(ipaddr.parse(address), bits, name);
const ipv4Refused = IPV4_REFUSED.map(compiled);
const ipv6Refused = IPV6_REFUSED.map(compiled);
const ipv6Named = IPV6_NAMED.map(compiled);
const ipv6Global = compiled(IPV6_GLOBAL);
const nat64 = compiled(NAT64_WELL_KNOWN);
