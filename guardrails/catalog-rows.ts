/**
 * The upstream's catalog as plain rows, one list per kind, as `server/catalog-queries.ts` fetches them; what
 * `catalog-snapshot.ts` looks into. Numbers are OIDs. A *type* here is the OID of a pg_type row, or, for the row type of a
 * relation, the relation's OID negated.
 */

export interface SessionRow {
  readonly origin: string;
  readonly serverVersion: number;
  /** getdatabaseencoding(); default: UTF8. */
  readonly encoding?: string;
  readonly user: string;
  readonly searchPath: readonly string[];
  readonly searchPathSetting: string;
}

export interface RelationRow {
  readonly oid: number;
  readonly schema: string;
  readonly name: string;
  /** pg_class.relkind */
  readonly kind: string;
  /** Names in order. */
  readonly columns: readonly string[];
  /** pg_attribute.attnum of columns that are gone. */
  readonly dropped?: readonly number[] | null;
  /** Of a partitioned table; null where it has expressions in it. */
  readonly partitionKey?: readonly string[] | null;
  /** Of an index: the OID of its table. */
  readonly table?: number | null;
}

/** What a name stands for: all relations, routines and user-defined types (without row types) of the catalog. */
export interface NameRow {
  readonly name: string;
  readonly schema: string;
  readonly of: 'relation' | 'routine' | 'type';
  readonly oid: number;
}

export interface RoutineRow {
  readonly oid: number;
  readonly schema: string;
  readonly name: string;
  readonly args: string;
  /** pg_proc.prokind */
  readonly kind: string;
  readonly language: string;
  readonly securityDefiner: boolean;
  readonly extension: string | null;
  /** How many arguments a call may have at least and at most; null: any number. Absent: not known. */
  readonly least?: number;
  readonly most?: number | null;
  /** Of a user-defined aggregate: OIDs of the functions that it is made of. */
  readonly calls?: readonly number[] | null;
}

export interface ForeignKeyRow {
  readonly referenced: number;
  readonly relation: number;
  /** Columns of `referenced`; null where one of them is generated from others. */
  readonly keys: readonly string[] | null;
  /** pg_constraint.confdeltype, confupdtype */
  readonly onDelete: string;
  readonly onUpdate: string;
}

export interface TriggerRow {
  readonly relation: number;
  readonly name: string;
  /** pg_trigger.tgtype */
  readonly type: number;
  readonly routine: number;
  readonly deferrable: boolean;
  readonly transitionTables: readonly string[];
}

/** As RoutineBody. */
export interface BodyRow {
  readonly routine: number;
  readonly definition: string;
  readonly config: readonly string[];
  readonly policiesOfOwner: boolean;
}

/** A rewrite rule other than _RETURN. */
export interface RuleRow {
  readonly relation: number;
  readonly name: string;
  /** pg_rewrite.ev_type */
  readonly event: string;
  /** `privileges`: AclMode bits. */
  readonly reaches: readonly { readonly relation: number; readonly privileges: number }[];
  readonly calls: readonly number[];
  readonly types: readonly number[];
  readonly utility: boolean;
}

export interface ImplicitCallRow {
  readonly relation: number;
  readonly routine: number;
  /** It runs when rows are merely read. */
  readonly reads: boolean;
}

export interface DependentRow {
  /** OID of what is depended on. */
  readonly object: number;
  readonly of: 'relation' | 'routine' | 'type' | 'schema';
  readonly dependent: number;
  /** `other`: of a kind that `catalog` says. */
  readonly kind: 'relation' | 'routine' | 'type' | 'other';
  readonly catalog: string;
  readonly loses: 'all' | 'column' | 'part' | 'guard';
}

export interface TypeRow {
  readonly oid: number;
  readonly schema: string;
  readonly name: string;
  /** Of a domain: the name of the type that it is over, of an array's elements. */
  readonly base?: string | null;
}

export interface CastRow {
  readonly source: number;
  /** Name of the target type. */
  readonly target: string;
  readonly routine: number;
  /** Applied without being written: implicit, or in assignment. */
  readonly implicit: boolean;
  /** Both types are PostgreSQL's own. */
  readonly builtin: boolean;
}

export interface CatalogRows {
  readonly session: readonly SessionRow[];
  readonly schemas: readonly { readonly name: string; readonly oid: number }[];
  readonly names: readonly NameRow[];
  readonly relations: readonly RelationRow[];
  readonly routines: readonly RoutineRow[];
  readonly bodies: readonly BodyRow[];
  /**
   * `columns`: those that it reads, as a Bitmapset has them: pg_attribute.attnum less FirstLowInvalidHeapAttributeNumber (-7);
   * null: not known.
   */
  readonly viewReads: readonly {
    readonly view: number;
    readonly relation: number;
    readonly columns?: readonly number[] | null;
  }[];
  readonly viewCalls: readonly { readonly view: number; readonly routine: number }[];
  /** Types that a view's query casts to. */
  readonly viewTypes: readonly { readonly view: number; readonly type: number }[];
  readonly children: readonly { readonly parent: number; readonly child: number }[];
  readonly foreignKeys: readonly ForeignKeyRow[];
  readonly triggers: readonly TriggerRow[];
  readonly rules: readonly RuleRow[];
  readonly eventTriggers: readonly { readonly name: string; readonly routine: number }[];
  readonly implicitCalls: readonly ImplicitCallRow[];
  readonly sequences: readonly { readonly relation: number; readonly sequence: number }[];
  /**
   * `type`: both operands' own type, without a value of which the operator can't be meant; null: it may be. `gives`: values
   * of a user-defined type. `system`: it is in pg_catalog.
   */
  readonly operators: readonly {
    readonly name: string;
    readonly routine: number;
    readonly type?: number | null;
    readonly gives?: boolean;
    readonly system?: boolean;
  }[];
  /** User-defined types, by their real OIDs; without the row types of tables and views. */
  readonly types: readonly TypeRow[];
  /** Input, output, checks, defaults, canonical functions ... */
  readonly typeCalls: readonly { readonly type: number; readonly routine: number }[];
  /** Functions that compare, sort and hash values of the type (by OID and name) in user-defined operator classes. */
  readonly operatorClasses: readonly {
    readonly type: number;
    readonly name: string;
    readonly routine: number;
  }[];
  /** Elements of arrays, bases of domains, subtypes of ranges. */
  readonly typeParts: readonly { readonly type: number; readonly part: number }[];
  /** User-defined types of a relation's columns. */
  readonly columnTypes: readonly {
    readonly relation: number;
    readonly type: number;
    readonly columns: readonly string[];
  }[];
  readonly casts: readonly CastRow[];
  readonly dependents: readonly DependentRow[];
}

export type CatalogRowKind = keyof CatalogRows;

/** By what the rows of a kind are looked up; those of other kinds are few, and read as a whole. */
export const rowKeys = {
  names: 'name',
  relations: 'oid',
  routines: 'oid',
  bodies: 'routine',
  viewReads: 'view',
  viewCalls: 'view',
  viewTypes: 'view',
  children: 'parent',
  foreignKeys: 'referenced',
  triggers: 'relation',
  rules: 'relation',
  implicitCalls: 'relation',
  sequences: 'relation',
  operators: 'name',
  types: 'oid',
  typeCalls: 'type',
  typeParts: 'type',
  columnTypes: 'relation',
  dependents: 'object',
} as const satisfies { readonly [K in CatalogRowKind]?: keyof CatalogRows[K][number] };

type KeyedKind = keyof typeof rowKeys;

/** Rows of one kind, in any order. */
export interface RowList<Row, Key> extends Iterable<Row> {
  /** Those with this key. */
  of(key: Key): readonly Row[];
}

/** The rows as a catalog looks into them, again and again. */
export type CatalogRowLists = {
  readonly [K in KeyedKind]: RowList<
    CatalogRows[K][number],
    (typeof rowKeys)[K] extends 'name' ? string : number
  >;
} & { readonly [K in Exclude<CatalogRowKind, KeyedKind>]: Iterable<CatalogRows[K][number]> };

/** Rows of a database in which there is nothing; to spread what a test needs over. */
export const noCatalogRows: CatalogRows = {
  session: [
    {
      origin: '',
      serverVersion: 180000,
      user: 'postgres',
      searchPath: ['public'],
      searchPathSetting: '"$user", public',
    },
  ],
  schemas: [],
  names: [],
  relations: [],
  routines: [],
  bodies: [],
  viewReads: [],
  viewCalls: [],
  viewTypes: [],
  children: [],
  foreignKeys: [],
  triggers: [],
  rules: [],
  eventTriggers: [],
  implicitCalls: [],
  sequences: [],
  operators: [],
  types: [],
  typeCalls: [],
  operatorClasses: [],
  typeParts: [],
  columnTypes: [],
  casts: [],
  dependents: [],
};
