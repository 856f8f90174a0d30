import { hkdfSync } from 'node:crypto';

/** Makes grants that don't exist look like others: the same on all nodes, and at every door. */
export function mockSecret(signingKey: string): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', signingKey, '', 'postern mock verifier', 32));
}
