import { z } from 'zod';
import type { RedisTarget } from '../access/redis.ts';
import { address, type configFields, describeFault, duration, refuse } from './config-fields.ts';

const NOWHERE: RedisTarget = { kind: 'single', url: '' };

/**
 * `redis`: a URL, a list of Cluster nodes (`host:port`), or an object with `url`, `cluster` or `sentinels`, for
 * credentials, TLS, an authority of one's own, and `timeout`: how long a command may take.
 */
export function redisField({ secret, pem }: ReturnType<typeof configFields>) {
  const url = secret.transform((text, context) => {
    const valid = URL.canParse(text) && /^rediss?:$/.test(new URL(text).protocol);
    return valid
      ? text
      : refuse(context, 'is not a URL such as redis://127.0.0.1:6379/0 or rediss://host:6380', '');
  });
  const nodes = z.array(address).min(1, 'names no node');
  const authority = z.strictObject({ ca: pem.optional() });
  const tls = z.union([authority, z.literal(true)], { error: 'is neither true nor an object with ca' });
  const timeout = duration.optional();
  const login = {
    timeout,
    username: z.string().optional(),
    password: secret.optional(),
    tls: tls.transform((value) => (value === true ? {} : value)).optional(),
  };

  const single = z
    .strictObject({ url, ca: pem.optional(), timeout })
    .transform((form): RedisTarget => ({ kind: 'single', ...form }));
  const cluster = z
    .strictObject({ cluster: nodes, ...login })
    .transform(({ cluster, ...rest }): RedisTarget => ({ kind: 'cluster', nodes: cluster, ...rest }));
  const sentinel = z
    .strictObject({
      sentinels: nodes,
      master: z.string().min(1),
      db: z.int().min(0).optional(),
      sentinelPassword: secret.optional(),
      ...login,
    })
    .transform(({ sentinels, ...rest }): RedisTarget => ({ kind: 'sentinel', nodes: sentinels, ...rest }));

  return z.unknown().transform((value, context): RedisTarget => {
    if (Array.isArray(value)) return checked(cluster, { cluster: value }, context, 1);
    if (typeof value === 'string') return checked(single, { url: value }, context, 1);
    if (has(value, 'sentinels')) return checked(sentinel, value, context);
    if (has(value, 'cluster')) return checked(cluster, value, context);
    if (has(value, 'url')) return checked(single, value, context);
    const missing = value === undefined ? 'is missing; it ' : '';
    return refuse(
      context,
      `${missing}needs a URL, a list of nodes, or an object with url, cluster or sentinels`,
      NOWHERE,
    );
  });
}

/** `implied`: how many keys at the start of a path the short forms leave out. */
function checked(
  schema: z.ZodType<RedisTarget>,
  value: unknown,
  context: z.RefinementCtx,
  implied = 0,
): RedisTarget {
  const result = schema.safeParse(value, { error: describeFault });
  if (result.success) return result.data;
  for (const issue of result.error.issues) {
    context.issues.push({ ...issue, path: issue.path.slice(implied), input: undefined });
  }
  return NOWHERE;
}

function has(value: unknown, key: string): boolean {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, key);
}
