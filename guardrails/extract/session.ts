/** Statements about the session itself: settings, transactions, prepared statements, cursors, notifications, EXPLAIN, COPY, DO, CALL. */

import { isCut } from '../identifiers.ts';
import type { constant } from './expressions.ts';
import type { NodeOf } from './nodes.ts';
import { statement } from './statement.ts';
import { type Handler, type Handlers, strings, unwrap, type Walk } from './walk.ts';

const variableSet: Handler<'VariableSetStmt'> = (walk, node) => {
  const name = (node.name ?? '').toLowerCase();
  switch (node.kind) {
    case 'VAR_RESET_ALL':
      namesChange(walk, undefined);
      return;
    case 'VAR_SET_MULTI': // SET TRANSACTION, SET SESSION CHARACTERISTICS
      return;
    case 'VAR_RESET':
    case 'VAR_SET_DEFAULT':
      walk.need({ kind: 'setting', name, value: null, reset: true });
      if (name === 'search_path') namesChange(walk, undefined);
      return;
    default: {
      const values = (node.args ?? []).map(settingValue);
      walk.need({ kind: 'setting', name, value: values.length === 1 ? values[0]! : null, reset: false });
      if (name === 'search_path') namesChange(walk, searchPath(values));
    }
  }
};

/** `undefined`: back to how the session began, which is among what names may mean anyway. */
const namesChange = (walk: Walk, searchPath: readonly string[] | null | undefined): void => {
  walk.effects.changesNames = true;
  walk.searchPath = searchPath;
};

/** Each element of SET search_path is one name, whatever is in it. */
const searchPath = (values: readonly (string | null)[]): readonly string[] | null =>
  values.every((value) => value !== null && !isCut(value))
    ? (values.filter((value) => value !== '') as string[])
    : null;

const settingValue = (node: Parameters<typeof constant>[0]): string | null => {
  if (node === undefined || !('A_Const' in node)) return null;
  const { sval, ival, fval, boolval } = node.A_Const;
  if (sval !== undefined) return sval.sval ?? '';
  if (ival !== undefined) return String(ival.ival ?? 0);
  if (fval !== undefined) return fval.fval ?? null;
  return boolval === undefined ? null : String(boolval.boolval ?? false);
};

const TWO_PHASE: ReadonlySet<string> = new Set([
  'TRANS_STMT_PREPARE',
  'TRANS_STMT_COMMIT_PREPARED',
  'TRANS_STMT_ROLLBACK_PREPARED',
]);

const transaction: Handler<'TransactionStmt'> = (walk, node) => {
  walk.effects.transactionControl = true;
  if (TWO_PHASE.has(node.kind ?? ''))
    walk.plain(
      'admin',
      'prepared transaction',
      'a prepared transaction outlives its session and keeps its locks',
    );
};

const prepare: Handler<'PrepareStmt'> = (walk, node) => {
  const inner = statement(node.query);
  for (const need of inner.needs) walk.need(need);
  walk.prepares = { name: node.name ?? '', statement: inner };
  walk.children('PrepareStmt', node, ['query']);
};

const execute: Handler<'ExecuteStmt'> = (walk, node) => {
  walk.need({ kind: 'execute', name: node.name ?? '', export: false });
  walk.effects.returnsRows = true;
  walk.children('ExecuteStmt', node);
};

const explain: Handler<'ExplainStmt'> = (walk, node) => {
  const { query } = node;
  if (query === undefined || analyzes(node)) walk.node(query);
  else if ('CreateTableAsStmt' in query) walk.node(query.CreateTableAsStmt.query);
  else if ('SelectStmt' in query) {
    const { intoClause: _, ...select } = query.SelectStmt;
    walk.planning(() => walk.node({ SelectStmt: select }));
  } else if (PLANNED.has(unwrap(query)[0] ?? '')) walk.planning(() => walk.node(query));
  else walk.node(query);
  walk.effects.returnsRows = true;
  walk.effects.cursor = null; // a DECLARE is not carried out, with ANALYZE neither
};

const PLANNED: ReadonlySet<string> = new Set([
  'InsertStmt',
  'UpdateStmt',
  'DeleteStmt',
  'MergeStmt',
  'DeclareCursorStmt',
]);

/** True unless every ANALYZE among the options is literally off. */
const analyzes = (node: NodeOf<'ExplainStmt'>): boolean =>
  (node.options ?? []).some(
    (item) => 'DefElem' in item && item.DefElem.defname === 'analyze' && !isOff(item.DefElem),
  );

const isOff = ({ arg }: NodeOf<'DefElem'>): boolean => {
  if (arg === undefined) return false;
  if ('String' in arg) return ['false', 'off'].includes((arg.String.sval ?? '').toLowerCase());
  return 'Integer' in arg && (arg.Integer.ival ?? 0) === 0;
};

const copy: Handler<'CopyStmt'> = (walk, node) => {
  const columns = strings(node.attlist);
  const touched = { columns, all: columns.length === 0 };
  if (node.filename !== undefined || node.is_program === true) serverSide(walk, node);
  if (node.is_from === true) {
    walk.use('insert', node.relation ?? {}, touched);
    walk.effects.writes = true;
    walk.effects.copyIn = true;
    copyCondition(walk, node);
    return;
  }
  walk.exporting('COPY TO', () => {
    if (node.relation !== undefined) walk.use('select', { ...node.relation, inh: false }, touched); // never its children
    walk.node(node.query);
    copyCondition(walk, node);
  });
  if (!walk.uses.some((use) => use.action === 'select'))
    walk.plain('export', 'values', 'COPY TO lets data out');
  walk.effects.returnsRows = true;
};

/** COPY FROM ... WHERE sees the new rows only. */
const copyCondition = (walk: Walk, node: NodeOf<'CopyStmt'>): void =>
  walk.children('CopyStmt', node, ['relation', 'query', 'attlist']);

const serverSide = (walk: Walk, node: NodeOf<'CopyStmt'>): void => {
  const what = node.is_program === true ? 'program' : 'file';
  walk.plain('admin', what, `COPY runs with a ${what} on the database server`);
  walk.plain('export', what, `COPY runs with a ${what} on the database server`);
};

const doStmt: Handler<'DoStmt'> = (walk, node) => {
  opaque(walk);
  walk.plain('execute', 'DO', 'DO runs a block of code');
  walk.plain('admin', 'DO', 'what the code of a DO block does is not followed');
  walk.children('DoStmt', node);
};

const opaque = (walk: Walk): void => {
  walk.effects.writes = true;
  walk.effects.changesCatalog = true;
  namesChange(walk, null);
};

/** A name that a pattern would take for something else is quoted. */
const channel = (walk: Walk, name: string, does: string): void => {
  const named = /[*"]/.test(name) ? `"${name.replaceAll('"', '""')}"` : name;
  walk.plain('execute', `channel ${named}`, `it ${does} other sessions by a notification channel`);
};

export const SESSION = {
  VariableSetStmt: variableSet,
  VariableShowStmt: (walk, node) => {
    walk.effects.returnsRows = true;
    walk.need({ kind: 'shown', name: (node.name ?? '').toLowerCase() });
  },
  TransactionStmt: transaction,
  ConstraintsSetStmt: () => {},
  DiscardStmt: (walk, node) => {
    if (node.target === 'DISCARD_ALL') walk.deallocates = null;
    if (node.target === 'DISCARD_ALL' || node.target === 'DISCARD_TEMP') namesChange(walk, undefined);
  },
  PrepareStmt: prepare,
  ExecuteStmt: execute,
  DeallocateStmt: (walk, node) => {
    walk.deallocates = node.isall === true ? null : (node.name ?? null);
  },
  DeclareCursorStmt: (walk, node) => {
    walk.effects.cursor = { op: 'declare', name: node.portalname ?? '' };
    walk.node(node.query);
    walk.effects.returnsRows = false;
  },
  FetchStmt: (walk, node) => {
    walk.effects.returnsRows = node.ismove !== true;
    walk.effects.cursor = { op: 'fetch', name: node.portalname ?? '' };
  },
  ClosePortalStmt: () => {},
  ExplainStmt: explain,
  CopyStmt: copy,
  DoStmt: doStmt,
  CallStmt: (walk, node) => {
    opaque(walk);
    walk.effects.returnsRows = true;
    walk.effects.transactionControl = true;
    walk.children('CallStmt', node);
  },
  NotifyStmt: (walk, node) => {
    walk.effects.writes = true;
    channel(walk, node.conditionname ?? '', 'signals');
  },
  ListenStmt: (walk, node) => channel(walk, node.conditionname ?? '', 'listens to'),
  UnlistenStmt: () => {},
} satisfies Partial<Handlers>;
