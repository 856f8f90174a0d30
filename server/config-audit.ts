import { z } from 'zod';
import type { UpstreamTarget } from '../proxy/ports.ts';
import { type configFields, duration } from './config-fields.ts';
import { serverFields, serverOf } from './config-upstream.ts';

export const AUDIT_DEFAULTS = {
  spool: './var/audit',
  fsync: 'never',
  schema: 'postern_audit',
  keep: '7d',
  checkpoints: '1m',
} as const;

export interface StoreConfig extends UpstreamTarget {
  readonly schema: string;
}

export interface AuditConfig {
  /** Absolute directory. */
  readonly spool: string;
  /** `never`: what is committed survives the death of the process; `commit`: also that of the machine. */
  readonly fsync: 'never' | 'commit';
  /** null: the spool is all there is. */
  readonly store: StoreConfig | null;
  /** How long segments of the spool stay that the store has, ms; null: for good. */
  readonly keep: number | null;
  /** How long events stay in the store, ms; null: for good. */
  readonly retention: number | null;
  /** How often the ends of streams are signed, ms. */
  readonly checkpoints: number;
  /** PEM of the Ed25519 key that they are signed by; null: one that is made, and kept with the spool. */
  readonly checkpointKey: string | null;
  /** PEM of public keys that others sign by, or this node once did: of other nodes, or from before a key was replaced. */
  readonly checkpointKeys: readonly string[];
}

const SCHEMA = /^[a-z_][a-z0-9_]{0,62}$/;

/** `audit`: where the trail is kept, and for how long. */
export function auditField(fields: ReturnType<typeof configFields>) {
  const { path, pem } = fields;
  const schema = z
    .string()
    .regex(SCHEMA, 'is not a name of lower-case letters, digits and underscores')
    .default(AUDIT_DEFAULTS.schema);
  const store = z.preprocess(
    (value) => (typeof value === 'string' ? { url: value } : value),
    z
      .strictObject({ ...serverFields(fields), schema })
      .transform(({ schema, ...server }): StoreConfig => ({ ...serverOf(server), schema }))
      .nullable(),
  );
  return z
    .strictObject({
      spool: path.prefault(AUDIT_DEFAULTS.spool),
      store: store.default(null),
      fsync: z.enum(['never', 'commit']).default(AUDIT_DEFAULTS.fsync),
      keep: duration.nullable().prefault(AUDIT_DEFAULTS.keep),
      retention: duration.nullable().default(null),
      checkpoints: duration.prefault(AUDIT_DEFAULTS.checkpoints),
      checkpointKey: pem.nullable().default(null),
      checkpointKeys: z.array(pem).default([]),
    })
    .prefault({});
}
