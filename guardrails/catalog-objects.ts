/** The smaller objects of a catalog snapshot made from their rows: codes of the system catalogs become words. */
import type { ForeignKeyEffect, Relation, Routine, Rule, Trigger } from './catalog.ts';
import type { ForeignKeyRow, RoutineRow, RuleRow, TriggerRow } from './catalog-rows.ts';

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
    eachRow: (type & ROW) !== 0,
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

const RULE_EVENTS: Readonly<Record<string, Rule['event']>> = {
  '1': 'select',
  '2': 'update',
  '3': 'insert',
  '4': 'delete',
};

/** Bits of AclMode (nodes/parsenodes.h). */
const PRIVILEGES = [
  [1, 'insert'],
  [2, 'select'],
  [4, 'update'],
  [8, 'delete'],
  [16, 'truncate'],
] as const;

/** What a rule does on a relation, or by a function, that is gone meanwhile is not done. */
export function newRule(
  row: RuleRow,
  relation: (oid: number) => Relation | undefined,
  calls: readonly Routine[],
): Rule {
  const { name, utility } = row;
  const reaches = row.reaches.flatMap(({ relation: oid, privileges }) => {
    const found = relation(oid);
    const actions = PRIVILEGES.filter(([bit]) => (privileges & bit) !== 0).map(([, action]) => action);
    return found === undefined || actions.length === 0 ? [] : [{ relation: found, actions }];
  });
  return { name, event: RULE_EVENTS[row.event] ?? 'select', reaches, calls, utility };
}

/** `rest`: what other rows tell of a routine that is not built in. */
export function newRoutine(
  { calls: _, ...row }: RoutineRow,
  rest: Pick<Routine, 'body' | 'calls' | 'shadowed'> = {},
): Routine {
  return { ...row, kind: ROUTINE_KINDS[row.kind] ?? 'function', builtin: isBuiltin(row), ...rest };
}

export const isBuiltin = ({ oid, schema }: { readonly oid: number; readonly schema: string }): boolean =>
  oid < FIRST_NORMAL_OID && isSystemSchema(schema);

export function isSystemSchema(name: string): boolean {
  return name === 'pg_catalog' || name === 'information_schema';
}
