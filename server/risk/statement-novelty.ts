import type { HabitMark } from '../../access/habit-filter.ts';
import type { StatementNovelty } from '../../classifier/session/record.ts';
import type { Novelty } from './novelty.ts';
import type { StatementThings } from './statement-things.ts';

/** What of a statement's things nobody here has used; null: nobody has been here long enough to tell. */
export function noveltyOf(
  { details }: StatementThings,
  novelty: Novelty,
  markOf: (thing: string) => HabitMark,
): StatementNovelty | null {
  if (!novelty.seasoned) return null;
  const fresh = details.filter((detail) => !novelty.isUsual(markOf(detail)));
  const columns = fresh.filter((detail) => detail.startsWith('column ')).length;
  const functions = fresh.filter((detail) => detail.startsWith('execute ')).length;
  return { relations: fresh.length - columns - functions, columns, functions };
}
