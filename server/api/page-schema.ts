/** Long lists come in pages: each tells how to ask for the next. */
import { z } from 'zod';

/** In a query string, where all is text. */
export const limitField = (most: number, usual: number) =>
  z
    .string()
    .regex(/^[1-9]\d{0,3}$/)
    .refine((text) => Number(text) <= most, `is more than ${most}`)
    .default(String(usual))
    .transform(Number)
    .describe(`At most this many, up to ${most}; ${usual} if absent.`);

export const cursorField = z
  .string()
  .min(1)
  .max(4_000)
  .exactOptional()
  .describe('`next` of the page before, with the same question; absent: from the beginning.');

export const nextField = z
  .string()
  .nullable()
  .describe(
    '`cursor` of the next page, which may be there though this one is not full; null: there is none.',
  );

/** Unix ms. */
export const instant = z.iso
  .datetime()
  .transform((text) => Date.parse(text))
  .describe('ISO 8601 UTC.');
