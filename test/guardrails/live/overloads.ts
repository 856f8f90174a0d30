import { classifyBuiltin } from '../../../guardrails/builtin-functions.ts';
import type { Server } from '../servers.ts';
import { liveServer, SUPPORTED } from './server.ts';

/**
 * The lists know functions by name alone. So each overload that a version has added to the name of a harmless function
 * is reviewed here: all of these compute from their arguments, or read the catalog.
 */
const REVIEWED = new Set(
  `
  array_append(anycompatiblearray, anycompatible)
  array_cat(anycompatiblearray, anycompatiblearray)
  array_position(anycompatiblearray, anycompatible)
  array_position(anycompatiblearray, anycompatible, integer)
  array_positions(anycompatiblearray, anycompatible)
  array_prepend(anycompatible, anycompatiblearray)
  array_remove(anycompatiblearray, anycompatible)
  array_replace(anycompatiblearray, anycompatible, anycompatible)
  generate_series(timestamp with time zone, timestamp with time zone, interval, text)
  int2(bytea)
  int4(bytea)
  int8(bytea)
  interval_avg(internal)
  isempty(anymultirange)
  json_strip_nulls(json, boolean)
  jsonb_strip_nulls(jsonb, boolean)
  lag(anycompatible, integer, anycompatible)
  lead(anycompatible, integer, anycompatible)
  lower(anymultirange)
  lower_inc(anymultirange)
  lower_inf(anymultirange)
  ltrim(bytea, bytea)
  max(bytea)
  max(record)
  max(xid8)
  min(bytea)
  min(record)
  min(xid8)
  pg_get_publication_tables(text[])
  random(bigint, bigint)
  random(integer, integer)
  random(numeric, numeric)
  range_agg(anymultirange)
  range_merge(anymultirange)
  regexp_replace(text, text, text, integer)
  regexp_replace(text, text, text, integer, integer)
  regexp_replace(text, text, text, integer, integer, text)
  reverse(bytea)
  rtrim(bytea, bytea)
  timezone(time with time zone)
  timezone(timestamp with time zone)
  timezone(timestamp without time zone)
  unnest(anymultirange)
  upper(anymultirange)
  upper_inc(anymultirange)
  upper_inf(anymultirange)
  width_bucket(anycompatible, anycompatiblearray)
`
    .trim()
    .split(/\n\s*/),
);

/** Overloads of harmless names that no older version has, as `version: signature`: the unreviewed ones. */
export async function unreviewedOverloads(): Promise<readonly string[]> {
  const older = new Map<string, Set<string>>();
  const found: string[] = [];
  for (const version of SUPPORTED) {
    const now = Map.groupBy(await harmlessSignatures(await liveServer(version)), ({ name }) => name);
    for (const [name, overloads] of now) {
      const known = older.get(name);
      const added = overloads.filter(({ signature }) => known?.has(signature) === false);
      found.push(...added.map(({ signature }) => `${version}: ${signature}`));
      older.set(name, new Set([...(known ?? []), ...overloads.map(({ signature }) => signature)]));
    }
  }
  return found.filter((each) => !REVIEWED.has(each.slice(each.indexOf(' ') + 1)));
}

async function harmlessSignatures(server: Server) {
  const rows = await server.query<{ name: string; signature: string }>(
    `select proname as name, proname || '(' || oidvectortypes(proargtypes) || ')' as signature from pg_proc
     where pronamespace::regnamespace::text in ('pg_catalog', 'information_schema') and oid < 16384`,
  );
  return rows.filter(({ name }) => classifyBuiltin(name) === 'harmless');
}
