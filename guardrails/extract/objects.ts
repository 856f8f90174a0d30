/** Objects that ALTER, DROP, COMMENT and their relatives name by kind (`ObjectType`) and a name of varying form. */
import type { ObjectType } from 'libpg-query';
import type { Action } from '../types.ts';
import type { Node, NodeOf } from './nodes.ts';
import { qualified, strings, type Walk } from './walk.ts';

/**
 * How an object is named and what it belongs to. `part`: of a relation, whose name comes before its own. `guard`: as
 * `part`, and it decides what others may see or what happens instead of a statement. `admin`: of the database or server.
 */
type ObjectClass = 'relation' | 'part' | 'guard' | 'function' | 'type' | 'schema' | 'other' | 'admin';

const CLASSES: Readonly<Record<ObjectType, ObjectClass>> = {
  OBJECT_ACCESS_METHOD: 'admin',
  OBJECT_AGGREGATE: 'function',
  OBJECT_AMOP: 'admin',
  OBJECT_AMPROC: 'admin',
  OBJECT_ATTRIBUTE: 'type',
  OBJECT_CAST: 'admin',
  OBJECT_COLUMN: 'part',
  OBJECT_COLLATION: 'other',
  OBJECT_CONVERSION: 'other',
  OBJECT_DATABASE: 'admin',
  OBJECT_DEFAULT: 'part',
  OBJECT_DEFACL: 'admin',
  OBJECT_DOMAIN: 'type',
  OBJECT_DOMCONSTRAINT: 'admin',
  OBJECT_EVENT_TRIGGER: 'admin',
  OBJECT_EXTENSION: 'admin',
  OBJECT_FDW: 'admin',
  OBJECT_FOREIGN_SERVER: 'admin',
  OBJECT_FOREIGN_TABLE: 'relation',
  OBJECT_FUNCTION: 'function',
  OBJECT_INDEX: 'relation',
  OBJECT_LANGUAGE: 'admin',
  OBJECT_LARGEOBJECT: 'admin',
  OBJECT_MATVIEW: 'relation',
  OBJECT_OPCLASS: 'admin',
  OBJECT_OPERATOR: 'other',
  OBJECT_OPFAMILY: 'admin',
  OBJECT_PARAMETER_ACL: 'admin',
  OBJECT_POLICY: 'guard',
  OBJECT_PROCEDURE: 'function',
  OBJECT_PUBLICATION: 'admin',
  OBJECT_PUBLICATION_NAMESPACE: 'admin',
  OBJECT_PUBLICATION_REL: 'admin',
  OBJECT_ROLE: 'admin',
  OBJECT_ROUTINE: 'function',
  OBJECT_RULE: 'guard',
  OBJECT_SCHEMA: 'schema',
  OBJECT_SEQUENCE: 'relation',
  OBJECT_SUBSCRIPTION: 'admin',
  OBJECT_STATISTIC_EXT: 'other',
  OBJECT_TABCONSTRAINT: 'part',
  OBJECT_TABLE: 'relation',
  OBJECT_TABLESPACE: 'admin',
  OBJECT_TRANSFORM: 'admin',
  OBJECT_TRIGGER: 'part',
  OBJECT_TSCONFIGURATION: 'other',
  OBJECT_TSDICTIONARY: 'other',
  OBJECT_TSPARSER: 'admin',
  OBJECT_TSTEMPLATE: 'admin',
  OBJECT_TYPE: 'type',
  OBJECT_USER_MAPPING: 'admin',
  OBJECT_VIEW: 'relation',
};

interface Named {
  readonly kind: ObjectType | undefined;
  readonly object?: Node | undefined;
  readonly relation?: NodeOf<'RangeVar'> | undefined;
  /** IF EXISTS. */
  readonly missingOk?: boolean | undefined;
  /** It is dropped with all that depends on it. */
  readonly cascade?: boolean | undefined;
}

/** `OBJECT_FOREIGN_TABLE` -> `foreign table` */
export const objectWord = (kind: ObjectType | undefined): string =>
  (kind ?? 'object').replace('OBJECT_', '').replaceAll('_', ' ').toLowerCase();

/** Note `action` on the object. An object of a kind that is not known is `admin`. */
export function objectNeed(walk: Walk, action: Action, named: Named): void {
  const { kind, object, relation, missingOk, cascade = false } = named;
  const names = namesOf(object);
  const what: ObjectClass = kind === undefined ? 'admin' : (CLASSES[kind] ?? 'admin');
  switch (what) {
    case 'relation':
      walk.use(action, relation ?? rangeVar(names), { all: true, missingOk, cascade });
      return;
    case 'part':
    case 'guard':
      walk.use('alter', relation ?? rangeVar(names.slice(0, -1)), { all: true, missingOk });
      if (what === 'guard') admin(walk, kind);
      return;
    case 'schema':
      walk.need({ kind: 'schema', action, name: names.at(-1) ?? '', ...(cascade && { cascade }) });
      return;
    case 'function':
    case 'type':
    case 'other': {
      const own =
        relation === undefined
          ? qualified(names)
          : { schema: relation.schemaname ?? null, name: relation.relname ?? '' };
      walk.need({
        kind: 'object',
        action,
        what,
        ...own,
        ...(cascade && { cascade }),
        ...(missingOk === true && { missingOk }),
      });
      if (cascade && what === 'other') anything(walk);
      return;
    }
    case 'admin':
      admin(walk, kind);
      if (cascade) anything(walk);
      return;
    default:
      what satisfies never;
  }
}

const anything = (walk: Walk): void => walk.plain('drop', '*', 'CASCADE drops whatever depends on it');

const admin = (walk: Walk, kind: ObjectType | undefined): void => {
  const word = objectWord(kind);
  walk.plain('admin', word, `it changes a ${word}, which belongs to the administration of the database`);
};

/** The dotted name of an object, whatever node carries it. */
export const namesOf = (object: Node | undefined): readonly string[] => {
  if (object === undefined) return [];
  if ('List' in object) return strings(object.List.items);
  if ('String' in object) return strings([object]);
  if ('ObjectWithArgs' in object) return strings(object.ObjectWithArgs.objname);
  if ('TypeName' in object) return strings(object.TypeName.names);
  return [];
};

/** A relation by its dotted name; children are meant too. */
export const rangeVar = (names: readonly string[]): NodeOf<'RangeVar'> => {
  const { schema, name } = qualified(names);
  return { ...(schema === null ? {} : { schemaname: schema }), relname: name, inh: true };
};
