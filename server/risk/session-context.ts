import type { Grant } from '../../access/grant.ts';
import { isPrivate } from '../../classifier/session/habits.ts';
import type { SessionContext } from '../../classifier/session/record.ts';
import type { LoginFacts } from '../../proxy/ports.ts';
import type { Novelty } from './novelty.ts';

const HOURS = Array.from({ length: 24 }, (_, hour) => hour);
const WEEKDAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'] as const;

/** Names of things for habits that belong to a session rather than to its statements. */
export const clientThing = (application: string | null): string => `client ${application ?? ''}`;
export const hourThing = (hour: number): string => `hour ${hour}`;

/** /24 of IPv4, /64 of IPv6: where a client is, not which one it is. */
export function networkThing(address: string): string {
  const parts = address.split(/[.:]/);
  return `network ${address.includes(':') ? parts.slice(0, 4).join(':') : parts.slice(0, 3).join('.')}`;
}

/** Who asks, from where, under which grant, and what is usual of them. `knows`: of things for habits. */
export function sessionContext(
  grant: Grant,
  { address, application }: LoginFacts,
  begun: Date,
  novelty: Novelty,
  knows: (thing: string) => boolean,
): SessionContext {
  const [team] = grant.principal.teams;
  const { reason, ticket, scope } = grant;
  const onData = scope.flatMap(({ actions, on }) => {
    const statements = actions.filter((action) => action !== 'score');
    return statements.length === 0 ? [] : [{ actions: statements, on }];
  });
  const minutes = (Date.parse(grant.expiresAt) - Date.parse(grant.issuedAt)) / 60_000;
  return {
    user: grant.principal.id,
    ...(team !== undefined && { team, role: team }),
    client_addr: address,
    ...(application !== null && { application_name: application }),
    ...placeOf(address, novelty, knows),
    hour_utc: begun.getUTCHours(),
    weekday: WEEKDAYS[begun.getUTCDay()]!,
    grant: {
      actions: [...new Set(onData.flatMap(({ actions }) => actions))],
      scope: [...new Set(onData.flatMap(({ on }) => on))].filter((pattern) => !pattern.startsWith('!')),
      ttl_min: minutes,
      age_min: Math.max(0, (begun.getTime() - Date.parse(grant.issuedAt)) / 60_000),
      reason,
      ticket,
    },
    ...(novelty.sessions > 0 && { history_30d: historyOf(novelty, application, knows) }),
  };
}

/** A network that is new here stands for a place that is. Who comes from inside is at no place of their own. */
function placeOf(
  address: string,
  novelty: Novelty,
  knows: (thing: string) => boolean,
): Pick<SessionContext, 'country' | 'usual_countries'> {
  if (!novelty.seasoned || isPrivate(address)) return {};
  const network = networkThing(address);
  return { country: network, usual_countries: [knows(network) ? network : '(others)'] };
}

/** Habits can be asked, not listed: of programs only whether this one is known. */
function historyOf(
  novelty: Novelty,
  application: string | null,
  knows: (thing: string) => boolean,
): NonNullable<SessionContext['history_30d']> {
  const hours = usualHours(HOURS.filter((hour) => knows(hourThing(hour))));
  const statements = novelty.usual('statements');
  const [rows, bytes] = novelty.seasoned ? [novelty.usual('rows'), novelty.usual('bytes')] : [null, null];
  return {
    sessions: novelty.sessions,
    ...(statements !== null && { median_statements: statements }),
    ...(rows !== null && { usual_rows: rows }),
    ...(bytes !== null && { usual_bytes: bytes }),
    ...(novelty.seasoned && hours !== null && { usual_hours: hours }),
    ...(novelty.seasoned && {
      usual_apps: [knows(clientThing(application)) ? (application ?? '') : '(others)'],
    }),
  };
}

/** The first hour and the hour after the last, around the longest pause. */
function usualHours(hours: readonly number[]): readonly [number, number] | null {
  let [from, to, longest] = [0, 0, -1];
  hours.forEach((hour, index) => {
    const next = hours[(index + 1) % hours.length]!;
    const pause = (next - hour - 1 + 24) % 24;
    if (pause > longest) [from, to, longest] = [next, hour + 1, pause];
  });
  return longest < 0 ? null : [from, from < to ? to : to + 24];
}
