/** Whether a rule is about a request. */
import type { GrantAction } from '../../guardrails/types.ts';
import { AddressFilter } from '../address-filter.ts';
import { isDuring } from './hours.ts';
import { allowedBy, excludedBy } from './narrow-scope.ts';
import { isWithin, mayMeet } from './pattern-sets.ts';
import type { Conditions, Policy, PolicyRequest, Range, Rule } from './policy.ts';

type Classes = Policy['dataClasses'];
type Condition = (when: Conditions, request: PolicyRequest, classes: Classes) => boolean;

/** In the order of a rule's text: each holds, or is not asked for. */
const CONDITIONS: Readonly<Record<Exclude<keyof Conditions, 'emergency'>, Condition>> = {
  principals: ({ principals }, { principal }) => principals?.includes(principal.id) ?? true,
  kinds: ({ kinds }, { principal }) => kinds?.includes(principal.kind) ?? true,
  teams: ({ teams }, { principal }) => teams?.some((team) => principal.teams.includes(team)) ?? true,
  roles: ({ roles }, { principal }) => roles?.some((role) => principal.roles.includes(role)) ?? true,
  databases: ({ databases }, { database }) => databases?.includes(database) ?? true,
  actions: ({ actions }, request) =>
    actions === undefined || actionsOf(request).every((action) => actions.includes(action)),
  relations: ({ relations }, request) =>
    relations === undefined ||
    everyAsked(request, (action, text) => relations.some((outer) => isWithin(action, text, outer))),
  touches: ({ touches }, request, classes) =>
    touches === undefined || touches.some((name) => meets(request, classes.get(name))),
  avoids: ({ avoids }, request, classes) =>
    avoids === undefined || !avoids.some((name) => meets(request, classes.get(name))),
  duration: ({ duration }, { ttl }) => duration === undefined || ttl <= duration,
  hours: ({ hours }, { at }) => hours === undefined || isDuring(hours, at),
  networks: ({ networks }, { address }) =>
    networks === undefined || (address !== null && new AddressFilter(networks).admits(address)),
  ticket: ({ ticket }, request) => {
    if (ticket === undefined) return true;
    if (typeof ticket === 'boolean') return ticket === (request.ticket !== null);
    return request.ticket !== null && ticket.test(request.ticket);
  },
  onCall: (when, { onCall }) => when.onCall === undefined || when.onCall === onCall,
  risk: ({ risk }, { triage }) => isIn(risk, triage?.risk),
  confidence: ({ confidence }, { triage }) => isIn(confidence, triage?.confidence),
};

/** The first condition of the rule that the request does not meet; null: the rule matches. */
export function unmet(rule: Rule, request: PolicyRequest, classes: Classes): keyof Conditions | null {
  if (!emergencyFits(rule, request)) return 'emergency';
  const names = Object.keys(CONDITIONS) as (keyof typeof CONDITIONS)[];
  return names.find((name) => !CONDITIONS[name](rule.when, request, classes)) ?? null;
}

/** A rule that grants is for emergencies only if it says so, and then for nothing else. */
const emergencyFits = ({ when, outcome }: Rule, { emergency }: PolicyRequest): boolean => {
  if (when.emergency === true) return emergency;
  return !emergency || outcome.kind === 'deny';
};

const isIn = (range: Range | undefined, value: number | undefined): boolean => {
  if (range === undefined) return true;
  if (value === undefined || Number.isNaN(value)) return false;
  const { atLeast = Number.NEGATIVE_INFINITY, atMost = Number.POSITIVE_INFINITY } = range;
  return value >= atLeast && value <= atMost;
};

const actionsOf = ({ scope }: PolicyRequest): readonly GrantAction[] => [
  ...new Set(scope.flatMap(({ actions }) => actions)),
];

const everyAsked = (request: PolicyRequest, holds: (action: GrantAction, text: string) => boolean): boolean =>
  actionsOf(request).every((action) =>
    allowedBy(request.scope, action).every(({ text }) => holds(action, text)),
  );

/** Something that the request asks, and does not exclude itself, may be one of these. */
const meets = (request: PolicyRequest, patterns: readonly string[] = []): boolean =>
  !everyAsked(request, (action, text) =>
    patterns.every(
      (pattern) =>
        !mayMeet(action, text, pattern) ||
        excludedBy(request.scope, action).some((outer) => isWithin(action, pattern, outer)),
    ),
  );
