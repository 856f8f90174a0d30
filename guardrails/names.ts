/** What unqualified names may mean to a session, and how they are looked up: search_path, pg_catalog, temporary objects. */
import type { Catalog, Relation, Routine } from './catalog.ts';
import type { FunctionNeed } from './facts.ts';
import { GrowingNames } from './growing-names.ts';
import { mayTake } from './overloads.ts';
import { systemRelation } from './system-relations.ts';
import type { Action } from './types.ts';

/**
 * The state of a session's names. It over-approximates, since a rollback or a failure may undo any of it: every path
 * that may be in force is in it, and every object that may exist.
 */
export interface Names {
  /** The search paths of which one is in force; null: any. */
  readonly paths: readonly (readonly string[])[] | null;
  /** Objects that the session has made, dropped or renamed, temporary ones in `pg_temp`. */
  readonly made: readonly MadeName[];
  /** Schemas that it has made, dropped or renamed: they may be there or not. */
  readonly schemas?: readonly string[];
}

export interface QualifiedName {
  readonly schema: string;
  readonly name: string;
}

/** Actions of which the catalog does not tell what they reach, or tells it wrong as long as our transaction is open. */
export type Veil = readonly Action[];

/** A view, whose base is written to; a parent of what was a relation of its own. */
export const VEILED_WRITES: Veil = ['insert', 'update', 'delete'];
/** It had another name, and all that hangs on it is under that. */
export const VEILED_WHOLLY: Veil = [...VEILED_WRITES, 'select', 'export', 'truncate'];

export interface MadeName extends QualifiedName {
  readonly veil?: Veil;
  /** Dropped, or renamed to something else: what the catalog has under this name may be there or not. */
  readonly gone?: true;
}

/** Stands in a path for the session's initial search_path, as the catalog has it. */
const DEFAULT_PATH = '\0default';

export const INITIAL_NAMES: Names = { paths: [[DEFAULT_PATH]], made: [] };
export const NO_CHANGES: Names = { paths: [], made: [] };

export const TEMPORARY = 'pg_temp';

/** What may hold after `added`, which is either let pass or not. */
export function addedNames(before: Names, added: Names): Names {
  if (added.paths?.length === 0 && added.made.length === 0 && added.schemas === undefined) return before;
  const names = new GrowingNames(before);
  names.add(added);
  return names.current;
}

/** The session's changes of the catalog can be seen in it by now: but for temporary objects, it tells all about them. */
export function settledNames(names: Names): Names {
  const made = names.made.filter(({ schema }) => schema === TEMPORARY);
  const settled = made.length === names.made.length && names.schemas === undefined;
  return settled ? names : { paths: names.paths, made };
}

/** A relation that a name may stand for. `relation` is undefined where only its name is known. */
export interface Candidate extends QualifiedName {
  readonly relation: Relation | undefined;
  readonly veil: Veil;
  /** It is there, for all that is known. */
  readonly sure: boolean;
}

/** Every relation that the name may stand for; none if it is not known. */
export function relationsMeant(
  schema: string | null,
  name: string,
  catalog: Catalog,
  names: Names,
): readonly Candidate[] {
  const made = names.made.filter((item) => item.name === name);
  const inSchema = (each: string) => candidatesIn(each, name, catalog, made);
  if (schema !== null) return inSchema(schema);
  const temporary = made.some((item) => item.schema === TEMPORARY) ? inSchema(TEMPORARY) : [];
  if (names.paths === null)
    return dedupe([
      ...temporary,
      ...['pg_catalog', ...[...catalog.relationsNamed(name), ...made].map(({ schema }) => schema)].flatMap(
        inSchema,
      ),
    ]);
  return dedupe([
    ...temporary,
    ...names.paths.flatMap((path) => alongPath(schemasOf(path, catalog), inSchema, names)),
  ]);
}

/** The first relation of the path that is known for sure, and those before it that may exist. */
const alongPath = (
  path: readonly string[],
  inSchema: (schema: string) => readonly Candidate[],
  { schemas = [] }: Names,
): readonly Candidate[] => {
  const found: Candidate[] = [];
  for (const schema of path.includes('pg_catalog') ? path : ['pg_catalog', ...path]) {
    const here = inSchema(schema);
    found.push(...here);
    if (here.some(({ sure }) => sure) && !schemas.includes(schema)) break;
  }
  return found;
};

const schemasOf = (path: readonly string[], catalog: Catalog): readonly string[] =>
  path.flatMap((schema) => {
    if (schema === DEFAULT_PATH) return catalog.searchPath;
    return [schema === '$user' ? catalog.user : schema];
  });

const candidatesIn = (
  schema: string,
  name: string,
  catalog: Catalog,
  made: readonly MadeName[],
): readonly Candidate[] => {
  const here = made.filter((item) => item.schema === schema);
  const relation = schema === TEMPORARY ? undefined : catalog.relation(schema, name);
  const inCatalog = relation !== undefined || (catalog.assumed === true && assumedIn(schema, name));
  const known = inCatalog || schema === TEMPORARY || here.some(({ gone }) => gone !== true);
  const sure = inCatalog && !here.some(({ gone }) => gone);
  return known ? [{ schema, name, relation, veil: veilOf(here), sure }] : [];
};

const veilOf = (made: readonly MadeName[]): Veil => made.flatMap(({ veil = [] }) => veil);

/** A relation that is reached by way of another. */
export const reached = (relation: Relation, { made }: Names): Candidate => {
  const { schema, name } = relation;
  return {
    schema,
    name,
    relation,
    veil: veilOf(made.filter((item) => item.schema === schema && item.name === name)),
    sure: true,
  };
};

/** Without a database: system relations are those on the list, and all else is where it is said to be. */
const assumedIn = (schema: string, name: string): boolean =>
  schema !== 'pg_catalog' || systemRelation(schema, name) !== undefined;

const dedupe = (candidates: readonly Candidate[]): readonly Candidate[] => [
  ...new Map(candidates.map((item) => [`${item.schema}\0${item.name}`, item])).values(),
];

/** A call, as far as its syntax tells which function it means. */
export interface Call {
  readonly schema: string | null;
  readonly args?: number;
  readonly written?: FunctionNeed['written'];
}

/** User-defined routines among those given that a call by their name may reach. */
export function routinesMeant(
  { schema, args, written = [] }: Call,
  routines: readonly Routine[],
  catalog: Catalog,
  names: Names,
): readonly Routine[] {
  const fitting =
    args === undefined
      ? routines
      : routines.filter((routine) => takes(routine, args) && mayTake(routine, written, catalog));
  if (schema !== null) return fitting.filter((routine) => routine.schema === schema);
  const { paths } = names;
  if (paths === null) return fitting;
  const searched = paths.map((path) => schemasOf(path, catalog));
  return fitting.filter((routine) => searched.some((path) => finds(path, routine)));
}

const takes = ({ least = 0, most = null }: Routine, args: number): boolean =>
  args >= least && (most === null || args <= most);

/** Where pg_catalog is not in the path it is searched first; superusers can make functions in it. */
const finds = (path: readonly string[], { schema, shadowed }: Routine): boolean =>
  schema === 'pg_catalog' || (path.includes(schema) && (shadowed !== true || path.includes('pg_catalog')));

/** Every schema that an unqualified name may be looked up in; null: any. */
export const schemasSearched = (catalog: Catalog, names: Names): readonly string[] | null =>
  names.paths === null ? null : [...new Set(names.paths.flatMap((path) => schemasOf(path, catalog)))];

/** Those of them that there may be. */
export const schemasPresent = (catalog: Catalog, names: Names): readonly string[] | null =>
  schemasSearched(catalog, names)?.filter((schema) => mayExist(schema, catalog, names)) ?? null;

const mayExist = (schema: string, catalog: Catalog, { schemas = [] }: Names): boolean =>
  schemas.includes(schema) || catalog.schemaExists(schema);

/** The schemas in which an unqualified new object may come to be; null: unknown. */
export function creationSchemas(catalog: Catalog, names: Names): readonly string[] | null {
  if (names.paths === null) return null;
  const { schemas = [] } = names;
  const first = names.paths.flatMap((path) => {
    const present = schemasOf(path, catalog).filter(
      (schema) => schema === TEMPORARY || mayExist(schema, catalog, names),
    );
    const sure = present.findIndex((schema) => !schemas.includes(schema));
    return sure < 0 ? present : present.slice(0, sure + 1);
  });
  return [...new Set(first)];
}
