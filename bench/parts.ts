import { bulk } from './bulk/bulk.ts';
import { catalog } from './catalog/catalog.ts';
import { disks } from './disks/disks.ts';
import { growth } from './growth/growth.ts';
import { lengths } from './lengths/lengths.ts';
import { model } from './model/model.ts';
import { neighbours } from './neighbours/neighbours.ts';
import { orm } from './orm/orm.ts';
import type { Part } from './part.ts';
import { rates } from './rates/rates.ts';
import { sessions } from './sessions/sessions.ts';

/** In the order in which they are measured. */
export const PARTS: readonly Part[] = [
  rates,
  lengths,
  orm,
  disks,
  bulk,
  sessions,
  neighbours,
  model,
  catalog,
  growth,
];
