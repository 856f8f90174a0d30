/** Which overloads a call may mean, by how its arguments are written. */
import type { Catalog, Routine } from './catalog.ts';
import type { Written } from './facts.ts';

const NUMBERS = ['smallint', 'integer', 'bigint', 'numeric', 'real', 'double precision'];
const TEXTS = ['text', 'character varying', 'character', 'name'];
const OTHERS = [
  ...['json', 'jsonb', 'uuid', 'date', 'interval', 'bytea', 'xml', 'inet', 'cidr'],
  ...['time without time zone', 'time with time zone'],
  ...['timestamp without time zone', 'timestamp with time zone'],
  ...[...NUMBERS, ...TEXTS, 'boolean', 'uuid', 'jsonb'].map((type) => `${type}[]`),
];

/** Types that no built-in cast which applies by itself leads to (pg_cast.castcontext `i`, PostgreSQL 13-18). */
const OUT_OF_REACH: Readonly<Record<Written, ReadonlySet<string>>> = {
  integer: new Set([...TEXTS, ...OTHERS, 'boolean']),
  numeric: new Set([...TEXTS, ...OTHERS, 'boolean', 'smallint', 'integer', 'bigint']),
  boolean: new Set([...TEXTS, ...OTHERS, ...NUMBERS]),
  text: new Set([...OTHERS, ...NUMBERS, 'boolean']),
};

/**
 * False only where PostgreSQL can't make the arguments what the routine takes. Of procedures, whose CALL has OUT arguments
 * among them, and of VARIADIC functions (`most` is null) nothing is told.
 */
export function mayTake(
  { args, most }: Routine,
  written: readonly (Written | null)[],
  catalog: Catalog,
): boolean {
  if (written.length === 0 || most === null || args.includes('"')) return true;
  if (catalog.builtinCasts.length > 0 || catalog.typeExists(null, 'text')) return true;
  const types = args.split(',');
  return written.every((each, at) => each === null || !OUT_OF_REACH[each].has(types[at] ?? ''));
}
