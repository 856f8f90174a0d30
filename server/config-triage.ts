import { z } from 'zod';
import { type configFields, duration } from './config-fields.ts';

export const TRIAGE_DEFAULTS = { model: 'builtin', timeout: '1s' } as const;

export interface TriageConfig {
  /** `builtin`, or the absolute path of a directory: of `postern triage train`, or of a sentence-embedding model. */
  readonly model: string;
  /** How long a request waits for a model that is plugged in, ms. */
  readonly timeout: number;
}

/** `triage`: which model reads requests for access. */
export const triageField = ({ path }: ReturnType<typeof configFields>) =>
  z
    .strictObject({
      model: z.union([z.literal('builtin'), path]).default(TRIAGE_DEFAULTS.model),
      timeout: duration.prefault(TRIAGE_DEFAULTS.timeout),
    })
    .prefault({});
