/** What single events come to, in words for one line. */
import type { SpooledEvent } from '../audit/events.ts';
import { clean } from './clean.ts';

export const plural = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;

export function logout(event: Extract<SpooledEvent, { type: 'session.end' }>): string {
  const denied = event.denied > 0 ? `, ${event.denied} denied` : '';
  return clean(
    `${event.reason}, ${plural(event.statements, 'statement')}${denied}, ${plural(event.rows, 'row')}`,
  );
}

type RequestEvent = Extract<SpooledEvent, { type: `request.${string}` }>;

/** Who, how it looks, what they do, and with what. */
export function requested(event: RequestEvent): [who: string, style: 'plain', what: string, text: string] {
  switch (event.type) {
    case 'request.create': {
      const { request, principal, database, reason, outcome, rule } = event;
      const text = `${request} on ${database}: ${reason} (${outcome}: ${rule ?? 'no rule'})`;
      return [principal, 'plain', 'asks', clean(text)];
    }
    case 'request.approve': {
      const grant = event.grant === null ? '' : ` (grant ${event.grant})`;
      return [event.by, 'plain', 'approves', clean(`${event.request}${grant} ${event.comment}`)];
    }
    case 'request.deny':
      return [event.by, 'plain', 'denies', clean(`${event.request}: ${event.reason}`)];
    case 'request.withdraw':
      return [event.by, 'plain', 'withdraws', clean(event.request)];
    default:
      return event satisfies never;
  }
}

export const fate = (event: Extract<SpooledEvent, { type: `role.${string}` }>): string =>
  event.type === 'role.create' ? 'made' : `dropped: ${event.cause}`;

export function alarmed({
  alarm,
  action,
  score,
  sessionScore,
  reasons,
}: Extract<SpooledEvent, { type: 'risk.flag' }>): string {
  const [statement, session] = [score, sessionScore].map((each) => each?.toFixed(2) ?? '?');
  return clean(`${action} ${alarm}: risk ${statement}, session ${session}: ${reasons.join('; ')}`);
}

export const drifted = ({ model, drifts }: Extract<SpooledEvent, { type: 'risk.drift' }>): string =>
  clean(`from model ${model}: ${drifts.map(({ name, index }) => `${name} ${index.toFixed(2)}`).join(', ')}`);

export function inquiry({ asked, sql }: Extract<SpooledEvent, { type: 'model.request' }>): string {
  return clean(`${asked}: ${sql}`).slice(0, 300);
}

export function opinion({
  asked,
  score,
  threshold,
  fault,
}: Extract<SpooledEvent, { type: 'model.answer' }>): string {
  return clean(`${asked}: ${fault ?? `${score?.toFixed(2)}${threshold === null ? '' : `, ${threshold}`}`}`);
}

export const recovery = (droppedBytes: number, broken: string | null): string =>
  broken === null ? `${plural(droppedBytes, 'byte')} dropped` : `the chain is broken at ${broken}`;
