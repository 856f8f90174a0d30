import type { Grant, Session } from '../../api/answers.ts';

/** What can be filtered by. */
export type Filtered = Pick<
  Session,
  'session' | 'principal' | 'database' | 'grant' | 'client' | 'application' | 'node'
> & {
  readonly why: Pick<Grant, 'reason' | 'ticket'> | null;
};

/** Whether all words of the filter are somewhere in what is shown; case does not count. */
export function matcherOf(filter: string): (session: Filtered) => boolean {
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return () => true;
  return ({ session, principal, database, grant, client, application, node, why }) => {
    const all = [session, principal, database, grant, client, application, node, why?.reason, why?.ticket]
      .filter((text) => text !== null && text !== undefined)
      .join('\n')
      .toLowerCase();
    return words.every((word) => all.includes(word));
  };
}
