import { z } from 'zod';
import type { UpstreamTarget, UpstreamTls } from '../proxy/ports.ts';
import { type configFields, isLoopback, refuse } from './config-fields.ts';
import { type HoldConfig, holdField } from './config-hold.ts';

const TLS_MODES = [
  'disable',
  'require',
  'verify-ca',
  'verify-full',
] as const satisfies readonly UpstreamTls['mode'][];
/** `observe`: what a grant does not cover is recorded and let pass (docs/decisions/0012). */
export const MODES = ['enforce', 'observe'] as const;
export type Mode = (typeof MODES)[number];

/**
 * Under which database role sessions run: the `service` role; one for each grant with just its privileges (`ephemeral`),
 * which refuses grants that no privileges stand for; or that one, and the service role for such grants.
 */
export const ROLES = ['service', 'ephemeral', 'ephemeral-or-service'] as const;
export type Roles = (typeof ROLES)[number];

/** A database that clients can ask for. */
export interface DatabaseTarget extends UpstreamTarget {
  readonly mode: Mode;
  readonly roles: Roles;
  readonly hold: HoldConfig;
}

const EXAMPLE = 'such as postgresql://role:password@host:5432/database';

type ParsedUrl = Omit<UpstreamTarget, 'tls'> & { readonly sslmode: UpstreamTls['mode'] };
const NOWHERE: ParsedUrl = { host: '', port: 0, database: '', user: '', password: null, sslmode: 'disable' };

/**
 * A server, and who connects to it. `sslmode` may stand in the URL; without one, TLS is verified in full except to this
 * machine.
 */
export function serverFields({ secret, pem }: ReturnType<typeof configFields>) {
  const url = secret.transform((text, context): ParsedUrl => {
    const parsed = URL.canParse(text) ? new URL(text) : null;
    const fault = parsed ? urlFault(parsed) : `is not a URL ${EXAMPLE}`;
    return parsed && fault === null ? readUrl(parsed) : refuse(context, fault ?? '', NOWHERE);
  });
  const tls = z
    .strictObject({
      mode: z.enum(TLS_MODES).optional(),
      ca: pem.optional(),
      cert: pem.optional(),
      key: pem.optional(),
    })
    .refine(({ cert, key }) => (cert === undefined) === (key === undefined), 'cert and key go together')
    .prefault({});
  return { url, password: secret.optional(), tls };
}

type ServerSchemas = ReturnType<typeof serverFields>;
interface ServerFields {
  readonly url: ParsedUrl;
  readonly password?: string | undefined;
  readonly tls: z.output<ServerSchemas['tls']>;
}

/** What `serverFields` come to. */
export function serverOf({ url, password, tls }: ServerFields): UpstreamTarget {
  const { sslmode, ...target } = url;
  const { mode, ca, cert, key } = tls;
  return {
    ...target,
    password: password ?? target.password,
    tls: {
      mode: mode ?? sslmode,
      ...(ca !== undefined && { ca }),
      ...(cert !== undefined && { cert }),
      ...(key !== undefined && { key }),
    },
  };
}

/** `databases.<name>`: the upstream and the service role. */
export function upstreamField(fields: ReturnType<typeof configFields>) {
  return z
    .strictObject({
      ...serverFields(fields),
      mode: z.enum(MODES).optional(),
      roles: z.enum(ROLES).default('service'),
      hold: holdField,
    })
    .transform(({ url, password, tls, mode, roles, hold }) => ({
      ...serverOf({ url, password, tls }),
      ...(mode !== undefined && { mode }),
      roles,
      hold,
    }));
}

function urlFault(url: URL): string | null {
  if (!/^postgres(ql)?:$/.test(url.protocol)) return `is not a URL ${EXAMPLE}`;
  if (url.hostname === '' || url.username === '' || url.pathname.length < 2)
    return `lacks a part of a URL ${EXAMPLE}`;
  if (!decodable(url.username + url.password + url.pathname))
    return 'has a % that is not followed by two hex digits';
  for (const [name, value] of url.searchParams) {
    if (name !== 'sslmode') return 'has a parameter other than sslmode';
    if (!TLS_MODES.some((mode) => mode === value))
      return `has an sslmode that is not one of ${TLS_MODES.join(', ')}`;
  }
  return null;
}

function readUrl(url: URL): ParsedUrl {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  return {
    host,
    port: Number(url.port || 5432),
    database: decodeURIComponent(url.pathname.slice(1)),
    user: decodeURIComponent(url.username),
    password: url.password === '' ? null : decodeURIComponent(url.password),
    sslmode:
      TLS_MODES.find((mode) => mode === url.searchParams.get('sslmode')) ??
      (isLoopback(host) ? 'disable' : 'verify-full'),
  };
}

function decodable(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}
