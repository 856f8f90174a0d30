import type { AdviceLine } from '../guardrails/advice.ts';
import type { Config } from './config.ts';
import type { Mode } from './config-upstream.ts';

/** What the configuration says of a database besides where it is. */
export interface DatabaseTerms {
  readonly mode: Mode;
  readonly messages: readonly AdviceLine[];
  /** What is outside of a grant's scope could run if a reviewer approves it: the database role is not the grant's own. */
  readonly holds: boolean;
}

export function termsOf(config: Pick<Config, 'databases' | 'messages'>, database: string): DatabaseTerms {
  const { mode = 'enforce', roles = 'service' } = config.databases[database] ?? {};
  return {
    mode,
    holds: roles === 'service',
    messages: config.messages.filter(
      ({ databases }) => databases.length === 0 || databases.includes(database),
    ),
  };
}

/** The names of those whose grants' scopes are not enforced. */
export function observedDatabases({ databases }: Pick<Config, 'databases'>): readonly string[] {
  return Object.entries(databases).flatMap(([name, { mode }]) => (mode === 'observe' ? [name] : []));
}
