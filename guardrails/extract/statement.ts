/** Facts of one statement of a text, or of a part of one. */
import type { StatementFacts } from '../facts.ts';
import type { Node } from './nodes.ts';
import { tagOf } from './tags.ts';
import { Walk } from './walk.ts';

export function statement(node: Node | undefined): StatementFacts {
  return factsOf(node === undefined ? 'UNKNOWN' : tagOf(node), (walk) => {
    if (node === undefined) walk.refuse('an empty statement', 'the parser gave a statement without a node');
    else walk.node(node);
  });
}

/** Facts of what `body` walks. */
export function factsOf(tag: string, body: (walk: Walk) => void): StatementFacts {
  const walk = new Walk();
  body(walk);
  return walk.finish(tag);
}
