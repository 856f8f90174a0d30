/** What events come to, in words for one line. */
import type { SpooledEvent } from '../audit/events.ts';
import { accountWords } from './audit-account-words.ts';
import { held, requested } from './audit-request-words.ts';
import { clean } from './clean.ts';

export type Colour = 'plain' | 'dim' | 'good' | 'bad' | 'mark';

/** Who, how it looks, what they do, and with what. */
export type Words = readonly [subject: string, colour: Colour, verb: string, rest: string];

type Statement = Extract<SpooledEvent, { type: 'statement' | 'statement.end' }>;

export function wordsOf(event: Exclude<SpooledEvent, Statement>): Words {
  switch (event.type) {
    case 'session.start':
      return [who(event), 'plain', 'login', clean(`${event.client} ${event.application ?? ''}`)];
    case 'session.end':
      return [who(event), 'plain', 'logout', logout(event)];
    case 'login.refused':
      return [event.grant ?? '?', 'bad', 'refused', clean(`${event.cause}: ${event.message}`)];
    case 'request.create':
    case 'request.approve':
    case 'request.deny':
    case 'request.withdraw':
    case 'request.expire':
    case 'request.emergency':
    case 'request.review':
      return requested(event);
    case 'grant.create':
      return [event.by, 'plain', 'granted', clean(`${event.grant} to ${event.principal}: ${event.reason}`)];
    case 'grant.revoke':
      return [event.by, 'plain', 'revoked', clean(event.grant)];
    case 'grant.return':
      return [event.by, 'plain', 'returned', clean(event.grant)];
    case 'grant.expire':
      return [who(event), 'dim', 'expired', clean(event.grant)];
    case 'grant.extend':
      return [event.by, 'plain', 'extended', clean(`${event.grant} until ${event.expiresAt}`)];
    case 'policy.change':
      return [event.node, 'mark', 'policy', clean(`${event.revision}, before: ${event.before}`)];
    case 'policy.refuse':
      return [event.node, 'bad', 'policy', clean(`stays ${event.revision}: ${event.fault}`)];
    case 'role.create':
    case 'role.drop':
      return [event.grant, 'plain', 'role', clean(`${event.role} ${fate(event)}`)];
    case 'hold.ask':
    case 'hold.approve':
    case 'hold.deny':
    case 'hold.end':
      return held(event);
    case 'risk.flag':
      return [who(event), 'bad', 'alarm', alarmed(event)];
    case 'risk.drift':
      return [event.node, 'mark', 'drift', drifted(event)];
    case 'risk.verdict':
      return [event.by, 'mark', 'verdict', clean(`${event.alarm} is ${event.verdict}`)];
    case 'model.request':
      return [who(event), 'plain', 'asked', inquiry(event)];
    case 'model.answer':
      return [who(event), 'dim', 'answered', opinion(event)];
    case 'cancel':
      return [who(event), 'plain', 'cancel', ''];
    case 'protocol.violation':
      return [event.grant ?? '?', 'bad', 'violation', clean(event.message)];
    case 'spool.recovered':
      return [event.node, 'mark', 'recovered', recovery(event.droppedBytes, event.broken)];
    case 'node.start':
      return [event.node, 'plain', 'start', clean(event.version)];
    case 'node.stop':
      return [event.node, 'plain', 'stop', ''];
    case 'account.add':
    case 'account.change':
    case 'token.create':
    case 'token.revoke':
    case 'api.login':
    case 'api.logout':
    case 'api.refused':
    case 'trail.export':
    case 'trail.verify':
      return accountWords(event);
    default:
      return event satisfies never;
  }
}

export const who = (event: { readonly principal: string; readonly database: string }): string =>
  `${event.principal}@${event.database}`;

export const plural = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;

function logout(event: Extract<SpooledEvent, { type: 'session.end' }>): string {
  const denied = event.denied > 0 ? `, ${event.denied} denied` : '';
  return clean(
    `${event.reason}, ${plural(event.statements, 'statement')}${denied}, ${plural(event.rows, 'row')}`,
  );
}

const fate = (event: Extract<SpooledEvent, { type: `role.${string}` }>): string =>
  event.type === 'role.create' ? 'made' : `dropped: ${event.cause}`;

function alarmed({
  alarm,
  action,
  score,
  sessionScore,
  reasons,
}: Extract<SpooledEvent, { type: 'risk.flag' }>): string {
  const [statement, session] = [score, sessionScore].map((each) => each?.toFixed(2) ?? '?');
  return clean(`${action} ${alarm}: risk ${statement}, session ${session}: ${reasons.join('; ')}`);
}

function drifted({ model, drifts, calibration }: Extract<SpooledEvent, { type: 'risk.drift' }>): string {
  const what = drifts.map(({ name, index }) => `${name} ${index.toFixed(2)}`);
  if (calibration === undefined) return clean(`from model ${model}: ${what.join(', ')}`);
  const { cause, sessions, observed, expected } = calibration;
  const [is, promised] = [observed, expected].map((share) => `${(100 * share).toFixed(0)} %`);
  return clean(
    `from model ${model}: of alarms by ${cause} in ${sessions} sessions ${is} are true, not ${promised}`,
  );
}

function inquiry(event: Extract<SpooledEvent, { type: 'model.request' }>): string {
  return clean(`${event.asked}: ${event.asked === 'risk' ? event.sql : event.text}`).slice(0, 300);
}

function opinion({
  asked,
  score,
  threshold,
  decision,
  fault,
}: Extract<SpooledEvent, { type: 'model.answer' }>): string {
  const more = threshold ?? decision;
  return clean(`${asked}: ${fault ?? `${score?.toFixed(2)}${more === undefined ? '' : `, ${more}`}`}`);
}

const recovery = (droppedBytes: number, broken: string | null): string =>
  broken === null ? `${plural(droppedBytes, 'byte')} dropped` : `the chain is broken at ${broken}`;
