/** What receivers outside are told of an audit event: what it takes to act on it, and no more of anybody's words. */
import { randomUUID } from 'node:crypto';
import type { AuditEvent, AuditEventType } from '../../audit/events.ts';
import type { EventMessage, EventMessageType } from './message.ts';

type Members<T extends AuditEventType> = readonly Exclude<keyof Extract<AuditEvent, { type: T }>, 'type'>[];

interface Told<T extends AuditEventType> {
  /** The member that names what it is about. */
  readonly about: Members<T>[number];
  readonly data: Members<T>;
  /** For receivers that ask for it. */
  readonly details?: Members<T>;
  /** Likewise: what may hold anything that a client sends. */
  readonly sql?: Members<T>;
}

type ToldType = Extract<AuditEventType, EventMessageType>;

/** By type; of other events, nobody is told. `risk.alarm` and `risk.drift` are made where they arise. */
export const TOLD: { readonly [T in Exclude<ToldType, 'risk.drift'>]: Told<T> } = {
  'request.create': {
    about: 'request',
    data: [
      ...(['request', 'principal', 'kind', 'actsFor', 'database', 'ttl', 'emergency', 'outcome'] as const),
      ...(['rule', 'revision', 'extends'] as const),
    ],
    details: ['scope', 'reason', 'ticket', 'notes'],
  },
  'request.approve': {
    about: 'request',
    data: ['request', 'by', 'ttl', 'grant'],
    details: ['scope', 'comment'],
  },
  'request.deny': { about: 'request', data: ['request', 'by'], details: ['reason'] },
  'request.withdraw': { about: 'request', data: ['request', 'by'] },
  'request.expire': { about: 'request', data: ['request'] },
  'request.emergency': {
    about: 'request',
    data: ['request', 'grant', 'principal', 'database', 'reviewBy'],
  },
  'request.review': { about: 'request', data: ['request', 'by', 'finding'], details: ['comment'] },
  'grant.create': {
    about: 'grant',
    data: ['grant', 'principal', 'database', 'expiresAt', 'approvedBy', 'by'],
    details: ['scope', 'limits', 'reason', 'ticket'],
  },
  'grant.extend': { about: 'grant', data: ['grant', 'request', 'expiresAt', 'by'] },
  'grant.return': { about: 'grant', data: ['grant', 'by'] },
  'grant.revoke': { about: 'grant', data: ['grant', 'by'] },
  'grant.expire': { about: 'grant', data: ['grant', 'principal', 'database', 'expiresAt'] },
  'hold.ask': {
    about: 'hold',
    data: [
      ...(['hold', 'session', 'grant', 'principal', 'database', 'cause'] as const),
      ...(['inTransaction', 'waitMs'] as const),
    ],
    details: ['missing', 'reasons'],
    sql: ['sql', 'parameters'],
  },
  'hold.approve': { about: 'hold', data: ['hold', 'grant', 'by'], details: ['comment'] },
  'hold.deny': { about: 'hold', data: ['hold', 'grant', 'by'], details: ['reason'] },
  'hold.end': {
    about: 'hold',
    data: ['hold', 'session', 'grant', 'principal', 'database', 'outcome', 'by', 'waitedMs'],
  },
  'policy.change': { about: 'revision', data: ['revision', 'before'] },
  'policy.refuse': { about: 'revision', data: ['revision'], details: ['fault'] },
  'risk.verdict': { about: 'alarm', data: ['alarm', 'verdict', 'by'], details: ['note'] },
};

/** null: nobody is told. */
export function messageOf(event: AuditEvent): EventMessage | null {
  if (!Object.hasOwn(TOLD, event.type)) return null;
  const type = event.type as keyof typeof TOLD;
  const told: Told<AuditEventType> = TOLD[type] as Told<AuditEventType>;
  const members = event as unknown as Readonly<Record<string, unknown>>;
  const only = (names: readonly string[] = []) =>
    Object.fromEntries(
      names.filter((name) => members[name] !== undefined).map((name) => [name, members[name]]),
    );
  return {
    id: `msg_${randomUUID()}`,
    type,
    timestamp: new Date().toISOString(),
    about: String(members[told.about]),
    data: only(told.data),
    details: only(told.details),
    sql: only(told.sql),
  };
}
