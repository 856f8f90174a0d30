/** `target := expression` of PL/pgSQL, taken apart by PostgreSQL's own scanner. */
import { scanSync } from 'libpg-query';
import { Opaque } from './opaque.ts';

/** Both sides; the target may hold expressions too, as subscripts. Throws Opaque. */
export function assignment(text: string): readonly [target: string, expression: string] {
  let depth = 0;
  for (const token of scanSync(text).tokens) {
    if (token.text === '[' || token.text === '(') depth++;
    if (token.text === ']' || token.text === ')') depth--;
    if (depth === 0 && (token.text === ':=' || token.text === '=')) return split(text, token);
  }
  throw new Opaque(`an assignment is not understood: ${text}`);
}

/** The scanner counts bytes of UTF-8. */
const split = (text: string, { start, end }: { start: number; end: number }) => {
  const bytes = Buffer.from(text);
  return [bytes.toString('utf8', 0, start), bytes.toString('utf8', end)] as const;
};
