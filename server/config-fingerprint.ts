import { createHash } from 'node:crypto';
import type { Config } from './config.ts';

/** Which configuration ran, without its secrets being of use to a guesser: of the file's own bytes only their hash. */
export function configFingerprint(config: Config): string {
  const { audit, databases, risk } = config;
  return createHash('sha256')
    .update(
      JSON.stringify({
        ...config,
        signingKey: null,
        redis: null,
        audit: { ...audit, store: null, checkpointKey: null },
        risk: risk && { ...risk, webhook: null },
        databases: Object.entries(databases).map(([name, { mode }]) => [name, mode]),
      }),
    )
    .digest('hex');
}
