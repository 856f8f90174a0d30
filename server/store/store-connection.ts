import type { StoreTarget } from '../../audit/store/store-target.ts';
import type { StoreConfig } from '../config-audit.ts';
import { connection } from '../upstream-pool.ts';

/** Where a configuration has the store. */
export const storeTarget = ({ schema, ...server }: StoreConfig): StoreTarget => ({
  connection: connection(server),
  schema,
});
