/** What a policy has for somebody: the rules that may be about their requests, and what those give. */
import type { Scope } from '../../guardrails/types.ts';
import type { Cap, Conditions, Policy, PolicyRequest, Rule } from './policy.ts';

export interface InventoryLine {
  readonly rule: string;
  readonly outcome: Rule['outcome']['kind'];
  /** The most it gives, as `actions:pattern`; `!` excludes. Of a rule that denies: why it does. */
  readonly allow: readonly string[];
  /** ms at most; null: it gives nothing. */
  readonly ttl: number | null;
  /** What else has to hold, in words. */
  readonly only: readonly string[];
}

export function inventory(policy: Policy, principal: PolicyRequest['principal']): readonly InventoryLine[] {
  return policy.rules.filter(({ when }) => isAbout(when, principal)).map(lineOf);
}

const isAbout = (
  { principals, kinds, teams, roles }: Conditions,
  principal: PolicyRequest['principal'],
): boolean =>
  (principals?.includes(principal.id) ?? true) &&
  (kinds?.includes(principal.kind) ?? true) &&
  (teams?.some((team) => principal.teams.includes(team)) ?? true) &&
  (roles?.some((role) => principal.roles.includes(role)) ?? true);

const lineOf = ({ name, when, outcome }: Rule): InventoryLine => {
  const line = { rule: name, outcome: outcome.kind, only: inWords(when) };
  if (outcome.kind === 'deny') return { ...line, allow: [outcome.reason], ttl: null };
  return { ...line, allow: patternsOf(outcome.cap), ttl: outcome.cap.ttl };
};

const patternsOf = ({ scope }: Cap): readonly string[] =>
  scope.flatMap(({ actions, on }: Scope[number]) => on.map((pattern) => `${actions.join(',')}:${pattern}`));

/** Conditions on what is asked and when; those on who asks are met. */
const inWords = (when: Conditions): readonly string[] => {
  const { databases, actions, relations, touches, avoids, duration, hours, networks } = when;
  const { ticket, onCall, emergency, risk, confidence } = when;
  return [
    databases && `database ${databases.join(' or ')}`,
    actions && `only ${actions.join(', ')}`,
    relations && `only on ${relations.join(', ')}`,
    touches && `data: ${touches.join(' or ')}`,
    avoids && `no data: ${avoids.join(', ')}`,
    duration !== undefined && `for ${duration / 60_000} min at most`,
    hours &&
      `${clock(hours.from)}-${clock(hours.to)} ${hours.timeZone}, days ${hours.days.map(day).join(' ')}`,
    networks && `from ${networks.join(' or ')}`,
    ticket !== undefined &&
      (ticket === false ? 'no ticket' : `a ticket${ticket === true ? '' : ` ${ticket.source}`}`),
    onCall !== undefined && (onCall ? 'on call' : 'not on call'),
    emergency && 'an emergency',
    risk && `risk ${span(risk)}`,
    confidence && `confidence ${span(confidence)}`,
  ].filter((words) => typeof words === 'string');
};

const clock = (minutes: number): string =>
  [Math.floor(minutes / 60), minutes % 60].map((part) => String(part).padStart(2, '0')).join(':');

const day = (number: number): string => ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'][number] ?? '';

const span = ({ atLeast, atMost }: { readonly atLeast?: number; readonly atMost?: number }): string =>
  [atLeast !== undefined && `at least ${atLeast}`, atMost !== undefined && `at most ${atMost}`]
    .filter((words) => typeof words === 'string')
    .join(', ');
