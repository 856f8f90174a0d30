/**
 * server/: the composition root. The configuration file becomes one frozen value here; nothing else reads the
 * environment.
 *
 * Every fault is reported at once, with its line and column. Unknown keys are refused. Secrets may be `env:NAME` or
 * `file:PATH`, and no message ever quotes a value.
 */
import { hostname } from 'node:os';
import { dirname, resolve } from 'node:path';
import { z } from 'zod';
import type { RedisTarget } from '../access/redis.ts';
import { MIN_SIGNING_KEY } from '../access/signing.ts';
import { type ApiConfig, apiField } from './config-api.ts';
import { AUDIT_DEFAULTS, type AuditConfig, auditField } from './config-audit.ts';
import { ConfigDocument, ConfigError, faultsOf, readConfigText } from './config-document.ts';
import {
  type Address,
  address,
  type ConfigSources,
  configFields,
  describeFault,
  duration,
  isLoopback,
  size,
} from './config-fields.ts';
import { type OperatorMessage, operatorMessages } from './config-messages.ts';
import { redisField } from './config-redis.ts';
import { type RiskConfig, riskField } from './config-risk.ts';
import { type TriageConfig, triageField } from './config-triage.ts';
import { type DatabaseTarget, MODES, type Mode, upstreamField } from './config-upstream.ts';
import { refuseSameReceivers, type WebhookConfig, webhooksField } from './config-webhook.ts';

/** What holds where the file says nothing, in the file's own form. */
export const DEFAULTS = {
  listen: '127.0.0.1:6432',
  signingKey: 'env:POSTERN_SIGNING_KEY',
  mode: 'enforce',
  audit: AUDIT_DEFAULTS,
  metrics: { listen: '127.0.0.1:9432' },
  limits: {
    startupTimeout: '15s',
    statementBytes: '16MiB',
    messageBytes: '64MiB',
    grace: '10s',
  },
  keepalive: '60s',
  drainTimeout: '30s',
  workers: 'auto',
  logLevel: 'info',
  logStatements: false,
} as const;

const WORKERS_FAULT = 'is neither auto nor a number from 1 to 1024';

export interface Config {
  /** Absolute path of the file. */
  readonly file: string;
  /** Name of this machine in the trail and the session list. */
  readonly node: string;
  readonly listen: Address;
  /** Where clients find the proxy, if that is not where it listens: behind a load balancer, say. */
  readonly advertise: Address;
  /** PEM texts. */
  readonly tls: { readonly cert: string; readonly key: string } | null;
  readonly redis: RedisTarget;
  readonly signingKey: string;
  /** By the name that grants and clients use. Has no prototype. */
  readonly databases: Readonly<Record<string, DatabaseTarget>>;
  /** Of databases that name none of their own. */
  readonly mode: Mode;
  /** What the operator adds to denials; the first that matches a missing need speaks. */
  readonly messages: readonly OperatorMessage[];
  readonly audit: AuditConfig;
  /** Absolute path. */
  readonly policy: string | null;
  /** Who is told of what becomes of requests, grants and held statements. */
  readonly webhooks: readonly WebhookConfig[];
  /** null: nothing is scored. */
  readonly risk: RiskConfig | null;
  readonly triage: TriageConfig;
  /** null: there is no HTTP API. */
  readonly api: ApiConfig | null;
  /** Prometheus metrics, health and readiness. */
  readonly metrics: { readonly listen: Address } | null;
  /** Times in ms, sizes in bytes. */
  readonly limits: {
    readonly startupTimeout: number;
    readonly statementBytes: number;
    readonly messageBytes: number;
    /** How long sessions go on without Redis. */
    readonly grace: number;
  };
  /** ms of silence before TCP asks whether the peer is still there. */
  readonly keepalive: number;
  /** ms that open sessions have to end after SIGTERM. */
  readonly drainTimeout: number;
  /** `auto`: as many as cores. */
  readonly workers: number | 'auto';
  readonly logLevel: 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent';
  /** Whether the log shows SQL. The trail always does. */
  readonly logStatements: boolean;
}

type Environment = ConfigSources['env'];

/** The file that `--config` names, else $POSTERN_CONFIG, else ./postern.yaml. */
export function configFile(option: string | undefined, env: Environment = process.env): string {
  return option ?? env.POSTERN_CONFIG ?? 'postern.yaml';
}

/** For a child process: our environment and these variables. */
export function childEnvironment(extra: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
  return { ...process.env, ...extra };
}

/** Reads and checks a configuration file. Throws ConfigError with every fault in it. */
export function loadConfig(path: string, env: Environment = process.env): Config {
  const file = resolve(path);
  return parseConfig(file, readConfigText(file, 'name it with --config or POSTERN_CONFIG'), {
    env,
    directory: dirname(file),
  });
}

function parseConfig(file: string, text: string, sources: ConfigSources): Config {
  const document = new ConfigDocument(text);
  if (document.faults.length > 0) throw new ConfigError(file, document.faults);
  const result = configSchema(sources).safeParse(document.value, { error: describeFault });
  if (!result.success) throw new ConfigError(file, faultsOf(document, result.error.issues));
  const { listen, advertise, databases, ...rest } = result.data;
  const targets = Object.entries(databases).map(([name, { mode = rest.mode, ...target }]) => [
    name,
    { ...target, mode },
  ]);
  return deepFreeze({
    ...rest,
    file,
    listen,
    advertise: advertise ?? { host: advertisedHost(listen.host), port: listen.port },
    databases: Object.assign(Object.create(null), Object.fromEntries(targets)) as Config['databases'],
  });
}

function configSchema(sources: ConfigSources) {
  const fields = configFields(sources);
  const { path, secret, pem } = fields;
  const signingKey = secret.refine(
    (key) => key.length >= MIN_SIGNING_KEY,
    `needs at least ${MIN_SIGNING_KEY} characters; make one with: openssl rand -hex 32`,
  );
  const databases = z
    .record(z.string().min(1), upstreamField(fields))
    .refine((all) => Object.keys(all).length > 0, 'names no database');
  return z
    .strictObject({
      node: z
        .string()
        .regex(
          /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/,
          'is not a name of letters, digits, dots, dashes and underscores',
        )
        .default(hostname),
      listen: address.prefault(DEFAULTS.listen),
      advertise: address.optional(),
      tls: z.strictObject({ cert: pem, key: pem }).nullable().default(null),
      redis: redisField(fields),
      signingKey: signingKey.prefault(DEFAULTS.signingKey),
      databases,
      mode: z.enum(MODES).default(DEFAULTS.mode),
      messages: operatorMessages.default([]),
      audit: auditField(fields),
      policy: path.nullable().default(null),
      webhooks: webhooksField(fields),
      risk: riskField(fields),
      triage: triageField(fields),
      api: apiField(fields),
      metrics: z.strictObject({ listen: address }).nullable().prefault(DEFAULTS.metrics),
      limits: z
        .strictObject({
          startupTimeout: duration.prefault(DEFAULTS.limits.startupTimeout),
          statementBytes: size.prefault(DEFAULTS.limits.statementBytes),
          messageBytes: size.prefault(DEFAULTS.limits.messageBytes),
          grace: duration.prefault(DEFAULTS.limits.grace),
        })
        .prefault({}),
      keepalive: duration.prefault(DEFAULTS.keepalive),
      drainTimeout: duration.prefault(DEFAULTS.drainTimeout),
      workers: z
        .union([z.literal('auto'), z.int()], { error: WORKERS_FAULT })
        .refine((count) => count === 'auto' || (count >= 1 && count <= 1024), WORKERS_FAULT)
        .default(DEFAULTS.workers),
      logLevel: z
        .enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'])
        .default(DEFAULTS.logLevel),
      logStatements: z.boolean().default(DEFAULTS.logStatements),
    })
    .superRefine(refuseOpenDoors, { when: () => true })
    .superRefine(refuseWalledObservers)
    .superRefine(refuseUnknownDatabases)
    .superRefine(refuseSameReceivers);
}

/**
 * TLS is required outside loopback: tokens, and what is read with them, must not cross a network in the clear. Asked also
 * where other fields have faults and are missing, so that all faults are told at once.
 */
function refuseOpenDoors(
  config: {
    readonly listen?: Address;
    readonly tls?: unknown;
    readonly api?: { readonly listen?: Address } | null;
  },
  context: z.RefinementCtx,
): void {
  if (config.tls) return;
  const doors = [
    { path: ['listen'], address: config.listen },
    { path: ['api', 'listen'], address: config.api?.listen },
  ];
  for (const { path, address } of doors) {
    if (!address?.host || isLoopback(address.host)) continue;
    context.addIssue({
      code: 'custom',
      path,
      message: 'is open to the network, which needs tls (cert and key)',
    });
  }
}

/** A role with the rights of its grant alone would refuse what observing lets pass. */
function refuseWalledObservers(
  { databases, mode: general }: Pick<Config, 'mode'> & { readonly databases: Record<string, Walled> },
  context: z.RefinementCtx,
): void {
  for (const [name, { mode = general, roles }] of Object.entries(databases))
    if (mode === 'observe' && roles !== 'service')
      context.addIssue({
        code: 'custom',
        path: ['databases', name, 'roles'],
        message: 'is not service, and a role of its own refuses what observing lets pass: one or the other',
      });
}

type Walled = Pick<DatabaseTarget, 'roles'> & { readonly mode?: Mode };

/** A message for a database that does not exist is one that is never seen: a slip of the pen. */
function refuseUnknownDatabases(
  { databases, messages }: Pick<Config, 'messages'> & { readonly databases: object },
  context: z.RefinementCtx,
): void {
  for (const [index, message] of messages.entries())
    for (const [place, name] of message.databases.entries())
      if (!Object.hasOwn(databases, name))
        context.addIssue({
          code: 'custom',
          path: ['messages', index, 'databases', place],
          message: 'is not the name of a database of this file',
        });
}

/** Nobody can connect to "all addresses". */
function advertisedHost(host: string): string {
  return host === '0.0.0.0' || host === '::' ? hostname() : host;
}

function deepFreeze<T extends object>(value: T): T {
  for (const member of Object.values(value))
    if (typeof member === 'object' && member !== null) deepFreeze(member);
  return Object.freeze(value);
}
