/** An IPv4 address that a socket tells as IPv6 (RFC 4291 section 2.5.5.2) in its own form. */
export function plainAddress(address: string): string {
  return address.startsWith('::ffff:') ? address.slice('::ffff:'.length) : address;
}
