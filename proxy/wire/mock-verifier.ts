import { createHmac } from 'node:crypto';
import type { ScramVerifier } from './scram.ts';

/** Shape of real verifiers, which a mock must share to be indistinguishable from them. */
export interface VerifierShape {
  readonly iterations: number;
  readonly saltLength: number;
}

/**
 * A verifier for a user who does not exist: the same at every attempt (a changing salt would give it away), different
 * for each user, derived from a secret that only the proxies share. No password satisfies it, since that would take a
 * preimage of its stored key.
 */
export function mockVerifier(secret: Uint8Array, user: string, shape: VerifierShape): ScramVerifier {
  const derive = (label: string) => createHmac('sha256', secret).update(`${label}\0${user}`).digest();
  return {
    iterations: shape.iterations,
    salt: derive('salt').subarray(0, shape.saltLength),
    storedKey: derive('stored key'),
    serverKey: derive('server key'),
  };
}
