/** SELECT, VALUES and TABLE: levels, FROM lists, WITH queries and locking clauses. */
import { constant, isColumn } from './expressions.ts';
import type { Entry } from './level.ts';
import type { Node, NodeOf } from './nodes.ts';
import { seesOwnRow } from './own-row.ts';
import { entry, type Handler, type Handlers, strings, unwrap, type Walk } from './walk.ts';

const selectStmt: Handler<'SelectStmt'> = (walk, node) => {
  walk.effects.returnsRows = true;
  const into = intoClause(node);
  const ownRow = seesOwnRow(walk, node);
  if (into === undefined) walk.nested(() => query(walk, node, ownRow));
  else makeFrom(walk, into, 'SELECT INTO', () => walk.nested(() => query(walk, node)));
};

/** `SELECT ... INTO t UNION ...` has it in the leftmost query. */
const intoClause = (node: NodeOf<'SelectStmt'>): NodeOf<'IntoClause'> | undefined => {
  let leftmost = node;
  while (leftmost.larg !== undefined) leftmost = leftmost.larg;
  return leftmost.intoClause;
};

const query = (walk: Walk, node: NodeOf<'SelectStmt'>, ownRow = false): void => {
  walk.level.ownRow = ownRow;
  withClause(walk, node.withClause);
  fromList(walk, node.fromClause);
  walk.level.namedSetting = namedSetting(node);
  walk.nodesPresent(node.distinctClause); // DISTINCT without ON is an empty node
  walk.children('SelectStmt', node, [
    'withClause',
    'fromClause',
    'intoClause',
    'distinctClause',
    'lockingClause',
  ]);
  for (const clause of node.lockingClause ?? []) walk.node(clause);
};

/** CREATE TABLE AS and its relatives: the target is made, and what is read for it leaves its place. */
export function makeFrom(walk: Walk, into: NodeOf<'IntoClause'>, via: string, body: () => void): void {
  const target = into.rel ?? {};
  walk.create(target.schemaname ?? null, target.relname ?? '', { persistence: target.relpersistence });
  walk.effects.writes = true;
  walk.effects.changesCatalog = true;
  walk.children('IntoClause', into, ['rel']);
  walk.exporting(via, body);
}

/** WITH: each query sees those before it, in WITH RECURSIVE all of them. */
export function withClause(walk: Walk, clause: NodeOf<'WithClause'> | undefined): void {
  const queries = (clause?.ctes ?? []).flatMap((node) =>
    'CommonTableExpr' in node ? [node.CommonTableExpr] : [],
  );
  if (queries.length < (clause?.ctes?.length ?? 0)) walk.refuse('WITH', 'a WITH query is of an unknown form');
  if (clause?.recursive === true) for (const { ctename } of queries) walk.level.queries.add(ctename ?? '');
  for (const item of queries) {
    walk.children('CommonTableExpr', item);
    walk.level.queries.add(item.ctename ?? '');
  }
}

export function fromList(walk: Walk, items: readonly Node[] | undefined): void {
  for (const item of items ?? []) fromItem(walk, item);
}

/** Enter an item of FROM into the current level; gives the entries it adds. */
export function fromItem(walk: Walk, item: Node | undefined): readonly Entry[] {
  if (item === undefined) return [];
  const added = entriesOf(walk, item);
  walk.level.entries.push(...added.own);
  return [...added.own, ...added.inner];
}

interface Added {
  readonly own: readonly Entry[];
  readonly inner: readonly Entry[];
}
const NONE: Added = { own: [], inner: [] };

const entriesOf = (walk: Walk, item: Node): Added => {
  if ('RangeVar' in item) return { own: [relation(walk, item.RangeVar)], inner: [] };
  if ('JoinExpr' in item) return join(walk, item.JoinExpr);
  if ('RangeSubselect' in item) return { own: [subselect(walk, item.RangeSubselect)], inner: [] };
  if ('RangeTableSample' in item) return sample(walk, item.RangeTableSample);
  const [kind] = unwrap(item);
  if (kind !== 'RangeFunction' && kind !== 'RangeTableFunc' && kind !== 'JsonTable')
    walk.refuse(`${kind} in FROM`, 'an item of FROM is of an unknown form');
  walk.node(item);
  return NONE;
};

const relation = (walk: Walk, node: NodeOf<'RangeVar'>): Entry => {
  const name = node.relname ?? '';
  const alias = node.alias?.aliasname;
  if (node.schemaname === undefined && walk.level.seesQuery(name)) return entry(alias ?? name);
  const use = walk.use('select', node, { ownRow: walk.level.ownRow });
  return targetEntry(node, [use]);
};

/** The entry of a named relation. */
export function targetEntry(node: NodeOf<'RangeVar'>, uses: Entry['uses']): Entry {
  const schema = node.schemaname ?? null;
  const name = node.relname ?? '';
  const alias = node.alias?.aliasname;
  return entry(alias ?? name, {
    schema: alias === undefined ? schema : null,
    uses,
    locks: uses,
    of: [{ schema, name }],
    renamed: (node.alias?.colnames?.length ?? 0) > 0,
  });
}

const subselect = (walk: Walk, node: NodeOf<'RangeSubselect'>): Entry => {
  const from = walk.uses.length;
  walk.node(node.subquery);
  return entry(node.alias?.aliasname ?? '', { locks: walk.uses.slice(from) });
};

const sample = (walk: Walk, node: NodeOf<'RangeTableSample'>): Added => {
  walk.function(strings(node.method));
  walk.nodes(node.args);
  walk.node(node.repeatable);
  return node.relation === undefined ? NONE : entriesOf(walk, node.relation);
};

const join = (walk: Walk, node: NodeOf<'JoinExpr'>): Added => {
  const inner = [...fromItem(walk, node.larg), ...fromItem(walk, node.rarg)];
  const uses = inner.flatMap((item) => item.uses);
  if (node.isNatural === true || node.usingClause !== undefined) walk.operator(['=']);
  if (node.isNatural === true) for (const use of uses) use.all = true;
  for (const column of strings(node.usingClause)) for (const use of uses) use.columns.add(column);
  if (node.usingClause !== undefined && inner.some((item) => item.renamed))
    for (const use of uses) use.all = true;
  walk.node(node.quals);
  const aliases = [node.alias, node.join_using_alias].filter((alias) => alias !== undefined);
  const locks = inner.flatMap((item) => item.locks);
  const of = inner.flatMap((item) => item.of);
  const own = aliases.map((alias) =>
    entry(alias.aliasname ?? '', { uses, locks, of, renamed: alias.colnames !== undefined }),
  );
  return { own, inner };
};

/** FOR UPDATE, FOR SHARE and the like over the named entries, or all of the level. */
const lockingClause: Handler<'LockingClause'> = (walk, node) => {
  const names = (node.lockedRels ?? []).flatMap((item) =>
    'RangeVar' in item ? [item.RangeVar.relname] : [],
  );
  const { entries } = walk.level;
  const locked = names.length === 0 ? entries : entries.filter(({ alias }) => names.includes(alias));
  for (const use of new Set(locked.flatMap(({ locks }) => locks)))
    if (use.action === 'select')
      walk.uses.push({ ...use, action: 'update', columns: new Set(), all: false, via: 'FOR UPDATE' });
  walk.effects.writes = true;
};

/** Each function comes in a list with its column definitions, or with an empty node where it has none. */
const rangeFunction: Handler<'RangeFunction'> = (walk, node) => {
  for (const item of node.functions ?? []) {
    if (!('List' in item)) walk.node(item);
    else walk.nodesPresent(item.List.items);
  }
  walk.children('RangeFunction', node, ['functions']);
};

/**
 * The setting that pg_settings.name is, where WHERE says so:
 * pg_dump's `SELECT set_config(name, ...) FROM pg_settings WHERE name = 'x'`.
 */
const namedSetting = (node: NodeOf<'SelectStmt'>): string | null => {
  const [item, second] = node.fromClause ?? [];
  const { whereClause } = node;
  if (
    item === undefined ||
    second !== undefined ||
    !('RangeVar' in item) ||
    item.RangeVar.alias !== undefined
  )
    return null;
  if (item.RangeVar.relname !== 'pg_settings' || whereClause === undefined || !('A_Expr' in whereClause))
    return null;
  const { kind, name, lexpr, rexpr } = whereClause.A_Expr;
  const isEqual = kind === 'AEXPR_OP' && strings(name).join() === '=';
  return isEqual && isColumn(lexpr, 'name') ? (constant(rexpr) ?? null) : null;
};

export const QUERIES = {
  SelectStmt: selectStmt,
  LockingClause: lockingClause,
  WithClause: (walk, node) => withClause(walk, node),
  RangeFunction: rangeFunction,
  /** A relation named outside FROM, by a clause that has no handler of its own: it is read. */
  RangeVar: (walk, node) => void walk.use('select', node, { all: true }),
} satisfies Partial<Handlers>;
