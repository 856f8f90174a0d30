/** SQL text -> facts: parse it, walk every node of every statement. Never throws; pure but for the parser's memory. */
import type { ParameterValues } from './extract/parameters.ts';
import { boundStatement } from './extract/statement.ts';
import type { Facts } from './facts.ts';
import { parse, TOO_DEEP } from './parse.ts';

/** `values`: of the parameters of Bind. */
export function extract(sql: string, values: ParameterValues = 'unknown'): Facts {
  const parsed = parse(sql);
  if ('error' in parsed)
    return { error: parsed.error, statements: [], ...(parsed.damaged && { damaged: true }) };
  try {
    return {
      error: null,
      statements: parsed.statements.map(({ node, range }) => ({ ...boundStatement(node, values), range })),
    };
  } catch (error) {
    if (error instanceof RangeError) return { error: TOO_DEEP, statements: [] };
    throw error;
  }
}
