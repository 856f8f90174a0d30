/** Facts of one statement of a text. */
import type { StatementFacts } from '../facts.ts';
import type { Node } from './nodes.ts';
import { tagOf } from './tags.ts';
import { Walk } from './walk.ts';

export function statement(node: Node | undefined): StatementFacts {
  const walk = new Walk();
  if (node === undefined) walk.refuse('an empty statement', 'the parser gave a statement without a node');
  else walk.node(node);
  return walk.finish(node === undefined ? 'UNKNOWN' : tagOf(node));
}
