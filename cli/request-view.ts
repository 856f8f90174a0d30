/** A request as a reviewer reads it. */
import { type AccessRequest, endOf } from '../access/requests/access-request.ts';
import { NO_POLICY } from '../access/requests/ask.ts';
import type { RequestStore } from '../access/requests/request-store.ts';
import type { Scope } from '../guardrails/types.ts';
import type { Config } from '../server/config.ts';
import { loadPolicy } from '../server/policy/policy-file.ts';
import { KnownRelations } from '../server/triage/known-relations.ts';
import type { GrantCourse } from '../server/triage/past-grants.ts';
import { type PastRequest, type RequestReview, reviewOf } from '../server/triage/request-review.ts';
import type { Reach } from '../server/triage/scope-reach.ts';
import { visibleText } from '../server/triage/visible-text.ts';
import { fateOf } from './request-options.ts';
import { fields, span, table } from './table.ts';

export async function reviewIn(
  config: Config,
  request: AccessRequest,
  requests: RequestStore,
): Promise<RequestReview> {
  const { dataClasses } = config.policy === null ? NO_POLICY : loadPolicy(config.policy).policy;
  const relations = new KnownRelations(config.databases);
  try {
    return await reviewOf(request, { relations, requests, dataClasses, spool: config.audit.spool });
  } finally {
    await relations.close();
  }
}

/** Relations that are told one by one. */
const MOST_RELATIONS = 12;

export function requestText(request: AccessRequest, review: RequestReview, now: number): string {
  return [
    fields([...asked(request, review), ...judged(request), ['state', fateOf(request, now)]]),
    ...reachText(review.reach),
    ...pastText(review.similar, now),
  ].join('\n');
}

function asked(
  request: AccessRequest,
  { beyondNeed }: RequestReview,
): readonly (readonly [string, string])[] {
  const { id, principal, database, terms, reason, ticket, emergency, state } = request;
  const granted = 'terms' in state ? state.terms : null;
  const teams = principal.teams.map((team) => `team ${team}`);
  return [
    ['request', id],
    ['principal', [principal.id, principal.kind, ...teams].join(', ')],
    ['acts for', principal.actsFor ?? ''],
    ['database', database],
    ['reason', visibleText(reason)],
    ['ticket', visibleText(ticket ?? '')],
    ['emergency', emergency ? 'yes' : ''],
    ['asked', `${scopeText(terms.scope)}, for ${span(terms.ttl)}`],
    ['more than the reason needs', beyondNeed?.map(visibleText).join(', ') ?? ''],
    ['to grant', granted === null ? '' : `${scopeText(granted.scope)}, for ${span(granted.ttl)}`],
  ];
}

function judged({ rule, revision, notes, triage }: AccessRequest): readonly (readonly [string, string])[] {
  const policy: readonly (readonly [string, string])[] = [
    ['rule', `${rule ?? 'none'} (policy ${revision})`],
    ['notes', notes.join('; ')],
  ];
  if (triage === null) return policy;
  const { risk, confidence, suspicious, intents, scope, ttl, reasons, model } = triage;
  return [
    ...policy,
    [
      'triage',
      `${intents.join(', ')}; risk ${risk.toFixed(2)}, confidence ${confidence.toFixed(2)} (${model})${suspicious ? '; look at the text' : ''}`,
    ],
    ['because', reasons.map(visibleText).join('; ')],
    [
      'needs',
      scope.length === 0 ? 'what, the reason does not tell' : `${scopeText(scope)}, for ${span(ttl)}`,
    ],
  ];
}

function reachText(reach: readonly Reach[] | null): readonly string[] {
  if (reach === null) return ['', 'The database can not be asked what this touches.'];
  if (reach.length === 0) return [];
  const rows = reach
    .slice(0, MOST_RELATIONS)
    .map(({ schema, name, kind, actions, rows, classes }) => [
      `${schema}.${name}`,
      actions.join(','),
      rows === null ? (kind === 'table' ? 'unknown' : `unknown (${kind})`) : `~${Math.round(rows)}`,
      classes.map(({ name, columns }) => `${name}: ${columns.join(', ')}`).join('; '),
    ]);
  const more = reach.length - MOST_RELATIONS;
  return [
    '',
    table(['TOUCHES', 'BY', 'ROWS', 'DATA CLASSES'], rows),
    ...(more > 0 ? [`and ${more} more`] : []),
  ];
}

function pastText(similar: readonly PastRequest[], now: number): readonly string[] {
  if (similar.length === 0) return ['', 'Nobody like this has asked for this database lately.'];
  const rows = similar.map(({ request, own, course }) => [
    own ? 'own' : request.principal.id,
    `${span(now - Date.parse(request.askedAt))} ago`,
    scopeText(request.terms.scope),
    fateOf(request, now),
    course === null ? '' : courseText(request, course, now),
  ]);
  return ['', table(['BEFORE', 'WHEN', 'ASKED', 'OUTCOME', 'HOW IT WENT'], rows)];
}

function courseText(request: AccessRequest, course: GrantCourse, now: number): string {
  const { sessions, statements, denied, alarms, ended } = course;
  const isOver = (endOf(request) ?? now) <= now;
  return [
    `${counted(sessions, 'session')}, ${counted(statements, 'statement')}`,
    ...(denied > 0 ? [`${denied} denied`] : []),
    ...(alarms > 0 ? [counted(alarms, 'alarm')] : []),
    ended ?? (isOver ? 'expired' : 'active'),
  ].join(', ');
}

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;

const scopeText = (scope: Scope): string =>
  scope.map(({ actions, on }) => `${actions.join(',')} ${on.join(' ')}`).join('; ');
