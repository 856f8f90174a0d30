/** server/doctor: is everything there that the configuration speaks of, and has the service role just the rights it needs? */
import type { Config } from '../config.ts';
import { examineStore } from './audit-store.ts';
import { examineDatabase } from './database.ts';
import type { Finding } from './finding.ts';
import { examineRedis, examineSpool } from './stores.ts';

/** Looks at everything; never rejects. In a database with `roles: ephemeral` a role is made, used and dropped for a trial. */
export async function examine(config: Config): Promise<readonly Finding[]> {
  const databases = Object.entries(config.databases).map(([name, target]) =>
    examineDatabase(name, target, config.signingKey),
  );
  const findings = await Promise.all([
    ...databases,
    examineRedis(config.redis),
    examineSpool(config.audit.spool),
    ...(config.audit.store === null ? [] : [examineStore(config.audit.store)]),
  ]);
  return findings.flat();
}
