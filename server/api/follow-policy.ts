import type { Logger } from 'pino';
import type { Spool } from '../../audit/spool.ts';
import { type PolicyNews, PolicySource } from '../policy/policy-source.ts';

/** Follows a policy file, and tells the trail and the log what becomes of it. Throws ConfigError if it can't be used. */
export function followPolicy(
  file: string | null,
  spool: Pick<Spool, 'append' | 'commit'>,
  logger: Logger,
): PolicySource {
  const news: PolicyNews = {
    taken: ({ revision }) => {
      logger.info({ revision }, 'the policy has changed');
      spool.append({ type: 'policy.change', revision, before });
      before = revision;
      void spool.commit();
    },
    refused: (fault) => {
      logger.error(
        { revision: before, fault },
        'the policy file can not be used; the policy before it stays',
      );
      spool.append({ type: 'policy.refuse', revision: before, fault });
      void spool.commit();
    },
  };
  const source = new PolicySource(file, news);
  let before = source.current.revision;
  return source;
}
