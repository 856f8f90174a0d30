/**
 * `SELECT ... FROM pg_stat_gssapi WHERE pid = pg_backend_pid()`, as GUIs ask on connecting: what a session may know of
 * itself. Only as a whole statement with no other condition: PostgreSQL evaluates conditions in an order of its own, also those
 * of HAVING and of queries around this one, and an error would tell of the rows of others.
 */
import { isColumn } from './expressions.ts';
import type { Node, NodeOf } from './nodes.ts';
import { strings, type Walk } from './walk.ts';

/** Does the statement see of its one relation the row of its own backend? Not if it makes something to be queried later. */
export function seesOwnRow(walk: Walk, node: NodeOf<'SelectStmt'>): boolean {
  if (!walk.level.outermost || walk.effects.changesCatalog) return false;
  const [item, second] = node.fromClause ?? [];
  if (item === undefined || second !== undefined || !('RangeVar' in item)) return false;
  const { whereClause, withClause, lockingClause, havingClause } = node;
  if (withClause !== undefined || lockingClause !== undefined || havingClause !== undefined) return false;
  if (whereClause === undefined || !('A_Expr' in whereClause)) return false;
  const { kind, name, lexpr, rexpr } = whereClause.A_Expr;
  if (kind !== 'AEXPR_OP' || strings(name).join() !== '=') return false;
  const { relname = '', alias } = item.RangeVar;
  const qualifier = alias?.aliasname ?? relname;
  const isPid = (side: Node | undefined) =>
    alias?.colnames === undefined && (isColumn(side, 'pid') || isColumn(side, `${qualifier}.pid`));
  return (isPid(lexpr) && isOwn(rexpr)) || (isPid(rexpr) && isOwn(lexpr));
}

const isOwn = (node: Node | undefined): boolean => {
  if (node === undefined || !('FuncCall' in node)) return false;
  const { funcname, args } = node.FuncCall;
  return args === undefined && /^(pg_catalog\.)?pg_backend_pid$/.test(strings(funcname).join('.'));
};
