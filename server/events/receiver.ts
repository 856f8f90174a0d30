import { createHash } from 'node:crypto';
import type { Config } from '../config.ts';
import type { WebhookConfig } from '../config-webhook.ts';

/** Names a receiver's queue: another secret leaves it, another address does not. */
export const receiverOf = ({ url }: Pick<WebhookConfig, 'url'>): string =>
  createHash('sha256').update(url).digest('hex').slice(0, 16);

/** All that a configuration names: those of `webhooks`, and the one that `risk` has for alarms alone. */
export function receiversOf({ webhooks, risk }: Pick<Config, 'webhooks' | 'risk'>): readonly WebhookConfig[] {
  return [...webhooks, ...(risk?.webhook ? [risk.webhook] : [])];
}
