/** INSERT, UPDATE, DELETE, MERGE. The target is also read where its columns are: in WHERE, SET expressions and RETURNING. */
import type { Use } from './level.ts';
import type { Node, NodeOf } from './nodes.ts';
import { fromItem, fromList, targetEntry, withClause } from './queries.ts';
import type { Handler, Handlers, Walk } from './walk.ts';

const targetColumns = (targets: readonly Node[] | undefined): string[] =>
  (targets ?? []).flatMap((node) => ('ResTarget' in node ? [node.ResTarget.name ?? ''] : []));

/** Insertion into the listed columns, or into all. */
const insertion = (columns: readonly Node[] | undefined) => ({
  columns: targetColumns(columns),
  all: columns === undefined || columns.length === 0,
});

const target = (walk: Walk, relation: NodeOf<'RangeVar'>, ifTouched = true): Use => {
  const read = walk.use('select', relation, { ifTouched });
  walk.level.entries.push({ ...targetEntry(relation, [read]), locks: [] });
  walk.effects.writes = true;
  return read;
};

const returning = (
  walk: Walk,
  relation: NodeOf<'RangeVar'>,
  read: Use,
  clause: NodeOf<'ReturningClause'> | undefined,
) => {
  if (clause === undefined) return;
  walk.effects.returnsRows = true;
  for (const alias of ['old', 'new', ...returningAliases(clause)])
    walk.level.entries.push({
      ...targetEntry({ ...relation, alias: { aliasname: alias } }, [read]),
      locks: [],
    });
  walk.children('ReturningClause', clause, ['options']);
};

const returningAliases = (clause: NodeOf<'ReturningClause'>): string[] =>
  (clause.options ?? []).flatMap((node) =>
    'ReturningOption' in node ? [node.ReturningOption.value ?? ''] : [],
  );

/** The source has a level of its own: its column references never mean the target. */
const insertStmt: Handler<'InsertStmt'> = (walk, node) =>
  walk.nested(() => {
    const relation = node.relation ?? {};
    withClause(walk, node.withClause);
    walk.use('insert', relation, insertion(node.cols));
    const { returnsRows } = walk.effects;
    walk.nested(() => walk.node(node.selectStmt));
    walk.effects.returnsRows = returnsRows;
    walk.nested(() => insertedRows(walk, relation, node));
  });

const insertedRows = (walk: Walk, relation: NodeOf<'RangeVar'>, node: NodeOf<'InsertStmt'>): void => {
  const read = target(walk, relation);
  if (node.onConflictClause !== undefined) onConflict(walk, relation, read, node.onConflictClause);
  returning(walk, relation, read, node.returningClause);
  walk.children('InsertStmt', { cols: node.cols ?? [] });
};

const onConflict = (
  walk: Walk,
  relation: NodeOf<'RangeVar'>,
  read: Use,
  clause: NodeOf<'OnConflictClause'>,
): void => {
  if (clause.infer?.conname !== undefined) read.all = true;
  for (const item of clause.infer?.indexElems ?? [])
    if ('IndexElem' in item && item.IndexElem.name !== undefined) read.columns.add(item.IndexElem.name);
  if (clause.action !== 'ONCONFLICT_NOTHING') {
    walk.use('update', relation, { columns: targetColumns(clause.targetList), via: 'ON CONFLICT DO UPDATE' });
    walk.level.entries.push({
      ...targetEntry({ ...relation, alias: { aliasname: 'excluded' } }, [read]),
      locks: [],
    });
  }
  walk.children('OnConflictClause', clause);
};

const updateStmt: Handler<'UpdateStmt'> = (walk, node) =>
  walk.nested(() => {
    const relation = node.relation ?? {};
    withClause(walk, node.withClause);
    walk.use('update', relation, { columns: targetColumns(node.targetList) });
    const read = target(walk, relation);
    fromList(walk, node.fromClause);
    walk.children('UpdateStmt', node, ['relation', 'withClause', 'fromClause', 'returningClause']);
    returning(walk, relation, read, node.returningClause);
  });

const deleteStmt: Handler<'DeleteStmt'> = (walk, node) =>
  walk.nested(() => {
    const relation = node.relation ?? {};
    withClause(walk, node.withClause);
    walk.use('delete', relation, { all: true });
    const read = target(walk, relation);
    fromList(walk, node.usingClause);
    walk.children('DeleteStmt', node, ['relation', 'withClause', 'usingClause', 'returningClause']);
    returning(walk, relation, read, node.returningClause);
  });

const mergeStmt: Handler<'MergeStmt'> = (walk, node) =>
  walk.nested(() => {
    const relation = node.relation ?? {};
    withClause(walk, node.withClause);
    const read = target(walk, relation, false);
    fromItem(walk, node.sourceRelation);
    walk.node(node.joinCondition);
    for (const clause of node.mergeWhenClauses ?? []) {
      if ('MergeWhenClause' in clause) mergeBranch(walk, relation, clause.MergeWhenClause);
      walk.node(clause);
    }
    returning(walk, relation, read, node.returningClause);
  });

const mergeBranch = (walk: Walk, relation: NodeOf<'RangeVar'>, branch: NodeOf<'MergeWhenClause'>): void => {
  switch (branch.commandType) {
    case 'CMD_INSERT':
      walk.use('insert', relation, insertion(branch.targetList));
      return;
    case 'CMD_UPDATE':
      walk.use('update', relation, { columns: targetColumns(branch.targetList) });
      return;
    case 'CMD_DELETE':
      walk.use('delete', relation, { all: true });
      return;
    case 'CMD_NOTHING':
      return;
    default:
      walk.refuse('MERGE', 'a WHEN clause of an unknown kind');
  }
};

export const MODIFICATIONS = {
  InsertStmt: insertStmt,
  UpdateStmt: updateStmt,
  DeleteStmt: deleteStmt,
  MergeStmt: mergeStmt,
} satisfies Partial<Handlers>;
