/** A message to receivers outside, as the Standard Webhooks specification has it: `data` hangs on `type`. */
export interface EventMessage {
  /** Unique; the same at each attempt, so that a receiver can tell a repetition. */
  readonly id: string;
  readonly type: EventMessageType;
  /** ISO 8601 UTC. */
  readonly timestamp: string;
  /** What it is about: messages about one thing come in their order. */
  readonly about: string;
  readonly data: Data;
  /** What only receivers are told that ask for it: people's own words, scopes. */
  readonly details?: Data;
  /** Likewise: statements. */
  readonly sql?: Data;
}

type Data = Readonly<Record<string, unknown>>;

export type EventMessageType = (typeof MESSAGE_TYPES)[number];

export const MESSAGE_TYPES = [
  'request.create',
  'request.approve',
  'request.deny',
  'request.withdraw',
  'request.expire',
  'request.emergency',
  'request.review',
  'grant.create',
  'grant.extend',
  'grant.return',
  'grant.revoke',
  'grant.expire',
  'hold.ask',
  'hold.approve',
  'hold.deny',
  'hold.end',
  'policy.change',
  'policy.refuse',
  'risk.alarm',
  'risk.drift',
  'risk.verdict',
] as const;
