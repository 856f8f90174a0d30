/** Synthetic cancel keys: positive process IDs (pgjdbc skips negative ones), never the upstream's own (promise 8). */
import { createHash, randomBytes, randomInt, timingSafeEqual } from 'node:crypto';

export interface Cancellable {
  /** Resolves when it can no longer hit a later statement. */
  cancel(): Promise<void>;
}

export interface CancelKey {
  readonly processId: number;
  readonly secretKey: Buffer;
}

/** Protocol 3.0 has room for 4 bytes; 3.2 takes up to 256. */
const SECRET_LENGTH = { '3.0': 4, '3.2': 32 } as const;

export class CancelKeys {
  readonly #sessions = new Map<number, { readonly secretKey: Buffer; readonly session: Cancellable }>();

  issue(session: Cancellable, protocol: keyof typeof SECRET_LENGTH): CancelKey {
    let processId: number;
    do processId = randomInt(1, 2 ** 31);
    while (this.#sessions.has(processId));
    const secretKey = randomBytes(SECRET_LENGTH[protocol]);
    this.#sessions.set(processId, { secretKey, session });
    return { processId, secretKey };
  }

  withdraw(processId: number): void {
    this.#sessions.delete(processId);
  }

  /** A CancelRequest; false if the process ID is not ours. A wrong key is ignored, as PostgreSQL does. */
  async cancel(processId: number, secretKey: Uint8Array): Promise<boolean> {
    const found = this.#sessions.get(processId);
    if (found === undefined) return false;
    if (found.secretKey.length === secretKey.length && timingSafeEqual(found.secretKey, secretKey)) {
      await found.session.cancel();
    }
    return true;
  }

  /** The same from another process, which sends only the hash of the key. */
  cancelByHash(processId: number, hash: string): void {
    const found = this.#sessions.get(processId);
    if (found !== undefined && secretKeyHash(found.secretKey) === hash) void found.session.cancel();
  }
}

export function secretKeyHash(secretKey: Uint8Array): string {
  return createHash('sha256').update(secretKey).digest('hex');
}
