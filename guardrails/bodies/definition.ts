/** CREATE FUNCTION, as pg_get_functiondef() prints it, taken apart. */

import type { Node, NodeOf } from '../extract/nodes.ts';
import { factsOf } from '../extract/statement.ts';
import { strings, type Walk } from '../extract/walk.ts';
import type { StatementFacts } from '../facts.ts';
import { parse, SAFE_LENGTH } from '../parse.ts';
import { Opaque } from './opaque.ts';

export interface Definition {
  /** The whole CREATE FUNCTION. */
  readonly text: string;
  /** The body; null for one in BEGIN ATOMIC or RETURN. */
  readonly source: string | null;
  /** The statements of such a one: names are bound as it is made, and printed with the schema if it is not pg_catalog. */
  readonly atomic: readonly Node[];
  /** What defaults, and types of arguments and result, bring with them. */
  readonly signature: StatementFacts;
}

/** Throws Opaque. Only a quoted body can't harm the parser, whatever its length. */
export function definitionOf(text: string): Definition {
  if (text.length > SAFE_LENGTH && !/^AS \$function/m.test(text))
    throw new Opaque(`it has more than ${SAFE_LENGTH} characters in BEGIN ATOMIC`);
  const node = onlyStatement(text);
  if (!('CreateFunctionStmt' in node)) throw new Opaque('its definition is not understood');
  const create = node.CreateFunctionStmt;
  const source = sourceOf(create);
  const atomic = statementsOf(create.sql_body);
  if (source === null && create.sql_body === undefined) throw new Opaque('its body is not kept as a text');
  const signature = factsOf('CREATE FUNCTION', (walk) => {
    for (const parameter of create.parameters ?? [])
      if ('FunctionParameter' in parameter) parameterFacts(walk, parameter.FunctionParameter);
    if (create.returnType !== undefined) walk.body('TypeName', create.returnType);
  });
  return { text, source, atomic, signature };
}

/** What is given for an argument has been cast before; what is given back is cast at the end. */
const parameterFacts = (walk: Walk, { mode, argType, defexpr }: NodeOf<'FunctionParameter'>): void => {
  walk.node(defexpr);
  if (argType === undefined) return;
  if (GIVEN.has(mode ?? '')) walk.type(strings(argType.names), 'literal');
  else walk.body('TypeName', argType);
};

const GIVEN: ReadonlySet<string> = new Set(['FUNC_PARAM_IN', 'FUNC_PARAM_VARIADIC', 'FUNC_PARAM_DEFAULT']);

/** The statement of a text that must hold just one. */
function onlyStatement(text: string): Node {
  const [node, more] = nodesOf(text);
  if (node === undefined || more !== undefined) throw new Opaque('its definition is not understood');
  return node;
}

/** Throws Opaque. Nesting in a short text can't harm the parser. */
export function shortNodes(text: string): readonly Node[] {
  if (text.length > SAFE_LENGTH)
    throw new Opaque(`it has a statement of more than ${SAFE_LENGTH} characters`);
  return nodesOf(text);
}

const nodesOf = (text: string): readonly Node[] => {
  const parsed = parse(text);
  if ('error' in parsed) throw new Opaque(`it does not parse: ${parsed.error.message}`);
  return parsed.statements.flatMap(({ node }) => (node === undefined ? [] : [node]));
};

/** BEGIN ATOMIC is a list of a list, in which nothing is an empty node. */
const statementsOf = (body: Node | undefined): readonly Node[] => {
  if (body === undefined || Object.keys(body).length === 0) return [];
  if ('List' in body) return (body.List.items ?? []).flatMap(statementsOf);
  if (!('ReturnStmt' in body)) return [body];
  const { returnval } = body.ReturnStmt;
  return [{ SelectStmt: { targetList: [{ ResTarget: { ...(returnval && { val: returnval }) } }] } }];
};

const sourceOf = ({ options = [] }: NodeOf<'CreateFunctionStmt'>): string | null => {
  for (const option of options) {
    if (!('DefElem' in option) || option.DefElem.defname !== 'as') continue;
    const { arg } = option.DefElem;
    const texts = arg !== undefined && 'List' in arg ? strings(arg.List.items) : [];
    return texts.length === 1 ? texts[0]! : null;
  }
  return null;
};
