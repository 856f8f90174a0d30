import { isIP } from 'node:net';
import { z } from 'zod';
import { type configFields, isLoopback, refuse } from './config-fields.ts';

export interface WebhookConfig {
  readonly url: string;
  /** `whsec_` and the HMAC key in base64, as the Standard Webhooks specification has it. */
  readonly secret: string;
  /** Whether messages have the statement, secrets in it replaced. */
  readonly sql: boolean;
}

const URL_FAULT = 'is not a URL such as https://alerts.example/postern';
const SECRET_FAULT =
  'is not whsec_ and base64 of 24 to 64 bytes; make one with: echo whsec_$(openssl rand -base64 32)';
/** 24 bytes are 32 characters, 64 bytes 86 or, padded, 88. */
const SECRET = /^whsec_[A-Za-z0-9+/]{32,86}={0,2}$/;
const NOWHERE = new URL('https://nowhere.invalid');

/** `risk.webhook`: where alarms are sent to. TLS is required, but to this machine and to hosts that `plain` names. */
export function webhookField({ secret }: ReturnType<typeof configFields>) {
  const url = secret.transform((text, context) => {
    const parsed = URL.canParse(text) ? new URL(text) : null;
    if (parsed === null || !/^https?:$/.test(parsed.protocol)) return refuse(context, URL_FAULT, NOWHERE);
    const fault = urlFault(parsed);
    return fault === null ? parsed : refuse(context, fault, NOWHERE);
  });
  const signing = secret.refine((text) => SECRET.test(text), SECRET_FAULT);
  return z
    .strictObject({
      url,
      secret: signing,
      plain: z.array(z.string().min(1)).max(20).default([]),
      sql: z.boolean().default(false),
    })
    .transform(({ url, secret, plain, sql }, context): WebhookConfig => {
      const host = hostOf(url);
      if (url.protocol === 'http:' && !isLoopback(host) && !plain.includes(host))
        context.addIssue({
          code: 'custom',
          path: ['url'],
          message: 'is not https; hosts that may be told in the clear have to be named under plain',
        });
      return { url: url.href, secret, sql };
    })
    .nullable()
    .default(null);
}

/** Addresses that stand for no one host, or for what only the machine itself is to be told (cloud metadata). */
const NO_HOST = /^(0\.|169\.254\.|22[4-9]\.|23\d\.|2[45]\d\.|::$|fe[89ab]|ff|::ffff:)/i;

function urlFault(url: URL): string | null {
  if (url.username !== '' || url.password !== '')
    return 'has a user or a password in it; messages are signed instead';
  const host = hostOf(url);
  if (isIP(host) !== 0 && NO_HOST.test(host)) return 'is an address of no host that could be told';
  return null;
}

/** WHATWG URLs have brackets around IPv6, and other spellings of IPv4 made plain. */
const hostOf = (url: URL): string => url.hostname.replace(/^\[|\]$/g, '');
