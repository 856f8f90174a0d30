import { z } from 'zod';
import type { Action, GrantAction, Scope } from '../guardrails/types.ts';
import { networkFault } from './address-filter.ts';
import { GRANT_ID } from './token.ts';

/** A record, so that an action added to the guardrails fails to compile until it is here. */
export const ACTIONS = Object.keys({
  select: true,
  insert: true,
  update: true,
  delete: true,
  truncate: true,
  create: true,
  alter: true,
  drop: true,
  export: true,
  execute: true,
  admin: true,
} satisfies Record<Action, true>) as Action[];
const GRANT_ACTIONS: readonly GrantAction[] = [...ACTIONS, 'score'];

/** Bound on `connections` where a grant names none: GUIs open many connections at any moment. */
const DEFAULT_CONNECTIONS = 8;

/** Printable, without control characters that could forge a line of a log or a terminal. */
const text = (max: number) =>
  z
    .string()
    .max(max)
    .refine((value) => !/\p{Cc}/u.test(value), 'has control characters');
const name = (max: number) => text(max).min(1, 'is empty');
const count = (min: number) => z.int().min(min).nullable().default(null);

const actions = z
  .array(z.enum([...GRANT_ACTIONS, '*'], { error: `is not one of ${GRANT_ACTIONS.join(', ')} or *` }))
  .min(1, 'names no action')
  .transform((list) => {
    const all: readonly GrantAction[] = list.includes('*') ? ACTIONS : [];
    return GRANT_ACTIONS.filter((action) => all.includes(action) || list.includes(action));
  });

const scopeLine = z.strictObject({
  actions,
  on: z.array(name(300)).min(1, 'names no resource').max(500),
  /** See ScopeLine. */
  followed: z.literal(true).exactOptional(),
});

export const limitsSchema = z.strictObject({
  /** Rows one statement (or one cursor or portal over its life) may return. */
  rowsPerStatement: count(0),
  /** Rows and bytes of results over the grant's life, over all its connections. */
  rows: count(0),
  bytes: count(0),
  /** Sessions at one time. */
  connections: z.int().min(1).nullable().default(DEFAULT_CONNECTIONS),
  /** Logins, and statements, over the grant's life. */
  logins: count(1),
  statements: count(1),
  /** Networks that clients may come from. null: any. */
  from: z
    .array(z.string().superRefine(refuseBadNetwork))
    .min(1, 'admits no address; use null to admit any')
    .max(100)
    .nullable()
    .default(null),
});

/** What is granted to whom, without the id and the times that the issuer adds. */
export const grantTermsSchema = z.strictObject({
  principal: z.strictObject({
    id: name(128),
    teams: z.array(name(128)).max(100).default([]),
    /** Whom an agent works for. */
    actsFor: name(128).exactOptional(),
  }),
  database: name(63),
  scope: z.array(scopeLine).min(1, 'allows nothing').max(500),
  limits: limitsSchema.prefault({}),
  outOfScope: z.enum(['deny', 'hold']).default('deny'),
  reason: text(2000).default(''),
  ticket: name(200).nullable().default(null),
  approvedBy: z.array(name(128)).max(20).default([]),
});

const instant = z.iso.datetime({ error: 'is not a UTC time such as 2026-01-31T12:00:00.000Z' });

/** The grant form of the manual. Unknown keys are refused, at every level. */
export const grantSchema = grantTermsSchema.extend({
  id: z.string().regex(GRANT_ID, 'is not a grant id (a letter and seven letters or digits, lower case)'),
  issuedAt: instant,
  expiresAt: instant,
});

export interface GrantLimits {
  readonly rowsPerStatement: number | null;
  readonly rows: number | null;
  readonly bytes: number | null;
  readonly connections: number | null;
  readonly logins: number | null;
  readonly statements: number | null;
  readonly from: readonly string[] | null;
}

export interface GrantTerms {
  readonly principal: {
    readonly id: string;
    readonly teams: readonly string[];
    /** Whom an agent works for. */
    readonly actsFor?: string;
  };
  readonly database: string;
  /** `*` in the form stands here as all actions. */
  readonly scope: Scope;
  readonly limits: GrantLimits;
  readonly outOfScope: 'deny' | 'hold';
  readonly reason: string;
  readonly ticket: string | null;
  readonly approvedBy: readonly string[];
}

export interface Grant extends GrantTerms {
  readonly id: string;
  /** ISO 8601 UTC. */
  readonly issuedAt: string;
  readonly expiresAt: string;
}

type DeepReadonly<T> = T extends object ? { readonly [K in keyof T]: DeepReadonly<T[K]> } : T;

/** What a form may leave out has its default in the schema. */
export type GrantTermsInput = DeepReadonly<z.input<typeof grantTermsSchema>>;

/** A form that is not a grant; the message lists every fault with its path. */
export class GrantFormError extends Error {
  override name = 'GrantFormError';
}

/** Throws GrantFormError. */
export function parseGrant(form: unknown): Grant {
  return checked(grantSchema, form);
}

/** Throws GrantFormError. */
export function parseGrantTerms(form: unknown): GrantTerms {
  return checked(grantTermsSchema, form);
}

function checked<T>(schema: z.ZodType<T>, form: unknown): T {
  const result = schema.safeParse(form);
  if (result.success) return deepFreeze(result.data);
  const faults = result.error.issues.map(
    (issue) => `${issue.path.length > 0 ? issue.path.join('.') : 'the grant'}: ${issue.message}`,
  );
  throw new GrantFormError(`not a valid grant: ${faults.join('; ')}`);
}

function refuseBadNetwork(network: string, context: z.RefinementCtx<string>): void {
  const fault = networkFault(network);
  if (fault) context.addIssue({ code: 'custom', message: fault });
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    for (const member of Object.values(value)) deepFreeze(member);
    Object.freeze(value);
  }
  return value;
}
