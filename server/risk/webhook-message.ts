import { createHmac } from 'node:crypto';
import { masked } from '../../audit/masked.ts';

/** As the Standard Webhooks specification has it: `data` hangs on `type`. */
export interface WebhookMessage {
  /** Unique; the same at each attempt, so that a receiver can tell a repetition. */
  readonly id: string;
  readonly type: 'risk.alarm' | 'risk.drift';
  /** ISO 8601, UTC. */
  readonly timestamp: string;
  readonly data: object;
}

/** JSON, tokens of grants masked. */
export const bodyOf = ({ type, timestamp, data }: WebhookMessage): string =>
  masked(JSON.stringify({ type, timestamp, data }));

/** Headers of one attempt: the signature covers id, time and body (Standard Webhooks). `at`: Unix ms; `secret`: see WebhookConfig. */
export function signedHeaders(id: string, at: number, body: string, secret: string): Record<string, string> {
  const key = Buffer.from(secret.slice('whsec_'.length), 'base64');
  const seconds = Math.floor(at / 1000);
  const signature = createHmac('sha256', key).update(`${id}.${seconds}.${body}`).digest('base64');
  return {
    'content-type': 'application/json',
    'user-agent': 'postern',
    'webhook-id': id,
    'webhook-timestamp': `${seconds}`,
    'webhook-signature': `v1,${signature}`,
  };
}
