/**
 * One relation of a catalog snapshot. There may be a hundred thousand, and most statements touch three: so one is made
 * when it is first asked for, and so is each of its lists. (What a snapshot keeps alive is what the garbage collector
 * stops the process for.)
 */
import type {
  CheckedColumn,
  Dependent,
  ForeignKeyEffect,
  Relation,
  RelationKind,
  Routine,
  Rule,
  Trigger,
} from './catalog.ts';
import { isSystemSchema } from './catalog-objects.ts';
import type { RelationRow } from './catalog-rows.ts';
import type { RelationEffects } from './relation-effects.ts';

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

export class SnapshotRelation implements Relation {
  readonly oid: number;
  readonly schema: string;
  readonly name: string;
  readonly kind: RelationKind;
  readonly system: boolean;
  readonly columns: readonly string[];
  readonly partitionKey: readonly string[] | undefined;
  readonly #effects: RelationEffects;
  readonly #table: number | undefined;
  readonly #dropped: readonly number[];
  #reads: readonly Relation[] | undefined;
  #calls: readonly Routine[] | undefined;
  #children: readonly Relation[] | undefined;
  #referencedBy: readonly ForeignKeyEffect[] | undefined;
  #triggers: readonly Trigger[] | undefined;
  #rules: readonly Rule[] | undefined;
  #implicitCalls: readonly Routine[] | undefined;
  #readCalls: readonly Routine[] | undefined;
  #checkedColumns: readonly CheckedColumn[] | undefined;
  #ownedSequences: readonly Relation[] | undefined;
  #dependents: readonly Dependent[] | undefined;

  /** @throws Error for a pg_class.relkind that nobody has heard of */
  constructor(row: RelationRow, effects: RelationEffects) {
    const kind = KINDS[row.kind];
    if (!kind) throw new Error(`relation ${row.schema}.${row.name} is of an unknown kind: ${row.kind}`);
    this.oid = row.oid;
    this.schema = row.schema;
    this.name = row.name;
    this.kind = kind;
    this.system = isSystemSchema(row.schema) || row.schema === 'pg_toast';
    this.columns = row.columns;
    this.#dropped = row.dropped ?? [];
    this.partitionKey = row.partitionKey ?? undefined;
    this.#table = row.table ?? undefined;
    this.#effects = effects;
  }

  get table(): Relation | undefined {
    return this.#table === undefined ? undefined : this.#effects.relation(this.#table);
  }

  get reads(): readonly Relation[] {
    this.#reads ??= this.#effects.reads(this.oid);
    return this.#reads;
  }

  columnsRead(of: Relation): readonly string[] | null {
    return this.#effects.columnsRead(this.oid, of);
  }

  columnNumbered(attnum: number): string | undefined {
    if (this.#dropped.includes(attnum)) return undefined;
    return this.columns[attnum - 1 - this.#dropped.filter((gone) => gone < attnum).length];
  }

  get calls(): readonly Routine[] {
    this.#calls ??= this.#effects.calls(this.oid);
    return this.#calls;
  }

  get children(): readonly Relation[] {
    this.#children ??= this.#effects.children(this.oid);
    return this.#children;
  }

  get referencedBy(): readonly ForeignKeyEffect[] {
    this.#referencedBy ??= this.#effects.referencedBy(this.oid);
    return this.#referencedBy;
  }

  get triggers(): readonly Trigger[] {
    this.#triggers ??= this.#effects.triggers(this.oid);
    return this.#triggers;
  }

  get rules(): readonly Rule[] {
    this.#rules ??= this.#effects.rules(this.oid);
    return this.#rules;
  }

  get implicitCalls(): readonly Routine[] {
    this.#implicitCalls ??= this.#effects.implicitCalls(this.oid);
    return this.#implicitCalls;
  }

  get readCalls(): readonly Routine[] {
    this.#readCalls ??= this.#effects.readCalls(this.oid);
    return this.#readCalls;
  }

  callsReading(columns: readonly string[]): readonly Routine[] {
    return this.readCalls.length === 0 ? [] : this.#effects.callsReading(this.oid, columns);
  }

  get checkedColumns(): readonly CheckedColumn[] {
    this.#checkedColumns ??= this.#effects.checkedColumns(this.oid);
    return this.#checkedColumns;
  }

  get ownedSequences(): readonly Relation[] {
    this.#ownedSequences ??= this.#effects.ownedSequences(this.oid);
    return this.#ownedSequences;
  }

  get dependents(): readonly Dependent[] {
    this.#dependents ??= this.#effects.dependents('relation', this.oid);
    return this.#dependents;
  }
}
