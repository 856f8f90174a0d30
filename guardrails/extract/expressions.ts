/** Expressions: where functions, operators, types and columns are named. */
import type { A_Expr_Kind } from 'libpg-query';
import { judgedByArgument, populatesRows } from '../builtin-functions.ts';
import { ARRAY, type TypeNeed } from '../facts.ts';
import { relationName, schemaList } from '../identifiers.ts';
import { keywordOfCatalog } from './keywords.ts';
import type { Node, NodeOf } from './nodes.ts';
import { rangeVar } from './objects.ts';
import type { Resolved } from './parameters.ts';
import { type Handler, type Handlers, qualified, strings, type Walk } from './walk.ts';
import { writtenArguments } from './written.ts';

const columnRef: Handler<'ColumnRef'> = (walk, node) => {
  const fields = node.fields ?? [];
  const names = strings(fields);
  if (names.length < fields.length) {
    if (names.length === 0) walk.level.star();
    else walk.level.refer([...names, '*']);
  } else walk.level.refer(names);
};

/** `(x).f`: a field, or the function f called with x. */
const indirection: Handler<'A_Indirection'> = (walk, node) => {
  for (const name of strings(node.indirection)) walk.attribute(name);
  walk.children('A_Indirection', node);
};

const funcCall: Handler<'FuncCall'> = (walk, node) => {
  const names = strings(node.funcname);
  const { schema, name } = qualified(names);
  const builtin = schema === null || schema === 'pg_catalog';
  const use = builtin && judgeArgument(walk, name, node.args ?? []) ? 'judged' : 'call';
  walk.function(
    names,
    use,
    node.agg_within_group === true ? {} : { args: node.args?.length ?? 0, written: writtenArguments(node) },
  );
  if (schema === 'pg_catalog') keywordOfCatalog(walk, name);
  if (populatesRows.has(name)) walk.populates();
  if (node.args?.length === 1) walk.type(names); // `numeric(x)` is a cast
  walk.children('FuncCall', node);
};

/** Built-in functions whose literal argument says what they touch: notes that, and tells if it could. */
const judgeArgument = (walk: Walk, name: string, args: readonly Node[]): boolean => {
  if (harmlessCall(name, args)) return true;
  const rule = judgedByArgument.get(name);
  if (rule === undefined) return false;
  const argument = args[rule.argument];
  switch (rule.names) {
    case 'sets':
      setConfig(walk, argument, args[rule.argument + 1]);
      return true;
    case 'shows': {
      const shown = argument && constant(argument);
      if (shown !== undefined) walk.need({ kind: 'shown', name: shown.toLowerCase() });
      return shown !== undefined;
    }
    case 'sequence':
      return serial(walk, name, argument) || sequence(walk, name, known(walk, argument, namesNow(walk)));
    default:
      return rule.names satisfies never;
  }
};

/** Overloads of guarded functions that run nothing: a rewriting without SQL, a type that the grammar knows by a keyword. */
const harmlessCall = (name: string, args: readonly Node[]): boolean => {
  if (name === 'ts_rewrite') return args.length === 3;
  return INPUT_CHECKS.has(name) && KEYWORD_TYPE.test(constant(args[1]) ?? '');
};

const INPUT_CHECKS: ReadonlySet<string> = new Set(['pg_input_is_valid', 'pg_input_error_info']);
const KEYWORD_TYPE =
  /^(int|integer|smallint|bigint|real|double precision|decimal|numeric|boolean|varchar|interval|time|timestamp)$/i;

/** A constant, or a parameter of Bind, also behind casts to these types. */
const known = (walk: Walk, node: Node | undefined, casts: ReadonlySet<string>): Resolved => {
  if (node === undefined) return undefined;
  if ('TypeCast' in node)
    return keepsText(node.TypeCast.typeName, casts) ? known(walk, node.TypeCast.arg, casts) : undefined;
  const value = constant(node);
  return value === undefined ? walk.parameters.resolve(node) : { value };
};

const namedSetting = (walk: Walk, argument: Node | undefined): string | undefined =>
  isColumn(argument, 'name') ? (walk.level.namedSetting ?? undefined) : undefined;

export const isColumn = (node: Node | undefined, name: string): boolean =>
  node !== undefined && 'ColumnRef' in node && strings(node.ColumnRef.fields).join('.') === name;

/** The sequence of a column: constants that the catalog answers. */
const serial = (walk: Walk, via: string, node: Node | undefined): boolean => {
  if (node === undefined) return false;
  if ('TypeCast' in node)
    return keepsText(node.TypeCast.typeName, REGCLASS) && serial(walk, via, node.TypeCast.arg);
  if (!('FuncCall' in node)) return false;
  const { funcname, args = [] } = node.FuncCall;
  const { schema, name } = qualified(strings(funcname));
  const [table, column] = args.map(constant);
  const relation = table === undefined || column === undefined ? null : relationName(table);
  if (name !== 'pg_get_serial_sequence' || (schema ?? 'pg_catalog') !== 'pg_catalog' || relation === null)
    return false;
  walk.effects.writes = true;
  walk.need({ kind: 'serial', ...qualified(relation), via });
  return true;
};

const sequence = (walk: Walk, via: string, argument: Resolved): boolean => {
  walk.effects.writes = true;
  if (typeof argument !== 'object') return argument === 'later';
  const named = relationName(argument.value);
  if (named !== null) walk.use('update', rangeVar(named), { all: true, via });
  return named !== null;
};

const setConfig = (walk: Walk, nameNode: Node | undefined, valueNode: Node | undefined): void => {
  const name = known(walk, nameNode, TEXT);
  if (name === 'later') {
    known(walk, valueNode, TEXT);
    return;
  }
  const written = name?.value ?? namedSetting(walk, nameNode);
  if (written === undefined) return walk.refuse('set_config', COMPUTED);
  const key = written.toLowerCase();
  const value = settingValue(walk, key, valueNode);
  walk.need({ kind: 'setting', name: key, value: value ?? null, reset: false });
  if (key !== 'search_path') return;
  walk.effects.changesNames = true;
  walk.searchPath = value === undefined ? null : schemaList(value);
};

const COMPUTED =
  'the name of the setting is computed as the statement runs; a constant, or a parameter of Bind with a type of text, would do';

/** Of a parameter only where it matters; what no parameter may set is refused whatever its value. */
const settingValue = (walk: Walk, name: string, node: Node | undefined): string | undefined => {
  const written = node && constant(node);
  if (written !== undefined || name !== 'search_path') return written;
  const value = known(walk, node, TEXT);
  return typeof value === 'object' ? value.value : undefined;
};

/** A string constant, also behind a cast such as 'x'::regclass. */
export function constant(node: Node | undefined): string | undefined {
  if (node === undefined) return undefined;
  if ('TypeCast' in node)
    return keepsText(node.TypeCast.typeName, TEXT) ? constant(node.TypeCast.arg) : undefined;
  return 'A_Const' in node && node.A_Const.sval !== undefined ? (node.A_Const.sval.sval ?? '') : undefined;
}

/** A cast to it leaves a constant as it is written; others cut it off or respell it (`'role_x'::char(4)`). */
const keepsText = (type: NodeOf<'TypeName'> | undefined, kept: ReadonlySet<string>): boolean => {
  const name = strings(type?.names).at(-1) ?? '';
  const plain = type?.typmods === undefined && type?.arrayBounds === undefined;
  return plain && kept.has(name);
};

const TEXT: ReadonlySet<string> = new Set(['text', 'varchar']);
/** For what is read as the name of a relation in the end; as text it may be respelled (`'public.x'::regclass::text`). */
const REGCLASS: ReadonlySet<string> = new Set([...TEXT, 'regclass']);
/** A text is made a name when the row is fetched, under the search_path of then. */
const LATER: ReadonlySet<string> = new Set(['regclass']);

const namesNow = ({ effects }: Walk): ReadonlySet<string> => (effects.cursor === null ? REGCLASS : LATER);

/** Operators that the name of an expression does not say. */
const OPERATORS_OF: { readonly [K in A_Expr_Kind]?: readonly string[] } = {
  AEXPR_BETWEEN: ['>=', '<='],
  AEXPR_BETWEEN_SYM: ['>=', '<='],
  AEXPR_NOT_BETWEEN: ['<', '>'],
  AEXPR_NOT_BETWEEN_SYM: ['<', '>'],
};

const operatorExpression: Handler<'A_Expr'> = (walk, node) => {
  for (const name of OPERATORS_OF[node.kind ?? 'AEXPR_OP'] ?? []) walk.operator([name]);
  walk.operator(strings(node.name));
  if (strings(node.name).at(-1) === '#=') walk.populates(); // hstore's populate_record
  walk.children('A_Expr', node, ['name']);
};

const typeName = (walk: Walk, node: NodeOf<'TypeName'>, of?: TypeNeed['of']): void => {
  const names = strings(node.names);
  if (node.pct_type === true) return typeOfColumn(walk, names);
  walk.type(names, of);
  walk.children('TypeName', node, ['names']);
};

const isLiteral = (node: Node | undefined): boolean =>
  node !== undefined &&
  'A_Const' in node &&
  (node.A_Const.sval !== undefined || node.A_Const.isnull === true);

/** `table.column%TYPE` */
const typeOfColumn = (walk: Walk, names: readonly string[]): void => {
  walk.use('select', rangeVar(names.slice(0, -1)), { columns: names.slice(-1) });
};

export const EXPRESSIONS = {
  ColumnRef: columnRef,
  A_Indirection: indirection,
  FuncCall: funcCall,
  A_Expr: operatorExpression,
  TypeName: (walk, node) => typeName(walk, node),
  TypeCast: (walk, { arg, typeName: type }) => {
    walk.node(arg);
    if (type !== undefined) typeName(walk, type, isLiteral(arg) ? 'literal' : undefined);
  },
  ColumnDef: (walk, node) => {
    if (node.typeName !== undefined) typeName(walk, node.typeName, 'column');
    walk.children('ColumnDef', node, ['typeName']);
  },
  SubLink: (walk, node) => {
    if (node.subLinkType === 'ARRAY_SUBLINK') walk.operator(['pg_catalog', ARRAY]);
    if (node.operName !== undefined) walk.operator(strings(node.operName));
    else if (node.testexpr !== undefined) walk.operator(['=']); // IN
    walk.children('SubLink', node, ['operName']);
  },
  A_ArrayExpr: (walk, node) => {
    walk.operator(['pg_catalog', ARRAY]);
    walk.children('A_ArrayExpr', node);
  },
  CaseExpr: (walk, node) => {
    if (node.arg !== undefined) walk.operator(['=']);
    walk.children('CaseExpr', node);
  },
  SortBy: (walk, node) => {
    if (node.useOp !== undefined) walk.operator(strings(node.useOp));
    walk.children('SortBy', node, ['useOp']);
  },
} satisfies Partial<Handlers>;
