/** Deciding texts in tests: grants in the short form of the command line, `action,action:pattern`. */
import { ASSUMED_CATALOG } from '../../guardrails/assumed-catalog.ts';
import type { Catalog } from '../../guardrails/catalog.ts';
import { type Decision, decide } from '../../guardrails/decide.ts';
import { extract } from '../../guardrails/extract.ts';
import { INITIAL_NAMES, type Names } from '../../guardrails/names.ts';
import { redact } from '../../guardrails/redact.ts';
import { CompiledScope } from '../../guardrails/scope.ts';
import { ACTIONS, type Action, type Scope, type Verdict } from '../../guardrails/types.ts';

export interface Circumstances {
  readonly catalog?: Catalog;
  readonly names?: Names;
  readonly outOfScope?: 'deny' | 'hold';
}

/** `select:public.*` or `*:*`; a pattern with `!` excludes. */
export function scopeOf(lines: readonly string[]): Scope {
  return lines.map((line) => {
    const [actions = '', ...pattern] = line.split(':');
    return { actions: actions === '*' ? ACTIONS : (actions.split(',') as Action[]), on: [pattern.join(':')] };
  });
}

export function decisionOn(
  sql: string,
  lines: readonly string[],
  circumstances: Circumstances = {},
): Decision {
  const { catalog = ASSUMED_CATALOG, names = INITIAL_NAMES, outOfScope = 'deny' } = circumstances;
  return decide({
    facts: extract(sql),
    scope: new CompiledScope(scopeOf(lines), ACTIONS),
    outOfScope,
    catalog,
    names,
    prepared: () => undefined,
    redactedText: redact(sql),
  });
}

export function verdictOn(sql: string, lines: readonly string[], circumstances: Circumstances = {}): Verdict {
  return decisionOn(sql, lines, circumstances).verdict;
}
