/** What an operator has to say about denials: the first line that matches a missing need speaks for it. */
import { CompiledScope } from './scope.ts';
import type { Action, Reason } from './types.ts';

export interface AdviceLine {
  readonly actions: readonly Action[];
  /** Patterns as in a grant. */
  readonly on: readonly string[];
  /** For the DETAIL. */
  readonly message: string | null;
  /** For the HINT. */
  readonly hint: string | null;
}

/** What is said about one denial, without repetitions, in the order of the needs. */
export interface Said {
  readonly messages: readonly string[];
  readonly hints: readonly string[];
}

/** Of one denial. */
const MOST_SAID = 3;

export class Advice {
  readonly #lines: readonly { readonly line: AdviceLine; readonly scope: CompiledScope }[];

  constructor(lines: readonly AdviceLine[]) {
    this.#lines = lines.map((line) => ({ line, scope: new CompiledScope([line], line.actions) }));
  }

  about(missing: readonly Pick<Reason, 'action' | 'resource'>[]): Said {
    if (this.#lines.length === 0) return NOTHING;
    const lines = new Set(missing.map((need) => this.#first(need)).filter((line) => line !== undefined));
    const said = [...lines].slice(0, MOST_SAID);
    return {
      messages: said.flatMap(({ message }) => message ?? []),
      hints: said.flatMap(({ hint }) => hint ?? []),
    };
  }

  #first({ action, resource }: Pick<Reason, 'action' | 'resource'>): AdviceLine | undefined {
    return this.#lines.find(({ scope }) => scope.coversNamed(action, resource))?.line;
  }
}

const NOTHING: Said = { messages: [], hints: [] };
export const NO_ADVICE = new Advice([]);
