/**
 * One relation of a catalog snapshot. There may be a hundred thousand, and most statements touch three: so the columns
 * are parsed when they are first asked for, and empty lists are all the same one. (What a snapshot keeps alive is what
 * the garbage collector stops the process for.)
 */
import type { ForeignKeyEffect, Relation, RelationKind, Routine, Rule, Trigger } from './catalog.ts';
import { isSystemSchema } from './catalog-objects.ts';
import type { RelationRow } from './catalog-rows.ts';

const NONE: readonly never[] = Object.freeze([]);

const KINDS: Readonly<Record<string, RelationKind>> = {
  r: 'table',
  p: 'partitioned',
  v: 'view',
  m: 'materialized',
  f: 'foreign',
  S: 'sequence',
  c: 'composite',
  t: 'toast',
  i: 'index',
  I: 'index',
};

export interface RelationLists {
  readonly reads: Relation;
  readonly calls: Routine;
  readonly children: Relation;
  readonly referencedBy: ForeignKeyEffect;
  readonly triggers: Trigger;
  readonly rules: Rule;
  readonly implicitCalls: Routine;
  readonly readCalls: Routine;
  readonly checkedColumns: Relation['checkedColumns'][number];
  readonly ownedSequences: Relation;
}

export class SnapshotRelation implements Relation {
  readonly oid: number;
  readonly schema: string;
  readonly name: string;
  readonly kind: RelationKind;
  readonly system: boolean;
  reads: readonly Relation[] = NONE;
  calls: readonly Routine[] = NONE;
  children: readonly Relation[] = NONE;
  referencedBy: readonly ForeignKeyEffect[] = NONE;
  triggers: readonly Trigger[] = NONE;
  rules: readonly Rule[] = NONE;
  implicitCalls: readonly Routine[] = NONE;
  readCalls: readonly Routine[] = NONE;
  checkedColumns: Relation['checkedColumns'] = NONE;
  ownedSequences: readonly Relation[] = NONE;
  #columns: string | readonly string[];

  constructor(row: RelationRow) {
    const kind = KINDS[row.kind];
    if (!kind) throw new Error(`relation ${row.schema}.${row.name} is of an unknown kind: ${row.kind}`);
    this.oid = row.oid;
    this.schema = row.schema;
    this.name = row.name;
    this.kind = kind;
    this.system = isSystemSchema(row.schema) || row.schema === 'pg_toast';
    this.#columns = row.columns;
  }

  get columns(): readonly string[] {
    if (typeof this.#columns === 'string') this.#columns = JSON.parse(this.#columns) as readonly string[];
    return this.#columns;
  }

  /** Only while the snapshot is being built. */
  add<K extends keyof RelationLists>(list: K, item: RelationLists[K]): void {
    const lists = this as unknown as { [L in K]: RelationLists[L][] };
    if (lists[list] === (NONE as unknown)) lists[list] = [item];
    else lists[list].push(item);
  }
}
