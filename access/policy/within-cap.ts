import { isNetworkWithin } from '../address-filter.ts';
import type { GrantLimits } from '../grant.ts';
import { beyond, narrowed } from './narrow-scope.ts';
import type { Cap } from './policy.ts';

/** What is asked, as far as the cap allows it. */
export function within(asked: Cap, cap: Cap): { readonly terms: Cap; readonly notes: readonly string[] } {
  const more = beyond(asked.scope, cap.scope);
  const notes = [
    ...(more.length > 0 ? [`left out or narrowed: ${more.join(', ')}`] : []),
    ...(asked.ttl > cap.ttl ? [`shortened to ${Math.round(cap.ttl / 1000)} s`] : []),
  ];
  const terms = {
    scope: narrowed(asked.scope, cap.scope),
    ttl: Math.min(asked.ttl, cap.ttl),
    limits: smaller(asked.limits, cap.limits),
  };
  return { terms, notes };
}

const smaller = (asked: GrantLimits, cap: GrantLimits): GrantLimits => ({
  rowsPerStatement: least(asked.rowsPerStatement, cap.rowsPerStatement),
  rows: least(asked.rows, cap.rows),
  bytes: least(asked.bytes, cap.bytes),
  connections: least(asked.connections, cap.connections),
  logins: least(asked.logins, cap.logins),
  statements: least(asked.statements, cap.statements),
  from: commonNetworks(asked.from, cap.from),
});

/** Of the networks that are asked those within the cap's; without one, the cap's. null: any. */
const commonNetworks = (asked: GrantLimits['from'], cap: GrantLimits['from']): GrantLimits['from'] => {
  if (asked === null || cap === null) return asked ?? cap;
  const kept = asked.filter((network) => cap.some((outer) => isNetworkWithin(network, outer)));
  return kept.length > 0 ? kept : cap;
};

/** null: no limit. */
const least = (one: number | null, other: number | null): number | null =>
  one === null || other === null ? (one ?? other) : Math.min(one, other);
