/** The tokens of SQL, for colours alone: what a statement means is decided elsewhere, by PostgreSQL's own grammar. */
import pgsql from 'highlight.js/lib/languages/pgsql';
import { createLowlight } from 'lowlight';

export interface Token {
  readonly text: string;
  /** Names of highlight.js, such as `keyword`; null: nothing special. */
  readonly kind: string | null;
}

type Node = ReturnType<ReturnType<typeof createLowlight>['highlight']>['children'][number];

const lowlight = createLowlight({ pgsql });

export const tokensOf = (sql: string): readonly Token[] =>
  lowlight.highlight('pgsql', sql).children.flatMap((node) => flat(node, null));

function flat(node: Node, kind: string | null): readonly Token[] {
  if (node.type === 'text') return [{ text: node.value, kind }];
  if (node.type !== 'element') return [];
  const [name] = node.properties.className as readonly string[];
  return node.children.flatMap((child) => flat(child, name?.replace('hljs-', '') ?? kind));
}
