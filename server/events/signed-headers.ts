import { createHmac } from 'node:crypto';

/**
 * Headers of one attempt: each signature covers id, time and body (Standard Webhooks). `at`: Unix ms; `secrets`: see
 * WebhookConfig. With several of them a receiver takes whichever it knows, so that they can be changed without a gap.
 */
export function signedHeaders(
  id: string,
  at: number,
  body: string,
  secrets: readonly string[],
): Record<string, string> {
  const seconds = Math.floor(at / 1000);
  const signatures = secrets.map((secret) => {
    const key = Buffer.from(secret.slice('whsec_'.length), 'base64');
    return `v1,${createHmac('sha256', key).update(`${id}.${seconds}.${body}`).digest('base64')}`;
  });
  return {
    'content-type': 'application/json',
    'user-agent': 'postern',
    'webhook-id': id,
    'webhook-timestamp': `${seconds}`,
    'webhook-signature': signatures.join(' '),
  };
}
