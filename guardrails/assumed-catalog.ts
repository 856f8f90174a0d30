/** A catalog for when there is no database to ask: names stand for what they seem to. */
import type { Catalog, Dependent } from './catalog.ts';

const UNKNOWN: readonly Dependent[] = [{ of: 'other', catalog: 'pg_depend' }];

export const ASSUMED_CATALOG: Catalog = Object.freeze({
  assumed: true,
  origin: '',
  version: 0,
  serverVersion: 180000,
  encoding: 'UTF8',
  user: '',
  searchPath: ['public'],
  searchPathSetting: '"$user", public',
  eventTriggers: [],
  builtinCasts: [],
  schemaExists: () => true,
  relation: () => undefined,
  relationsNamed: () => [],
  routinesNamed: () => [],
  operatorRoutines: () => [],
  systemOperatorRoutines: () => [],
  operatorMakesTypes: () => false,
  routinesUsingType: () => [],
  typesOfRelation: () => [],
  typesNamed: () => [],
  typeRoutines: () => null,
  literalRoutines: () => [],
  castsInto: () => [],
  routinesOfType: () => null,
  castRoutines: () => [],
  fieldCastRoutines: () => [],
  dependentsOf: () => UNKNOWN,
  dependentsOfSchema: () => UNKNOWN,
  typeExists: () => false,
});
