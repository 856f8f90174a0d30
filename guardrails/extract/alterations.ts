/** ALTER, DROP, TRUNCATE, COMMENT and upkeep (VACUUM, CLUSTER, REINDEX, REFRESH) of what exists. */
import type { AlterTableType } from 'libpg-query';
import { VEILED_WRITES } from '../names.ts';
import type { Action } from '../types.ts';
import { ownedBy } from './definitions.ts';
import type { Node, NodeOf } from './nodes.ts';
import { namesOf, objectNeed, rangeVar } from './objects.ts';
import { type Handler, type Handlers, qualified, strings, type Walk } from './walk.ts';

type RangeVar = NodeOf<'RangeVar'>;

const ddl = (walk: Walk): void => {
  walk.effects.writes = true;
  walk.effects.changesCatalog = true;
};

/** Sub-commands of ALTER TABLE that need more than `alter` on the relation. */
const MORE: { readonly [K in AlterTableType]?: 'admin' | 'drop' | 'other' } = {
  AT_ChangeOwner: 'admin',
  AT_SetTableSpace: 'admin',
  AT_SetAccessMethod: 'admin',
  AT_EnableRowSecurity: 'admin',
  AT_DisableRowSecurity: 'admin',
  AT_ForceRowSecurity: 'admin',
  AT_NoForceRowSecurity: 'admin',
  AT_GenericOptions: 'admin',
  AT_AlterColumnGenericOptions: 'admin',
  AT_EnableRule: 'admin',
  AT_EnableAlwaysRule: 'admin',
  AT_EnableReplicaRule: 'admin',
  AT_DisableRule: 'admin',
  AT_EnableReplicaTrig: 'admin',
  AT_EnableAlwaysTrig: 'admin',
  AT_DropColumn: 'drop',
  AT_AddInherit: 'other',
  AT_DropInherit: 'other',
  AT_AttachPartition: 'other',
  AT_DetachPartition: 'other',
  AT_DetachPartitionFinalize: 'other',
};

const alterTable: Handler<'AlterTableStmt'> = (walk, node) => {
  ddl(walk);
  const { relation = {}, missing_ok: missingOk } = node;
  walk.use('alter', relation, { all: true, missingOk });
  for (const item of node.cmds ?? [])
    if ('AlterTableCmd' in item) alterTableCommand(walk, relation, item.AlterTableCmd, missingOk);
    else walk.node(item);
};

const alterTableCommand = (
  walk: Walk,
  relation: NodeOf<'RangeVar'>,
  command: NodeOf<'AlterTableCmd'>,
  missingOk: boolean | undefined,
): void => {
  const words = (command.subtype ?? 'AT_unknown').slice(3);
  const more = command.subtype === undefined ? 'admin' : MORE[command.subtype];
  if (more === 'admin')
    walk.plain('admin', `alter table ${words}`, `${words} changes who sees the table, or where it is`);
  const cascade = command.behavior === 'DROP_CASCADE';
  if (more === 'drop') walk.use('drop', relation, { all: true, via: 'DROP COLUMN', missingOk });
  if (cascade) walk.use('alter', relation, { all: true, cascade, missingOk });
  if (more === 'other') otherRelation(walk, command.def, words);
  join(walk, relation, command);
  walk.children('AlterTableCmd', command, more === 'other' ? ['def'] : []);
};

/** Triggers that are disabled are not in the catalog. */
const ENABLES: ReadonlySet<string> = new Set(['AT_EnableTrig', 'AT_EnableTrigAll', 'AT_EnableTrigUser']);

/** What this makes to happen along with statements about the parent is not in the catalog yet. */
const join = (walk: Walk, relation: RangeVar, { subtype, def }: NodeOf<'AlterTableCmd'>): void => {
  if (ENABLES.has(subtype ?? ''))
    walk.need({
      kind: 'join',
      parent: nameOf(relation),
      part: null,
      reaching: [...VEILED_WRITES, 'truncate'],
    });
  if (def === undefined) return;
  if (subtype === 'AT_AddInherit' && 'RangeVar' in def)
    walk.need({
      kind: 'join',
      parent: nameOf(def.RangeVar),
      part: nameOf(relation),
      reaching: VEILED_WRITES,
    });
  if (subtype === 'AT_AttachPartition' && 'PartitionCmd' in def) {
    walk.use('alter', relation, { all: true, via: 'ATTACH PARTITION', copied: true });
    walk.need({
      kind: 'join',
      parent: nameOf(relation),
      part: nameOf(def.PartitionCmd.name ?? {}),
      reaching: VEILED_WRITES,
    });
  }
  if ('Constraint' in def && def.Constraint.pktable !== undefined)
    walk.need({
      kind: 'join',
      parent: nameOf(def.Constraint.pktable),
      part: null,
      reaching: followed(def.Constraint),
    });
};

/** What the referencing rows follow: CASCADE, SET NULL, SET DEFAULT. */
const followed = ({ fk_del_action, fk_upd_action }: NodeOf<'Constraint'>): readonly Action[] => [
  ...(FOLLOWING.has(fk_del_action ?? '') ? (['delete'] as const) : []),
  ...(FOLLOWING.has(fk_upd_action ?? '') ? (['update'] as const) : []),
];

const FOLLOWING: ReadonlySet<string> = new Set(['c', 'n', 'd']);

interface Named {
  readonly schema: string | null;
  readonly name: string;
}

const nameOf = ({ schemaname, relname }: RangeVar): Named => ({
  schema: schemaname ?? null,
  name: relname ?? '',
});

/** The parent, child or partition that the sub-command names. */
const otherRelation = (walk: Walk, def: Node | undefined, via: string): void => {
  if (def !== undefined && 'RangeVar' in def) walk.use('alter', def.RangeVar, { all: true, via });
  else if (def !== undefined && 'PartitionCmd' in def) {
    walk.use('alter', def.PartitionCmd.name ?? {}, { all: true, via });
    walk.children('PartitionCmd', def.PartitionCmd, ['name']);
  } else walk.refuse(`ALTER TABLE ${via}`, 'the other table is named in an unknown form');
};

const cascade = (walk: Walk, behavior: string | undefined): void => {
  if (behavior === 'DROP_CASCADE') walk.plain('drop', '*', 'CASCADE drops whatever depends on it');
};

const dropStmt: Handler<'DropStmt'> = (walk, node) => {
  ddl(walk);
  const { removeType: kind, missing_ok: missingOk } = node;
  const cascade = node.behavior === 'DROP_CASCADE';
  for (const object of node.objects ?? []) objectNeed(walk, 'drop', { kind, object, missingOk, cascade });
  walk.effects.changesNames = true;
};

/** A name may now stand for something else, without the catalog knowing of it yet. */
const namesMove = (walk: Walk): void => {
  walk.effects.changesNames = true;
  walk.searchPath = null;
};

/** Renaming makes something under the new name. */
const renameStmt: Handler<'RenameStmt'> = (walk, node) => {
  const { renameType: kind, object, relation, subname, newname = '' } = node;
  ddl(walk);
  if (kind === 'OBJECT_SCHEMA') {
    walk.need({ kind: 'schema', action: 'alter', name: subname ?? '', to: newname });
    walk.need({ kind: 'schema', action: 'create', name: newname });
  } else {
    objectNeed(walk, 'alter', { kind, object, relation });
    if (relation !== undefined && RELATION_KINDS.has(kind ?? ''))
      rename(walk, 'relation', nameOf(relation), { schema: null, name: newname });
    else if (object !== undefined && TYPE_KINDS.has(kind ?? ''))
      rename(walk, 'type', qualified(namesOf(object)), { schema: null, name: newname });
    else if (object !== undefined && !('String' in object)) {
      walk.plain('alter', '*', 'the object gets another name');
      namesMove(walk);
    }
  }
  cascade(walk, node.behavior);
  walk.effects.changesNames = true;
};

const rename = (walk: Walk, what: 'relation' | 'type', from: Named, to: Named): void =>
  walk.need({ kind: 'rename', what, ...from, to });

const RELATION_KINDS: ReadonlySet<string> = new Set([
  'OBJECT_TABLE',
  'OBJECT_VIEW',
  'OBJECT_MATVIEW',
  'OBJECT_FOREIGN_TABLE',
  'OBJECT_SEQUENCE',
  'OBJECT_INDEX',
]);

const TYPE_KINDS: ReadonlySet<string> = new Set(['OBJECT_TYPE', 'OBJECT_DOMAIN']);

const setSchema: Handler<'AlterObjectSchemaStmt'> = (walk, node) => {
  ddl(walk);
  objectNeed(walk, 'alter', { kind: node.objectType, object: node.object, relation: node.relation });
  walk.need({ kind: 'schema', action: 'create', name: node.newschema ?? '' });
  const { relation, object, objectType, newschema = '' } = node;
  if (relation !== undefined)
    rename(walk, 'relation', nameOf(relation), { schema: newschema, name: relation.relname ?? '' });
  else if (TYPE_KINDS.has(objectType ?? '')) {
    const from = qualified(namesOf(object));
    rename(walk, 'type', from, { schema: newschema, name: from.name });
  } else namesMove(walk);
  walk.effects.changesNames = true;
};

const alterOwner: Handler<'AlterOwnerStmt'> = (walk, node) => {
  ddl(walk);
  objectNeed(walk, 'alter', { kind: node.objectType, object: node.object, relation: node.relation });
  walk.plain('admin', 'owner', 'it changes who owns an object');
};

const alterType = (walk: Walk, names: readonly string[], values = false): void => {
  ddl(walk);
  const change = values ? ({ values } as const) : {};
  walk.need({ kind: 'object', action: 'alter', what: 'type', ...qualified(names), ...change });
};

const truncate: Handler<'TruncateStmt'> = (walk, node) => {
  walk.effects.writes = true;
  for (const item of node.relations ?? [])
    if ('RangeVar' in item)
      walk.use('truncate', item.RangeVar, { all: true, cascade: node.behavior === 'DROP_CASCADE' });
};

/** Upkeep of one relation; without one, of the whole database. */
const maintain = (walk: Walk, relations: readonly (NodeOf<'RangeVar'> | undefined)[], via: string): void => {
  walk.effects.writes = true;
  for (const relation of relations)
    if (relation === undefined)
      walk.plain('admin', 'database', `${via} without a table name works on the whole database`);
    else walk.use('alter', relation, { all: true, via });
};

const vacuum: Handler<'VacuumStmt'> = (walk, node) => {
  const relations = (node.rels ?? []).flatMap((item) =>
    'VacuumRelation' in item ? [item.VacuumRelation.relation] : [],
  );
  maintain(
    walk,
    relations.length === 0 ? [undefined] : relations,
    node.is_vacuumcmd === true ? 'VACUUM' : 'ANALYZE',
  );
  walk.effects.returnsRows = true;
};

const commentOn = (walk: Walk, node: NodeOf<'CommentStmt'> | NodeOf<'SecLabelStmt'>): void => {
  walk.effects.writes = true;
  objectNeed(walk, 'alter', { kind: node.objtype, object: node.object });
};

export const ALTERATIONS = {
  AlterTableStmt: alterTable,
  DropStmt: dropStmt,
  RenameStmt: renameStmt,
  AlterObjectSchemaStmt: setSchema,
  AlterOwnerStmt: alterOwner,
  AlterObjectDependsStmt: (walk, node) => {
    ddl(walk);
    objectNeed(walk, 'alter', { kind: node.objectType, object: node.object, relation: node.relation });
    walk.plain('admin', 'extension', 'it ties an object to an extension');
  },
  AlterSeqStmt: (walk, node) => {
    ddl(walk);
    walk.use('alter', node.sequence ?? {}, { all: true });
    ownedBy(walk, node.options);
    walk.children('AlterSeqStmt', node, ['sequence']);
  },
  AlterDomainStmt: (walk, node) => {
    alterType(walk, strings(node.typeName), true);
    cascade(walk, node.behavior);
    walk.children('AlterDomainStmt', node);
  },
  AlterEnumStmt: (walk, node) => alterType(walk, strings(node.typeName), node.oldVal !== undefined),
  AlterTypeStmt: (walk, node) => {
    alterType(walk, strings(node.typeName));
    walk.plain('admin', 'type', 'it changes the functions that a type runs implicitly');
  },
  AlterFunctionStmt: (walk, node) => {
    ddl(walk);
    walk.need({
      kind: 'object',
      action: 'alter',
      what: 'function',
      ...qualified(strings(node.func?.objname)),
    });
    walk.plain('admin', 'function', 'it changes how, or with whose rights, a function runs');
    walk.children('AlterFunctionStmt', node, ['func']);
  },
  AlterStatsStmt: (walk, node) => {
    ddl(walk);
    walk.need({ kind: 'object', action: 'alter', what: 'other', ...qualified(strings(node.defnames)) });
  },
  AlterCollationStmt: (walk, node) => {
    ddl(walk);
    walk.need({ kind: 'object', action: 'alter', what: 'other', ...qualified(strings(node.collname)) });
  },
  AlterTSDictionaryStmt: (walk, node) => {
    ddl(walk);
    walk.need({ kind: 'object', action: 'alter', what: 'other', ...qualified(strings(node.dictname)) });
  },
  AlterTSConfigurationStmt: (walk, node) => {
    ddl(walk);
    walk.need({ kind: 'object', action: 'alter', what: 'other', ...qualified(strings(node.cfgname)) });
  },
  CommentStmt: commentOn,
  SecLabelStmt: (walk, node) => {
    commentOn(walk, node);
    walk.plain('admin', 'security label', 'security labels decide about access');
  },
  TruncateStmt: truncate,
  VacuumStmt: vacuum,
  ClusterStmt: (walk, node) => maintain(walk, [node.relation], 'CLUSTER'),
  ReindexStmt: (walk, node) => maintain(walk, [node.relation], 'REINDEX'),
  RefreshMatViewStmt: (walk, node) => {
    walk.effects.writes = true;
    walk.use('select', node.relation ?? {}, { all: true, via: 'REFRESH MATERIALIZED VIEW' });
    walk.use('alter', node.relation ?? {}, { all: true, via: 'REFRESH MATERIALIZED VIEW' });
  },
  LockStmt: (walk, node) => {
    for (const item of node.relations ?? [])
      if ('RangeVar' in item)
        walk.use(node.mode === ACCESS_SHARE ? 'select' : 'update', item.RangeVar, { via: 'LOCK' });
  },
  TableLikeClause: (walk, node) => {
    const copied = (node.options ?? 0) !== 0; // INCLUDING ...
    walk.use('select', node.relation ?? rangeVar([]), { all: true, via: 'LIKE', copied });
  },
} satisfies Partial<Handlers>;

/** What every SELECT takes. */
const ACCESS_SHARE = 1;
