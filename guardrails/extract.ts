/** SQL text -> facts: parse it, walk every node of every statement. Never throws; pure but for the parser's memory. */
import { statement } from './extract/statement.ts';
import type { Facts } from './facts.ts';
import { parse, TOO_DEEP } from './parse.ts';

export function extract(sql: string): Facts {
  const parsed = parse(sql);
  if ('error' in parsed)
    return { error: parsed.error, statements: [], ...(parsed.damaged && { damaged: true }) };
  try {
    return {
      error: null,
      statements: parsed.statements.map(({ node, range }) => ({ ...statement(node), range })),
    };
  } catch (error) {
    if (error instanceof RangeError) return { error: TOO_DEEP, statements: [] };
    throw error;
  }
}
