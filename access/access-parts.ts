import type { GrantStore } from './grant-store.ts';
import type { Clock } from './open-sessions.ts';
import type { RedisClient } from './redis.ts';
import type { SessionRegistry } from './session-registry.ts';
import type { Signer } from './signing.ts';

/** What logins and sessions work with, in one process. */
export interface AccessParts {
  /** For commands. */
  readonly redis: RedisClient;
  /** For listening to other processes. */
  readonly subscriber: RedisClient;
  readonly signer: Signer;
  readonly store: GrantStore;
  readonly registry: SessionRegistry;
  readonly clock: Clock;
  /** Name of this process in the session list. */
  readonly node: string;
  /** ms that sessions may go on without the store. */
  readonly grace: number;
  /** ms between checks of the grants with open sessions. */
  readonly checkInterval: number;
  readonly warn: (message: string) => void;
}
