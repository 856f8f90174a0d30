import { AccountRefused } from '../access/accounts/principal.ts';
import { connectPrincipals, type Principals } from '../access/accounts/principals.ts';
import type { Config } from '../server/config.ts';
import { EXIT, ExitError } from './exit.ts';
import { recordEvent } from './issuer.ts';

/** Runs `work` with the accounts and API tokens of a configuration, and lets go of them. */
export async function withPrincipals<T>(
  config: Config,
  work: (principals: Principals) => Promise<T>,
): Promise<T> {
  let lastFault: string | null = null;
  const principals = connectPrincipals({
    redis: config.redis,
    signingKey: config.signingKey,
    record: (event) => recordEvent(config, event),
    warn: (message) => {
      lastFault = message;
    },
  });
  try {
    return await work(principals);
  } catch (error) {
    if (error instanceof AccountRefused) throw new ExitError(EXIT.usage, error.message);
    if (lastFault === null || error instanceof ExitError) throw error;
    throw new ExitError(EXIT.failed, `can't reach the grant store (redis in ${config.file}): ${lastFault}`);
  } finally {
    principals.close();
  }
}
