import { z } from 'zod';
import { type Address, address } from './config-fields.ts';

export const API_DEFAULTS = { requestsPerMinute: 600 } as const;

export interface ApiConfig {
  readonly listen: Address;
  /** Of one grant, on all nodes together. */
  readonly requestsPerMinute: number;
}

/** `api`: whether, and where, models answer over HTTP. Without the key they do not. */
export const apiField = z
  .strictObject({
    listen: address,
    requestsPerMinute: z.int().min(1).max(60_000).default(API_DEFAULTS.requestsPerMinute),
  })
  .nullable()
  .default(null);
