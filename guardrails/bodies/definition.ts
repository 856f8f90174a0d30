/** CREATE FUNCTION, as pg_get_functiondef() prints it, taken apart. */

import type { Node, NodeOf } from '../extract/nodes.ts';
import { factsOf } from '../extract/statement.ts';
import { strings } from '../extract/walk.ts';
import type { StatementFacts } from '../facts.ts';
import { parse, SAFE_LENGTH } from '../parse.ts';
import { Opaque } from './opaque.ts';

export interface Definition {
  /** The whole CREATE FUNCTION. */
  readonly text: string;
  readonly source: string;
  /** What defaults, and types of arguments and result, bring with them. */
  readonly signature: StatementFacts;
}

/** Throws Opaque. */
export function definitionOf(text: string): Definition {
  const node = onlyStatement(text);
  if (!('CreateFunctionStmt' in node)) throw new Opaque('its definition is not understood');
  const create = node.CreateFunctionStmt;
  const source = sourceOf(create);
  if (source === undefined) throw new Opaque('its body is not kept as a text');
  const signature = factsOf('CREATE FUNCTION', (walk) => {
    walk.nodes(create.parameters);
    if (create.returnType !== undefined) walk.body('TypeName', create.returnType);
  });
  return { text, source, signature };
}

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

const sourceOf = ({ options = [] }: NodeOf<'CreateFunctionStmt'>): string | undefined => {
  for (const option of options) {
    if (!('DefElem' in option) || option.DefElem.defname !== 'as') continue;
    const { arg } = option.DefElem;
    const texts = arg !== undefined && 'List' in arg ? strings(arg.List.items) : [];
    return texts.length === 1 ? texts[0] : undefined;
  }
  return undefined;
};
