/** Facts of one statement of a text, or of a part of one. */
import type { StatementFacts } from '../facts.ts';
import type { Node } from './nodes.ts';
import { Parameters, type ParameterValues } from './parameters.ts';
import { tagOf } from './tags.ts';
import { Walk } from './walk.ts';

export function statement(node: Node | undefined): StatementFacts {
  return boundStatement(node, 'unknown');
}

/** `values`: of the parameters of Bind that the statement has. */
export function boundStatement(node: Node | undefined, values: ParameterValues): StatementFacts {
  const parameters = new Parameters(values);
  const body = (walk: Walk): void => {
    if (node === undefined) walk.refuse('an empty statement', 'the parser gave a statement without a node');
    else walk.node(node);
  };
  const facts = factsOf(node === undefined ? 'UNKNOWN' : tagOf(node), body, parameters);
  const { deciding } = parameters;
  if (node === undefined || deciding.length === 0) return facts;
  if (!parameters.usedElsewhere(node)) return { ...facts, deciding };
  return values === 'unknown' ? facts : statement(node);
}

/** Facts of what `body` walks. */
export function factsOf(
  tag: string,
  body: (walk: Walk) => void,
  parameters = new Parameters('unknown'),
): StatementFacts {
  const walk = new Walk(parameters);
  body(walk);
  return walk.finish(tag);
}
