import { isIP } from 'node:net';
import { z } from 'zod';
import { type configFields, isLoopback, refuse } from './config-fields.ts';
import { MESSAGE_TYPES } from './events/message.ts';

export interface WebhookConfig {
  readonly url: string;
  /** `whsec_` and the HMAC key in base64, as the Standard Webhooks specification has it. Each signs each message. */
  readonly secrets: readonly string[];
  /** Types of messages, or groups of them such as `grant.*`; null: all. */
  readonly types: readonly string[] | null;
  /** Whether messages have people's own words, and scopes. */
  readonly details: boolean;
  /** Whether messages have the statement, secrets in it replaced. */
  readonly sql: boolean;
}

const URL_FAULT = 'is not a URL such as https://alerts.example/postern';
const SECRET_FAULT =
  'is not whsec_ and base64 of 24 to 64 bytes; make one with: echo whsec_$(openssl rand -base64 32)';
/** 24 bytes are 32 characters, 64 bytes 86 or, padded, 88. */
const SECRET = /^whsec_[A-Za-z0-9+/]{32,86}={0,2}$/;
const NOWHERE = new URL('https://nowhere.invalid');
/** Those that are about risk alone, and go to where `risk.webhook` says. */
const RISK_TYPES = ['risk.alarm', 'risk.drift'];

type Fields = ReturnType<typeof configFields>;

/** `risk.webhook`: where alarms are sent to. */
export function webhookField(fields: Fields) {
  return z
    .strictObject({ ...receiverFields(fields), sql: z.boolean().default(false) })
    .transform((form, context) => receiver({ ...form, types: RISK_TYPES, details: true }, context))
    .nullable()
    .default(null);
}

/** `webhooks`: who is told of what becomes of requests, grants, held statements and alarms. */
export function webhooksField(fields: Fields) {
  const types = z
    .array(z.string().refine(isType, 'is not a type of event, nor a group of them such as grant.*'))
    .min(1, 'names no type; leave it out for all of them');
  return z
    .array(
      z
        .strictObject({
          ...receiverFields(fields),
          types: types.nullable().default(null),
          details: z.boolean().default(false),
          sql: z.boolean().default(false),
        })
        .transform(receiver),
    )
    .max(20)
    .default([]);
}

/** Each has a queue of its own, by its address: two of them would sign each other's messages. */
export function refuseSameReceivers(
  config: {
    readonly webhooks: readonly WebhookConfig[];
    readonly risk: { readonly webhook: WebhookConfig | null } | null;
  },
  context: z.RefinementCtx,
): void {
  const seen = new Set([config.risk?.webhook?.url]);
  for (const [index, { url }] of config.webhooks.entries()) {
    if (seen.has(url))
      context.addIssue({
        code: 'custom',
        path: ['webhooks', index, 'url'],
        message:
          'is the address of another webhook (risk.webhook is one, too); name it once, with all its types',
      });
    seen.add(url);
  }
}

const isType = (text: string): boolean =>
  MESSAGE_TYPES.some((type) => text === type || text === `${type.split('.')[0]}.*`);

function receiverFields({ secret }: Fields) {
  const url = secret.transform((text, context) => {
    const parsed = URL.canParse(text) ? new URL(text) : null;
    if (parsed === null || !/^https?:$/.test(parsed.protocol)) return refuse(context, URL_FAULT, NOWHERE);
    const fault = urlFault(parsed);
    return fault === null ? parsed : refuse(context, fault, NOWHERE);
  });
  const signing = secret.refine((text) => SECRET.test(text), SECRET_FAULT);
  return {
    url,
    /** One, or several while it is changed. */
    secret: z
      .union([signing, z.array(signing).min(1, 'names none').max(5)])
      .transform((given): readonly string[] => [given].flat()),
    /** Hosts that may be told in the clear. */
    plain: z.array(z.string().min(1)).max(20).default([]),
  };
}

type ReceiverForm = z.output<z.ZodObject<ReturnType<typeof receiverFields>>> &
  Omit<WebhookConfig, 'url' | 'secrets'>;

/** TLS is required, but to this machine and to hosts that `plain` names. */
function receiver({ url, secret, plain, ...rest }: ReceiverForm, context: z.RefinementCtx): WebhookConfig {
  const host = hostOf(url);
  if (url.protocol === 'http:' && !isLoopback(host) && !plain.includes(host))
    context.addIssue({
      code: 'custom',
      path: ['url'],
      message: 'is not https; hosts that may be told in the clear have to be named under plain',
    });
  return { ...rest, url: url.href, secrets: secret };
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
