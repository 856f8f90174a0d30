/** SQL as it would be written with care. */
import { formatDialect, postgresql } from 'sql-formatter';

/** One that fits on a line stays as it is. */
const SHORT = 64;

/** null: it can't be told; then it stays as it is written. */
export function laidOut(sql: string): string | null {
  if (sql.length <= SHORT) return sql;
  try {
    return formatDialect(sql, { dialect: postgresql, tabWidth: 2, expressionWidth: 72 });
  } catch {
    return null;
  }
}
