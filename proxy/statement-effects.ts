/** What an allowed text does to the session's cursors and prepared statements, as assumed when it is forwarded. */
import type { Verdict } from '../guardrails/types.ts';
import type { PreparedStatements } from './prepared-statements.ts';
import type { RowCounter } from './run.ts';

/** Takes the assumptions back, should the text fail or be skipped. */
export type Undo = (() => void) | null;

export interface Counted {
  readonly counters: readonly RowCounter[];
  readonly undo: Undo;
}

/** What the rows count for: the text or portal itself, and each cursor it fetches from. */
export function applyCursors(
  prepared: PreparedStatements,
  { effects: { cursors } }: Verdict,
  own: RowCounter,
): Counted {
  if (cursors.length === 0) return { counters: [own], undo: null };
  const counters = new Set([own]);
  let undo: Undo = null;
  for (const { op, name } of cursors) {
    if (op === 'declare') undo = both(undo, prepared.declareCursor(name));
    else for (const counter of prepared.cursorCounters(name)) counters.add(counter);
  }
  return { counters: [...counters], undo };
}

/**
 * SQL-level PREPARE and DEALLOCATE; returns what to do if the text fails. They are not undone by a rollback, so after
 * a text of several statements it is not known which of its names mean what: then they mean nothing.
 */
export function applyNames(
  prepared: PreparedStatements,
  { effects: { prepares, deallocates }, statements }: Verdict,
): Undo {
  if (prepares.length === 0 && deallocates.length === 0) return null;
  // Of several by one name the last is left: the one before was deallocated in between, or the text fails.
  const last = new Map(prepares.map((each) => [each.name, each]));
  const undos = [
    ...deallocates.map((name) => prepared.closeStatement(name)),
    ...[...last.values()].map(({ name, verdict }) =>
      prepared.prepare(name, { text: verdict.redactedText, madeBySql: name, verdict, recorded: null }),
    ),
  ];
  if (statements.length === 1 && undos.length === 1) return undos[0]!;
  return () => prepared.forget(prepares.map(({ name }) => name));
}

export function both(first: Undo, second: Undo): Undo {
  if (first === null || second === null) return first ?? second;
  return () => {
    first();
    second();
  };
}
