/**
 * What PostgreSQL's own functions do, by name: reviewed data for PostgreSQL 13-18 (data/*-functions.ts).
 * A name on no list is unknown here, and must be refused.
 */
import { guardedFunctions } from './data/guarded-functions.ts';
import { harmlessFunctions } from './data/harmless-functions.ts';
import { internalFunctions } from './data/internal-functions.ts';
import type { Action } from './types.ts';

export type BuiltinClass = 'harmless' | 'internal' | keyof typeof guardedFunctions;

/**
 * The actions that a call needs on `pg_catalog.name`, all of them, unless its arguments settle it (judgedByArgument).
 * Empty: everyone may call it.
 */
export const classNeeds: Readonly<Record<BuiltinClass, readonly Action[]>> = {
  harmless: [],
  internal: ['execute', 'admin'],
  'runs-sql': ['execute', 'export', 'admin'],
  'reads-other-data': ['execute'],
  files: ['execute', 'export', 'admin'],
  'large-object': ['execute', 'export'],
  session: ['execute', 'admin'],
  server: ['execute', 'admin'],
  signals: ['execute', 'admin'],
  sleeps: ['execute'],
  locks: ['execute'],
  sequence: ['execute'],
  notify: ['execute'],
  export: ['execute', 'export', 'admin'],
};

/** A function whose call is judged by one of its arguments, where that is a literal, instead of by its class. */
export interface ArgumentRule {
  /** Position of the argument, from 0. */
  readonly argument: number;
  /**
   * What the argument names. `sets`: a setting, changed to the next argument's value; not a literal: refuse it.
   * `shows`: a setting, read. `sequence`: a sequence (regclass syntax), which then needs `update`.
   */
  readonly names: 'sets' | 'shows' | 'sequence';
}

export const judgedByArgument: ReadonlyMap<string, ArgumentRule> = new Map([
  ['set_config', { argument: 0, names: 'sets' }],
  ['current_setting', { argument: 0, names: 'shows' }],
  ['nextval', { argument: 0, names: 'sequence' }],
  ['setval', { argument: 0, names: 'sequence' }],
]);

/**
 * Harmless functions that apply a user-defined cast to the named type if the catalog has one for their argument's type:
 * such a call also calls the cast's function.
 */
export const appliesCastsTo: ReadonlyMap<string, 'json' | 'text'> = new Map([
  ...words(`
    array_to_json json_agg json_agg_strict json_build_array json_build_object json_object_agg json_object_agg_strict
    json_object_agg_unique json_object_agg_unique_strict jsonb_agg jsonb_agg_strict jsonb_build_array
    jsonb_build_object jsonb_object_agg jsonb_object_agg_strict jsonb_object_agg_unique
    jsonb_object_agg_unique_strict row_to_json to_json to_jsonb
  `).map((name) => [name, 'json'] as const),
  ...words('anytextcat quote_literal quote_nullable textanycat').map((name) => [name, 'text'] as const),
]);

/** Likewise operators: `||` of text with a value of another type casts that to text. */
export const operatorsApplyingCastsTo: ReadonlyMap<string, 'text'> = new Map([['||', 'text']]);

/**
 * Polymorphic functions of several arguments take a literal for the type of another one: a value of a domain is made, and
 * checked, without the domain being named.
 */
export const takesTypeOfOthers = (name: string): boolean =>
  /^((multi)?range_|array_?|elem_contained_by_|btarraycmp$|lag$|lead$|width_bucket$)/.test(name);

/** Make a row of the type of their first argument, which may be a row of any relation: checks of its domains run. */
export const populatesRows: ReadonlySet<string> = new Set(
  words(`
    json_populate_record json_populate_recordset jsonb_populate_record jsonb_populate_record_valid
    jsonb_populate_recordset populate_record
  `),
);

/** May be called with a row as their only argument, and so be written `x.f`. */
export const takesRow: ReadonlySet<string> = new Set(
  words(`
    any_out any_value anycompatible_out anycompatiblenonarray_out anyelement_out anynonarray_out array_agg concat count
    cume_dist dense_rank hash_record json_agg json_agg_strict json_build_array json_build_object jsonb_agg
    jsonb_agg_strict jsonb_build_array jsonb_build_object max min mode num_nonnulls num_nulls percent_rank
    pg_collation_for pg_column_compression pg_column_size pg_column_toast_chunk_id pg_restore_attribute_stats
    pg_restore_relation_stats pg_typeof quote_literal quote_nullable rank record_out record_send row_to_json to_json
    to_jsonb
  `),
);

interface Reviewed {
  readonly kind: BuiltinClass;
  /** Why it is of that class, as a denial says it. */
  readonly why: string;
  readonly names: readonly string[];
}

const INTERNAL = 'it is machinery of the server that nothing should call';

const reviewed: readonly Reviewed[] = [
  ...Object.entries(harmlessFunctions).map(([why, list]) => group('harmless', why, list)),
  group('internal', INTERNAL, internalFunctions),
  ...Object.entries(guardedFunctions).flatMap(([kind, lists]) =>
    Object.entries(lists).map(([why, list]) => group(kind as keyof typeof guardedFunctions, why, list)),
  ),
];

const byName: ReadonlyMap<string, Reviewed> = new Map(
  reviewed.flatMap((each) => each.names.map((name) => [name, each] as const)),
);

/** The class of a function of pg_catalog or information_schema; undefined: nobody has reviewed that name. */
export function classifyBuiltin(name: string): BuiltinClass | undefined {
  return byName.get(name)?.kind;
}

/** What the function does that needs a grant, for the text of a denial: `it reads files of the server`. */
export function builtinReason(name: string): string {
  return byName.get(name)?.why ?? 'nobody has reviewed what it does';
}

/** The reviewed lists as they stand, so that a test can find a name that stands on two of them. */
export function* builtinLists(): Iterable<readonly [BuiltinClass, readonly string[]]> {
  for (const kind of Object.keys(classNeeds) as readonly BuiltinClass[])
    yield [kind, reviewed.filter((each) => each.kind === kind).flatMap(({ names }) => names)];
}

function group(kind: BuiltinClass, why: string, list: string): Reviewed {
  return { kind, why, names: words(list) };
}

function words(list: string): readonly string[] {
  return list.trim().split(/\s+/);
}
