import { bulk } from './bulk/bulk.ts';
import { disks } from './disks/disks.ts';
import { lengths } from './lengths/lengths.ts';
import { neighbours } from './neighbours/neighbours.ts';
import type { Part } from './part.ts';
import { rates } from './rates/rates.ts';
import { sessions } from './sessions/sessions.ts';

/** In the order in which they are measured. */
export const PARTS: readonly Part[] = [rates, lengths, disks, bulk, sessions, neighbours];
