import type { Policy } from '../../access/policy/policy.ts';
import { parsePattern, type ScopePattern } from '../../guardrails/scope-pattern.ts';
import type { StatementThings } from './statement-things.ts';

type DataClasses = Policy['dataClasses'];

interface KnownClass {
  readonly name: string;
  readonly patterns: readonly ScopePattern[];
}

/** A relation, or part of one, that a statement touches. */
interface Touched {
  readonly schema: string;
  readonly name: string;
  readonly columns: ReadonlySet<string>;
}

/** Which classes of data (`dataClasses` of the policy) a statement touches, told by relations and columns. */
export class TouchedClasses {
  readonly #current: () => DataClasses;
  #from: DataClasses | null = null;
  #known: readonly KnownClass[] = [];
  /** Statements come again and again. */
  #answers = new WeakMap<StatementThings, readonly string[]>();

  /** `current`: of the policy that decides now; the same object as long as that stays. */
  constructor(current: () => DataClasses) {
    this.#current = current;
  }

  /** null: the policy names none, so nobody can tell. */
  of(things: StatementThings): readonly string[] | null {
    this.#follow();
    if (this.#known.length === 0) return null;
    const known = this.#answers.get(things);
    if (known !== undefined) return known;
    const touched = touchedIn(things.details);
    const answer = this.#known
      .filter(({ patterns }) => patterns.some((pattern) => touched.some((each) => holds(pattern, each))))
      .map(({ name }) => name);
    this.#answers.set(things, answer);
    return answer;
  }

  #follow(): void {
    const now = this.#current();
    if (now === this.#from) return;
    this.#from = now;
    this.#known = [...now].map(([name, texts]) => ({ name, patterns: texts.map(parsePattern) }));
    this.#answers = new WeakMap();
  }
}

/** Columns are named as the statement names their relation, with its schema or without. */
function touchedIn(details: readonly string[]): readonly Touched[] {
  const columns = details.flatMap((detail) =>
    detail.startsWith('column ') ? [splitAtLast(detail.slice(7))] : [],
  );
  return details.flatMap((detail) => {
    const [, resource] = /^(?:select|insert|update|delete|truncate|export) (.+)$/su.exec(detail) ?? [];
    const dot = resource?.indexOf('.') ?? -1;
    if (resource === undefined || dot < 0) return [];
    const [schema, name] = [resource.slice(0, dot), resource.slice(dot + 1)];
    const own = columns.filter(([relation]) => relation === name || relation === resource);
    return [{ schema, name, columns: new Set(own.map(([, column]) => column)) }];
  });
}

const splitAtLast = (text: string): readonly [string, string] => {
  const dot = text.lastIndexOf('.');
  return [text.slice(0, dot), text.slice(dot + 1)];
};

const holds = ({ schema, name, inner }: ScopePattern, touched: Touched): boolean =>
  schema?.matches.test(touched.schema) === true &&
  name.matches.test(touched.name) &&
  (inner === null || inner.some((column) => touched.columns.has(column)));
