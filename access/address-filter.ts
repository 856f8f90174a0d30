import { BlockList, isIP, isIPv4 } from 'node:net';

const IPV4_MAPPED = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i;

/**
 * The clients that `limits.from` of a grant admits. Addresses and networks in CIDR form (RFC 4632, RFC 4291); an IPv4
 * client seen as `::ffff:a.b.c.d` counts as the IPv4 client it is.
 */
export class AddressFilter {
  /** One each: a BlockList of both would count IPv4 clients as part of `::/0`. */
  readonly #lists = { ipv4: new BlockList(), ipv6: new BlockList() };

  /** Throws TypeError on a network that `networkFault` complains of. */
  constructor(networks: readonly string[]) {
    for (const network of networks) {
      const fault = networkFault(network);
      if (fault) throw new TypeError(fault);
      const { address, family, prefix } = subnetOf(network);
      this.#lists[family].addSubnet(address, prefix, family);
    }
  }

  /** False for anything that is not an IP address. */
  admits(address: string): boolean {
    const plain = normalAddress(address);
    if (isIP(plain) === 0) return false;
    const family = isIPv4(plain) ? 'ipv4' : 'ipv6';
    return this.#lists[family].check(plain, family);
  }
}

/** What is wrong with a network, or null. IPv4-mapped networks are refused: they are to be written as IPv4. */
export function networkFault(network: string): string | null {
  const [address = '', prefix, ...rest] = network.split('/');
  const family = isIP(address);
  if (family === 0 || address.includes('%') || rest.length > 0) {
    return `"${network}" is not an address or a network such as 10.0.0.0/8 or 2001:db8::/32`;
  }
  if (/^::ffff:/i.test(address)) return `"${network}" is an IPv4-mapped address; write it as IPv4`;
  if (prefix === undefined) return null;
  const limit = widest(family === 4 ? 'ipv4' : 'ipv6');
  if (!/^\d{1,3}$/.test(prefix) || Number(prefix) > limit) {
    return `"${network}" has a prefix length that is not 0 to ${limit}`;
  }
  return null;
}

/** Every address of a network is one of the other. Both are as `networkFault` accepts them. */
export function isNetworkWithin(network: string, outer: string): boolean {
  const [inner, other] = [subnetOf(network), subnetOf(outer)];
  return inner.prefix >= other.prefix && new AddressFilter([outer]).admits(inner.address);
}

function subnetOf(network: string): { address: string; family: 'ipv4' | 'ipv6'; prefix: number } {
  const [address, prefix] = network.split('/') as [string, string | undefined];
  const family = isIPv4(address) ? 'ipv4' : 'ipv6';
  return { address, family, prefix: prefix === undefined ? widest(family) : Number(prefix) };
}

/** Without an IPv6 zone, and as IPv4 if it is IPv4-mapped. */
function normalAddress(address: string): string {
  const plain = address.replace(/%.*$/, '');
  return IPV4_MAPPED.exec(plain)?.[1] ?? plain;
}

function widest(family: 'ipv4' | 'ipv6'): number {
  return family === 'ipv4' ? 32 : 128;
}
