/** How far the context of a session is from the habits of who opens it. Unknown: 0. */
import type { SessionContext } from './record.ts';

export interface Habits {
  /** How strange place, network, program and hour are, and how new the user is: 0 (as usual, or unknown) to 4.5. */
  readonly strangeness: number;
  readonly noReason: number;
  /** A person, as opposed to a program that runs by itself. */
  readonly person: number;
}

export function habitsOf(context: SessionContext): Habits {
  const { country, usual_countries, client_addr, application_name, history_30d: history, grant } = context;
  const firstSessions = history?.sessions === undefined ? 0 : 1 / (1 + history.sessions / 3);
  return {
    strangeness:
      truth(country !== undefined && usual_countries?.includes(country) === false) +
      truth(client_addr !== undefined && !isPrivate(client_addr)) / 2 +
      truth(isNewProgram(application_name, history?.usual_apps)) +
      oddHourOf(context) +
      firstSessions,
    noReason: truth(grant?.reason !== undefined && (grant.reason ?? '').trim() === ''),
    person: truth(!isProgram(context)),
  };
}

const truth = (value: boolean): number => (value ? 1 : 0);

/** Versions do not make a program new. */
function isNewProgram(program: string | undefined, usual: readonly string[] | undefined): boolean {
  if (program === undefined || usual === undefined || usual.length === 0) return false;
  const plain = (name: string) => name.toLowerCase().replace(/[\d.\s]+$/, '');
  return !usual.some((known) => plain(known) === plain(program));
}

/** Hours from the habit, up to 4, as a share; round the clock. */
function oddHourOf({ hour_utc: hour, history_30d: history }: SessionContext): number {
  const [from, to] = history?.usual_hours ?? [0, 24];
  if (hour === undefined || (hour >= from && hour < to) || to - from >= 23) return 0;
  const away = Math.min((from - hour + 24) % 24, (hour - to + 1 + 24) % 24);
  return Math.min(4, away) / 4;
}

function isProgram({ role, user, history_30d: history }: SessionContext): boolean {
  const [from, to] = history?.usual_hours ?? [0, 0];
  return (
    to - from >= 23 ||
    /(^|[_-])(svc|service|bot|ai_agent|etl|cron)([_-]|$)/i.test(`${role ?? ''}_${user ?? ''}`)
  );
}

/** RFC 1918, loopback, link-local, unique local. */
export function isPrivate(address: string): boolean {
  return /^(10\.|127\.|192\.168\.|169\.254\.|172\.(1[6-9]|2\d|3[01])\.|::1$|f[cd]|fe80:)/i.test(address);
}
