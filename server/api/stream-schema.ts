/** GET /v1/stream: what happens, as it happens, as server-sent events (HTML standard, section 9.2). */
import { z } from 'zod';
import type { AuditEventType, SpooledEvent } from '../../audit/events.ts';
import { type countsAnswer, SESSION_ID, type sessionAnswer } from './session-schema.ts';

/** What somebody can listen to, and the events that belong to it. */
export const TOPICS = {
  requests: [
    'request.create',
    'request.approve',
    'request.deny',
    'request.withdraw',
    'request.expire',
    'request.emergency',
    'request.review',
  ],
  grants: ['grant.create', 'grant.revoke', 'grant.return', 'grant.expire', 'grant.extend'],
  holds: ['hold.ask', 'hold.approve', 'hold.deny', 'hold.end'],
  alarms: ['risk.flag', 'risk.verdict', 'risk.drift'],
  statements: ['session.start', 'session.end', 'statement', 'statement.end', 'cancel', 'login.refused'],
} as const satisfies Readonly<Record<string, readonly AuditEventType[]>>;

export type Topic = keyof typeof TOPICS | 'sessions';

const topic = z.enum(['sessions', ...(Object.keys(TOPICS) as (keyof typeof TOPICS)[])]);

export const streamQuery = z.strictObject({
  topics: z
    .string()
    .max(200)
    .default('sessions,requests,grants,holds,alarms')
    .transform((text) => [...new Set(text.split(','))])
    .pipe(z.array(topic))
    .describe(
      'With commas between them: sessions (who is connected, and what it comes to), requests, grants, holds, alarms, statements (events of the trail).',
    ),
  session: z
    .string()
    .regex(SESSION_ID)
    .exactOptional()
    .describe('Of the topics statements, holds and alarms, only what belongs to this session.'),
});

/**
 * `data` of a server-sent event, whose `event` is its `kind`. After a connection was lost, what came meanwhile is sent by
 * Last-Event-ID; where that is no longer there, `reset` says that everything has to be loaded again.
 */
export type StreamMessage =
  /** All open sessions: at the beginning of the topic `sessions`. */
  | { readonly kind: 'sessions'; readonly sessions: readonly z.infer<typeof sessionAnswer>[] }
  | { readonly kind: 'session.opened'; readonly session: z.infer<typeof sessionAnswer> }
  /** Of those that have changed, once a second. */
  | { readonly kind: 'session.counts'; readonly counts: readonly z.infer<typeof countsAnswer>[] }
  | { readonly kind: 'session.closed'; readonly session: string }
  /** An event of the trail that belongs to a topic. */
  | { readonly kind: 'event'; readonly topic: keyof typeof TOPICS; readonly event: SpooledEvent }
  | { readonly kind: 'reset'; readonly why: string }
  /** The login is over, or the node stops: the connection is closed now. */
  | { readonly kind: 'end'; readonly why: string };
