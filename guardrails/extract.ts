/** SQL text -> facts: parse it, walk every node of every statement. Never throws; pure but for the parser's memory. */
import { doubtfulNames, mayBeDoubtful } from './doubtful-names.ts';
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
    const doubts = mayBeDoubtful(sql);
    const statements = parsed.statements.map(({ node, range }) => {
      const doubtful = doubts ? doubtfulNames(node) : [];
      return { ...boundStatement(node, values), range, ...(doubtful.length > 0 && { doubtful }) };
    });
    return { error: null, statements };
  } catch (error) {
    if (error instanceof RangeError) return { error: TOO_DEEP, statements: [] };
    throw error;
  }
}
