/**
 * Bodies of functions in PL/pgSQL, as PostgreSQL's own PL/pgSQL parser takes them apart: every expression and statement
 * in them is SQL. What a branch or a loop does counts whether it is reached or not.
 */
import { parsePlPgSQLSync } from 'libpg-query';
import { statement } from '../extract/statement.ts';
import type { StatementFacts } from '../facts.ts';
import { relationName } from '../identifiers.ts';
import type { BodyFacts } from './body.ts';
import { type Definition, shortNodes } from './definition.ts';
import { Opaque } from './opaque.ts';
import { assignment } from './plpgsql-assignment.ts';
import { defaultsOf } from './plpgsql-defaults.ts';

/** Statements and their parts. What is missing here (EXECUTE, COMMIT, CALL ...) is not followed. */
const KINDS: ReadonlySet<string> = new Set(
  `
  stmt_block stmt_assign stmt_if stmt_case stmt_loop stmt_while stmt_fori stmt_fors stmt_forc stmt_foreach_a stmt_exit
  stmt_return stmt_return_next stmt_return_query stmt_raise stmt_assert stmt_execsql stmt_getdiag stmt_open stmt_fetch
  stmt_close stmt_perform
  function if_elsif case_when raise_option diag_item exception_block exception condition
  var rec row recfield type expr alias
  `
    .trim()
    .split(/\s+/)
    .map((kind) => `PLpgSQL_${kind}`),
);

/** RawParseMode (parser/parser.h): a whole statement, an expression; the rest are assignments. */
const STATEMENT = 0;
const EXPRESSION = 2;

type Tree = Readonly<Record<string, unknown>>;

/** Throws Opaque. */
export function plpgsqlStatements({ text, source }: Definition): BodyFacts {
  const reader = new Reader();
  reader.read(parsed(text));
  reader.readDefaults(source ?? '');
  return { statements: reader.statements, assigns: reader.assigns };
}

const parsed = (text: string): unknown => {
  try {
    return parsePlPgSQLSync(text);
  } catch (error) {
    throw new Opaque(`it does not parse: ${error instanceof Error ? error.message : String(error)}`);
  }
};

class Reader {
  readonly statements: StatementFacts[] = [];
  #assigns: Set<string> | null = new Set();
  readonly #records = new Set<string>();

  get assigns(): readonly string[] | null {
    return this.#assigns && [...this.#assigns];
  }

  read(tree: unknown): void {
    if (typeof tree !== 'object' || tree === null) return;
    if (Array.isArray(tree)) {
      for (const item of tree) this.read(item);
      return;
    }
    for (const [key, value] of Object.entries(tree as Tree)) {
      if (key.startsWith('PLpgSQL_')) this.#node(key, value as Tree);
      else if (key === 'dynquery') throw new Opaque('it runs a query that it computes');
      else this.read(value);
    }
  }

  /** What the parser's output lacks. */
  readDefaults(source: string): void {
    for (const expression of defaultsOf(source, this.#records)) this.#expression(expression, EXPRESSION);
  }

  #node(kind: string, node: Tree): void {
    if (!KINDS.has(kind))
      throw new Opaque(`it has a statement that is not followed (${WORDS[kind] ?? kind})`);
    switch (kind) {
      case 'PLpgSQL_expr':
        return this.#expression(String(node.query), node.parseMode);
      case 'PLpgSQL_type':
        return this.#type(String(node.typname));
      case 'PLpgSQL_recfield':
        this.#assigns?.add(String(node.fieldname));
        return;
      default:
        if (kind === 'PLpgSQL_var' && node.lineno === undefined) return; // not declared: FOUND, TG_OP ...
        if (kind === 'PLpgSQL_rec') this.#records.add(String(node.refname));
        if (mayAssignWhole(kind, node)) this.#assigns = null;
        this.read(node);
    }
  }

  #expression(query: string, mode: unknown): void {
    if (mode === STATEMENT) this.#sql(query);
    else if (mode === EXPRESSION) this.#sql(`SELECT ${query}`);
    else for (const side of assignment(query)) this.#sql(`SELECT ${side}`);
  }

  /** A variable's type: its domains are checked when it is assigned to. */
  #type(written: string): void {
    const relation = /^(.*?)(?:%rowtype|\.[^.]*%type)$/is.exec(written.trim())?.[1];
    if (relation === undefined) return this.#sql(`SELECT NULL::${written}`);
    if (relationName(relation) === null)
      throw new Opaque(`the type ${written} of a variable is not understood`);
    this.#sql(`SELECT NULL::${relation}`);
  }

  #sql(text: string): void {
    this.statements.push(...shortNodes(text).map((node) => statement(node)));
  }
}

const WORDS: Readonly<Record<string, string>> = {
  PLpgSQL_stmt_dynexecute: 'EXECUTE',
  PLpgSQL_stmt_dynfors: 'FOR ... IN EXECUTE',
  PLpgSQL_stmt_call: 'CALL',
  PLpgSQL_stmt_commit: 'COMMIT',
  PLpgSQL_stmt_rollback: 'ROLLBACK',
};

/** The row that a trigger gives back may be another than NEW with the fields that were assigned to. */
const mayAssignWhole = (kind: string, node: Tree): boolean => {
  const { varno, retvarno, expr, target, var: row } = node;
  if (kind === 'PLpgSQL_stmt_assign' || kind === 'PLpgSQL_stmt_foreach_a')
    return varno === undefined || varno === NEW;
  if (kind === 'PLpgSQL_stmt_return') return !isNull(expr) || Number(retvarno ?? NEW) > OLD;
  return isNew(target) || isNew(row);
};

/** Numbers of a trigger function's first variables; the parser leaves zeros out. */
const NEW = 0;
const OLD = 1;

const isNew = (target: unknown): boolean => {
  const record = (target as Tree | undefined)?.PLpgSQL_rec as Tree | undefined;
  return record !== undefined && Number(record.dno ?? NEW) === NEW;
};

const isNull = (expr: unknown): boolean => {
  if (expr === undefined) return true;
  const { query } = (expr as Tree).PLpgSQL_expr as Tree;
  return String(query).trim().toLowerCase() === 'null';
};
