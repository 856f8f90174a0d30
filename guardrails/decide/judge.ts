/** The record of one decision: what was asked of the scope, and what the scope said. */
import type { Catalog, Routine, TypesPresent } from '../catalog.ts';
import type { MadeName, Names } from '../names.ts';
import { type CompiledScope, quoted, resourceName } from '../scope.ts';
import type { Action, ErrorFields, Reason } from '../types.ts';

/** What no grant can allow. `error`: the server's own error for it, where it would have one. */
export interface Refusal {
  readonly what: string;
  readonly why: string;
  readonly error?: ErrorFields;
}

interface Asking {
  readonly action: Action;
  readonly resource: string;
  readonly allowed: boolean;
  readonly why: string;
}

/** `holders`: operators, over arrays, ranges and rows. `anything`: also what makes an array of a column. */
export type TypeMixing = 'nothing' | 'holders' | 'anything';

interface Inner {
  readonly given: readonly string[];
  readonly entered: ReadonlySet<string>;
  readonly settled: Set<string>;
}

export class Judge {
  readonly scope: CompiledScope;
  readonly catalog: Catalog;
  readonly names: Names;
  /** What the statement makes. */
  readonly made: MadeName[] = [];
  /** Schemas that it makes, drops or renames. */
  readonly schemas: string[] = [];
  readonly #reasons = new Map<string, Reason>();
  /** The relations that led to what is asked about. */
  readonly #path: string[] = [];
  readonly refused: Refusal[] = [];
  /** A name was not found in the catalog, which may be out of date. */
  unresolved = false;
  /** The statement runs code that may do anything. */
  opaque = false;
  /** As SessionEffects.concealsRows. */
  concealsRows = false;
  /** As SessionEffects.concealsValues. */
  concealsValues = false;
  /** What may make values of a column's type that are not in the column: see takesTypeOfOthers. */
  mixing: TypeMixing = 'nothing';
  /** User-defined types that its values may be of. */
  typesPresent: () => TypesPresent = () => null;
  /** It is run by FETCH, under whatever search_path holds then. */
  fetched = false;
  /** It calls built-in functions that change something. */
  writes = false;
  /** The needs are those of a function's body, which nobody wrote for this statement. */
  readonly implicit: boolean;
  /** Relations of these names are rows of the statement itself. */
  readonly given: ReadonlySet<string>;
  /** Bodies that were entered, with the search paths they were understood under: one that calls itself ends here. */
  readonly #entered: Set<string>;
  /** Likewise bodies that are not for the scope to allow, but `execute` on their functions: the statement's, at any depth. */
  readonly #settled: Set<string>;

  constructor(scope: CompiledScope, catalog: Catalog, names: Names, inner?: Inner) {
    this.scope = scope;
    this.catalog = catalog;
    this.names = names;
    this.implicit = inner !== undefined;
    this.given = new Set(inner?.given);
    this.#entered = new Set(inner?.entered);
    this.#settled = inner?.settled ?? new Set();
  }

  /** For what a function's body needs: nothing of it counts until it is absorbed. */
  within(names: Names, given: readonly string[]): Judge {
    const inner = new Judge(this.scope, this.catalog, names, {
      given,
      entered: this.#entered,
      settled: this.#settled,
    });
    inner.mixing = 'anything';
    inner.fetched = this.fetched;
    return inner;
  }

  /** False if the body's needs are judged already. */
  enter(routine: Routine): boolean {
    const key = this.#keyOf(routine);
    if (this.#entered.has(key)) return false;
    this.#entered.add(key);
    return true;
  }

  /** It is for `execute` to allow the body that was entered, here and wherever the statement comes by again. */
  settle(routine: Routine): void {
    this.#settled.add(this.#keyOf(routine));
  }

  isSettled(routine: Routine): boolean {
    return this.#settled.size > 0 && this.#settled.has(this.#keyOf(routine));
  }

  #keyOf({ oid }: Routine): string {
    return `${oid}\0${JSON.stringify(this.names.paths)}\0${[...this.given].join()}`;
  }

  /** What a body needs, the statement needs. `why`: how it comes to be done. */
  absorb(inner: Judge, why?: string): void {
    for (const reason of inner.#reasons.values()) this.note(why === undefined ? reason : { ...reason, why });
    for (const key of inner.#entered) this.#entered.add(key);
    this.unresolved ||= inner.unresolved;
    this.opaque ||= inner.opaque;
    this.concealsRows ||= inner.concealsRows;
    this.concealsValues ||= inner.concealsValues;
    this.writes ||= inner.writes;
  }

  /** `action`, on a relation that the grant may not read whole. */
  conceal(action: Action): void {
    this.concealsRows = true;
    this.concealsValues ||= action === 'alter';
  }

  /** Run `body`: what it notes follows from something done to `resource`. */
  behind(resource: string, body: () => void): void {
    this.#path.push(resource);
    body();
    this.#path.pop();
  }

  note({ action, resource, allowed, why }: Asking): void {
    const key = `${action}\0${resource}`;
    const before = this.#reasons.get(key);
    if (before === undefined || (before.allowed && !allowed))
      this.#reasons.set(key, {
        action,
        resource,
        allowed,
        why,
        ...(this.#path.length > 0 && { path: [...this.#path] }),
      });
  }

  /** A need whose resource is `schema.name`, a function's with argument types. */
  ask(action: Action, schema: string, name: string, why: string, args?: string): void {
    const asked = args === undefined ? { schema, name, all: true } : { schema, name, args };
    const allowed = this.scope.everything(action) || this.scope.covers(action, asked).covered;
    this.note({
      action,
      resource: resourceName(schema, name) + (args === undefined ? '' : `(${args})`),
      allowed,
      why,
    });
  }

  plain(action: Action, resource: string, why: string): void {
    this.note({ action, resource, allowed: this.scope.coversPlain(action, resource), why });
  }

  wholeSchema(action: Action, schema: string, why: string): void {
    const allowed = this.scope.everything(action) || this.scope.coversSchema(action, schema);
    this.note({ action, resource: `${quoted(schema)}.*`, allowed, why });
  }

  refuse(what: string, why: string): void {
    this.refused.push({ what, why });
  }

  get reasons(): readonly Reason[] {
    return [...this.#reasons.values()];
  }
}
