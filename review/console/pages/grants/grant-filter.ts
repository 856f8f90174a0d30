import type { Grant } from '../../api/answers.ts';

/** Whether all words of the filter are somewhere in what is shown of a grant; case does not count. */
export function matcherOf(filter: string): (grant: Grant) => boolean {
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean);
  return ({ id, principal, database, reason, ticket, approvedBy, scope }) => {
    const patterns = scope.flatMap(({ actions, on }) => [...actions, ...on]);
    const all = [
      id,
      principal.id,
      ...principal.teams,
      database,
      reason,
      ticket ?? '',
      ...approvedBy,
      ...patterns,
    ]
      .join('\n')
      .toLowerCase();
    return words.every((word) => all.includes(word));
  };
}
