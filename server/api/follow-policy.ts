import type { Logger } from 'pino';
import type { AuditEvent } from '../../audit/events.ts';
import { type PolicyNews, PolicySource } from '../policy/policy-source.ts';

/** Follows a policy file, and tells the trail and the log what becomes of it. Throws ConfigError if it can't be used. */
export function followPolicy(
  file: string | null,
  record: (event: AuditEvent) => void,
  logger: Logger,
): PolicySource {
  const news: PolicyNews = {
    taken: ({ revision }) => {
      logger.info({ revision }, 'the policy has changed');
      record({ type: 'policy.change', revision, before });
      before = revision;
    },
    refused: (fault) => {
      logger.error(
        { revision: before, fault },
        'the policy file can not be used; the policy before it stays',
      );
      record({ type: 'policy.refuse', revision: before, fault });
    },
  };
  const source = new PolicySource(file, news);
  let before = source.current.revision;
  return source;
}
