/** The record of one decision: what was asked of the scope, and what the scope said. */
import type { Catalog } from '../catalog.ts';
import type { MadeName, Names } from '../names.ts';
import { type CompiledScope, resourceName } from '../scope.ts';
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

export class Judge {
  readonly scope: CompiledScope;
  readonly catalog: Catalog;
  readonly names: Names;
  /** What the statement makes. */
  readonly made: MadeName[] = [];
  readonly #reasons = new Map<string, Reason>();
  readonly refused: Refusal[] = [];
  /** A name was not found in the catalog, which may be out of date. */
  unresolved = false;
  /** The statement runs code that may do anything. */
  opaque = false;
  /** As SessionEffects.concealsRows. */
  concealsRows = false;
  /** It calls built-in functions that change something. */
  writes = false;

  constructor(scope: CompiledScope, catalog: Catalog, names: Names) {
    this.scope = scope;
    this.catalog = catalog;
    this.names = names;
  }

  note({ action, resource, allowed, why }: Asking): void {
    const key = `${action}\0${resource}`;
    const before = this.#reasons.get(key);
    if (before === undefined || (before.allowed && !allowed))
      this.#reasons.set(key, { action, resource, allowed, why });
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

  refuse(what: string, why: string): void {
    this.refused.push({ what, why });
  }

  get reasons(): readonly Reason[] {
    return [...this.#reasons.values()];
  }
}
