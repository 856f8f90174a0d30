import type { StoreTarget } from '../../audit/store/store-target.ts';
import { AUDIT_DEFAULTS, type StoreConfig } from '../config-audit.ts';
import { connection } from '../upstream-pool.ts';

/** Where a configuration has the store. */
export const storeTarget = ({ schema, ...server }: StoreConfig): StoreTarget => ({
  connection: connection(server),
  schema,
});

/** The same of a connection string, as libpq has it, and the name of a schema. */
export function storeAt(url: string, schema: string = AUDIT_DEFAULTS.schema): StoreTarget {
  if (!/^[a-z_][a-z0-9_]{0,62}$/.test(schema))
    throw new RangeError('the schema is not a name of lower-case letters, digits and underscores');
  return { connection: { connectionString: url }, schema };
}
