/** The smaller objects of a catalog snapshot made from their rows: codes of the system catalogs become words. */
import type { ForeignKeyEffect, Relation, Routine, RoutineBody, Trigger } from './catalog.ts';
import type { ForeignKeyRow, RoutineRow, TriggerRow } from './catalog-rows.ts';

/** OIDs below are initdb's (FirstNormalObjectId): PostgreSQL's own objects, where their schema is a system schema. */
const FIRST_NORMAL_OID = 16384;

const ROUTINE_KINDS: Readonly<Record<string, Routine['kind']>> = {
  f: 'function',
  p: 'procedure',
  a: 'aggregate',
  w: 'window',
};

/** confdeltype and confupdtype: `a` no action, `r` restrict, `c` cascade, `n` set null, `d` set default. */
const ACTIONS: Readonly<Record<string, ForeignKeyEffect['onDelete']>> = { c: 'cascade', n: 'set', d: 'set' };

/** Bits of pg_trigger.tgtype (catalog/pg_trigger.h). */
const TRIGGER_EVENTS = [
  [4, 'insert'],
  [8, 'delete'],
  [16, 'update'],
  [32, 'truncate'],
] as const;

const ROW = 1;
const BEFORE = 2;
const INSTEAD = 64;

export function newTrigger(row: TriggerRow, routine: Routine): Trigger {
  const { name, type, deferrable, transitionTables } = row;
  return {
    name,
    events: TRIGGER_EVENTS.filter(([bit]) => (type & bit) !== 0).map(([, event]) => event),
    function: routine,
    before: (type & ROW) !== 0 && (type & BEFORE) !== 0,
    instead: (type & INSTEAD) !== 0,
    deferrable,
    transitionTables,
  };
}

export function newForeignKeyEffect(row: ForeignKeyRow, relation: Relation): ForeignKeyEffect {
  return {
    relation,
    ...(row.keys !== null && { keys: row.keys }),
    onDelete: ACTIONS[row.onDelete] ?? 'none',
    onUpdate: ACTIONS[row.onUpdate] ?? 'none',
  };
}

export function newRoutine(row: RoutineRow, body: RoutineBody | undefined): Routine {
  const builtin = row.oid < FIRST_NORMAL_OID && isSystemSchema(row.schema);
  return { ...row, kind: ROUTINE_KINDS[row.kind] ?? 'function', builtin, ...(body && { body }) };
}

export function isSystemSchema(name: string): boolean {
  return name === 'pg_catalog' || name === 'information_schema';
}
