import type { AdviceLine } from '../guardrails/advice.ts';
import type { Config } from './config.ts';
import type { Mode } from './config-upstream.ts';

/** What the configuration says of a database besides where it is. */
export interface DatabaseTerms {
  readonly mode: Mode;
  readonly messages: readonly AdviceLine[];
}

export function termsOf(config: Pick<Config, 'databases' | 'messages'>, database: string): DatabaseTerms {
  return {
    mode: config.databases[database]?.mode ?? 'enforce',
    messages: config.messages.filter(
      ({ databases }) => databases.length === 0 || databases.includes(database),
    ),
  };
}

/** The names of those whose grants' scopes are not enforced. */
export function observedDatabases({ databases }: Pick<Config, 'databases'>): readonly string[] {
  return Object.entries(databases).flatMap(([name, { mode }]) => (mode === 'observe' ? [name] : []));
}
