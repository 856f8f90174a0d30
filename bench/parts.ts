import type { Part } from './part.ts';
import { rates } from './rates/rates.ts';

/** In the order in which they are measured. */
export const PARTS: readonly Part[] = [rates];
