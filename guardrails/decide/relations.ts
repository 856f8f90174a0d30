/** Relations: by name, and by what their views, children, foreign keys, triggers and rules reach. */
import { bodyOf } from '../bodies/body.ts';
import type { Relation, Routine, Rule, Trigger } from '../catalog.ts';
import type { RelationNeed, SerialNeed } from '../facts.ts';
import {
  type Candidate,
  reached,
  relationsMeant,
  schemasPresent,
  schemasSearched,
  TEMPORARY,
} from '../names.ts';
import { quoted, resourceName } from '../scope.ts';
import { hasOwnRow, secretColumns, systemRelation } from '../system-relations.ts';
import type { Action } from '../types.ts';
import { judgeDependents, judgeUnknownDependents } from './dependents.ts';
import { judgeImplicit } from './implicit.ts';
import { judgeIndex } from './indexes.ts';
import type { Judge } from './judge.ts';
import {
  judgeCheckedColumns,
  judgeImplicitCall,
  judgeImplicitCalls,
  judgeTriggers,
} from './relation-calls.ts';

export function judgeRelation(judge: Judge, need: RelationNeed): void {
  if (need.schema === null && judge.given.has(need.name)) return;
  const meant = relationsMeant(need.schema, need.name, judge.catalog, judge.names);
  if (meant.length === 0) return unknown(judge, need);
  for (const candidate of meant) new RelationJudge(judge, need, candidate).judge();
}

/** A column's sequence is in the schema of its table: all that is known of a table that the session has made. */
export function judgeSerial(judge: Judge, { schema, name, via }: SerialNeed): void {
  const need: RelationNeed = { ...WHOLE, schema, name, action: 'update', via };
  const meant = relationsMeant(schema, name, judge.catalog, judge.names);
  if (meant.length === 0) return unknown(judge, need);
  for (const { relation, veil, ...its } of meant)
    if (relation === undefined || veil.includes('select'))
      judge.wholeSchema('update', its.schema, `${via} on a sequence of ${resourceName(its.schema, name)}`);
    else
      for (const each of relation.ownedSequences)
        new RelationJudge(judge, need, reached(each, judge.names)).judge();
}

/** What cannot be resolved is out of scope, but for an action that is allowed on everything. */
const unknown = (judge: Judge, need: RelationNeed): void => {
  judge.unresolved = true;
  if (need.ifTouched && need.columns.length === 0 && !need.all) return;
  if (need.missingOk && missing(judge, need)) return;
  const resource = need.schema === null ? need.name : resourceName(need.schema, need.name);
  judge.note({
    action: need.action,
    resource,
    allowed: judge.scope.everything(need.action) && !isSystem(need.schema ?? ''),
    why: `no relation ${resource} is known`,
  });
};

/** Should it be there after all, it is where the name is looked for. False if that is anywhere. */
const missing = (judge: Judge, { action, schema, name }: RelationNeed): boolean => {
  const schemas = schema === null ? schemasPresent(judge.catalog, judge.names) : [schema];
  if (schemas === null || schemas.some(isSystem)) return false;
  for (const each of schemas) judge.ask(action, each, name, 'the statement names it');
  return true;
};

const COLUMNWISE: readonly Action[] = ['select', 'insert', 'update', 'export'];
const SYSTEM: ReadonlySet<string> = new Set(['pg_catalog', 'information_schema', 'pg_toast']);
const isSystem = (schema: string): boolean => SYSTEM.has(schema) || /^pg_(toast_)?temp_/.test(schema);

/** Judges one relation for one need, and what hangs on it. */
class RelationJudge {
  readonly #judge: Judge;
  readonly #need: RelationNeed;
  readonly #candidate: Candidate;
  /** Relations that were judged on the way here, by action and columns. */
  readonly #seen: Set<string>;

  constructor(judge: Judge, need: RelationNeed, candidate: Candidate, seen = new Set<string>()) {
    this.#judge = judge;
    this.#need = need;
    this.#candidate = candidate;
    this.#seen = seen;
  }

  /** `belongs`: to a relation that the grant names, so that only its effects elsewhere are asked about. */
  judge(belongs = false): void {
    const { schema, name, relation } = this.#candidate;
    const { action } = this.#need;
    const columns = this.#columns();
    if (columns === null) return;
    if (action === 'update' && schema === 'pg_catalog' && name === 'pg_settings')
      return this.#judge.refuse(
        'pg_settings',
        'an update of it changes settings, also those that are pinned',
      );
    if (isSystem(schema)) return this.#system(columns);
    if (this.#veiled()) return;
    if (schema === TEMPORARY && action !== 'export') return;
    if (action === 'drop') this.#judge.made.push({ schema, name, gone: true });
    if (action === 'alter') this.#wholeWhereColumns();
    if (DDL.has(action) && this.#need.cascade) this.#dependents();
    if ((WRITES.has(action) || action === 'alter') && !this.#mayReadWhole()) this.#judge.conceal(action);
    const named = belongs || this.#byName(columns);
    if (relation !== undefined && named !== null)
      this.#judge.behind(own(relation), () => this.#reach(relation, named));
  }

  #mayReadWhole(): boolean {
    const { scope } = this.#judge;
    const { schema, name } = this.#candidate;
    return scope.everything('select') || scope.covers('select', { schema, name, all: true }).covered;
  }

  /** Of what the session itself has made or renamed the catalog tells too little. */
  #veiled(): boolean {
    const { veil, schema, name } = this.#candidate;
    const { action } = this.#need;
    if (!veil.includes(action)) return false;
    const { scope } = this.#judge;
    const why =
      'this session has made or renamed it, or tied others to it: what that reaches is known to new sessions only';
    const allowed = scope.everything(action) && scope.everything('execute');
    this.#note(action, resourceName(schema, name), allowed, why);
    return !allowed;
  }

  /** The columns it touches; null if it touches none and that makes the need void. */
  #columns(): { columns: readonly string[]; all: boolean } | null {
    const { need, relation } = { need: this.#need, relation: this.#candidate.relation };
    const columns =
      relation === undefined
        ? need.columns
        : need.columns.filter((column) => relation.columns.includes(column) || SYSTEM_COLUMNS.has(column));
    if (need.ifTouched && !need.all && columns.length === 0) return null;
    return { columns, all: need.all };
  }

  /** Asks the scope; null if it says no, else whether a pattern names the relation itself. */
  #byName({ columns, all }: { columns: readonly string[]; all: boolean }): boolean | null {
    const { scope } = this.#judge;
    const { schema, name } = this.#candidate;
    const { action, via } = this.#need;
    const { covered, named, excluded, missing } = scope.covers(action, { schema, name, columns, all });
    const allowed = covered || (scope.everything(action) && !excluded);
    if (allowed) this.#doubtColumns({ schema, name });
    const partly = missing.filter((column) => column !== '*');
    const which = partly.length > 0 && !allowed ? `(${partly.map(quoted).join(',')})` : '';
    this.#note(
      action,
      `${resourceName(schema, name)}${which}`,
      allowed,
      excluded ? 'the grant excludes it' : whyOf(via, missing),
    );
    return allowed ? named : null;
  }

  /** ALTER can give a column the name, or the values, of another: where columns decide, all of them must be granted. */
  #wholeWhereColumns(): void {
    const { scope } = this.#judge;
    const { schema, name } = this.#candidate;
    for (const action of COLUMNWISE) {
      if (!scope.covers(action, { schema, name, columns: [] }).covered) continue;
      const { covered } = scope.covers(action, { schema, name, all: true });
      if (!covered)
        this.#note(action, resourceName(schema, name), false, 'it is altered, which could move its columns');
    }
  }

  /** Where columns decide, one that is not known may be new: the catalog is worth a look. */
  #doubtColumns(whole: { readonly schema: string; readonly name: string }): void {
    const { relation } = this.#candidate;
    const { action, columns } = this.#need;
    const known = relation === undefined || columns.every((column) => relation.columns.includes(column));
    if (!known && !this.#judge.scope.covers(action, whole).covered) this.#judge.unresolved = true;
  }

  #note(action: Action, resource: string, allowed: boolean, why: string): void {
    this.#judge.note({ action, resource, allowed, why });
  }

  /** System catalogs: definitions are open to everyone, secrets to those whose grant names the schema. */
  #system({ columns, all }: { columns: readonly string[]; all: boolean }): void {
    const { scope } = this.#judge;
    const { schema, name } = this.#candidate;
    const { action } = this.#need;
    const kind = systemRelation(schema, name);
    const secrets = secretColumns.get(`${schema}.${name}`);
    const spared = secrets !== undefined && !all && !columns.some((column) => secrets.includes(column));
    const own = this.#need.ownRow === true && hasOwnRow.has(name) && meansOwnRow(this.#judge);
    const open = action === 'select' && (kind === 'open' || (kind === 'secret' && (spared || own)));
    const asked = { schema, name, columns, all };
    const allowed =
      open || scope.coversBySchema(action, asked) || (scope.everything(action) && scope.everything('admin'));
    const why = open
      ? 'everyone may read the definitions in the catalog, and of sessions the own one'
      : `${name} is a system relation: a grant must name its schema`;
    this.#note(action, resourceName(schema, name), allowed, why);
  }

  /** As of the catalog, which does not tell what a relation of another name or of this transaction has. */
  #dependents(): void {
    const { schema, name, relation, veil } = this.#candidate;
    const what = resourceName(schema, name);
    if (veil.includes('select') || this.#judge.catalog.assumed) judgeUnknownDependents(this.#judge, what);
    else judgeDependents(this.#judge, relation?.dependents ?? [], what);
  }

  /** What the action on this relation does elsewhere. */
  #reach(relation: Relation, named: boolean): void {
    const { action } = this.#need;
    const key = `${action}\0${relation.oid}\0${this.#need.all ? '*' : this.#need.columns.join('\0')}`;
    if (this.#seen.has(key)) return;
    this.#seen.add(key);
    if (isView(relation) && !DDL.has(action)) this.#viewBase(relation, named);
    if (relation.kind === 'foreign' && !named)
      this.#note(
        action,
        own(relation),
        false,
        'it is a foreign table: its data is elsewhere, so the grant must name it',
      );
    if (relation.table !== undefined && !named) judgeIndex(this.#judge, action, relation, relation.table);
    this.#children(relation, named);
    for (const routine of this.#readsAll() ? relation.readCalls : relation.callsReading(this.#need.columns))
      judgeImplicit(this.#judge, routine, `a policy, cast or comparison of ${own(relation)} calls it`);
    judgeCheckedColumns(this.#judge, relation, this.#need);
    if (this.#need.copied) this.#copied(relation);
    switch (action) {
      case 'insert':
      case 'update':
      case 'delete':
      case 'truncate':
        this.#writes(relation, action);
        return;
      case 'alter': // it may rewrite the relation or its indexes, row by row
        judgeImplicitCalls(this.#judge, relation);
        return;
      default:
    }
  }

  /** A write compares the values of other columns, too, in indexes and partitions. */
  #readsAll(): boolean {
    const { action, all } = this.#need;
    return all || (action !== 'select' && action !== 'export');
  }

  /** A view that the grant names is allowed as itself, but not what a write through it sets off elsewhere. */
  #viewBase(view: Relation, named: boolean): void {
    const { action } = this.#need;
    const why = `the view ${own(view)} reads it`;
    for (const base of view.reads) {
      const columns = view.columnsRead(base);
      const part = columns === null ? {} : { columns, all: false };
      if (!named) this.#other(base, 'select', why, part);
      if (!named && action === 'export') this.#other(base, action, why, part);
      if (WRITES.has(action) && !insteadOf(view, action)) this.#other(base, action, why, {}, named);
    }
    if (named) return;
    for (const routine of view.calls)
      judgeImplicitCall(this.#judge, routine, `the view ${own(view)} calls it`);
  }

  /** Partitions of a table that is named belong to it. */
  #children(relation: Relation, named: boolean): void {
    if (this.#need.only) return;
    const belong = named && relation.kind === 'partitioned';
    for (const child of relation.children)
      this.#other(child, this.#need.action, `it is a part of ${own(relation)}`, this.#need, belong);
  }

  #writes(relation: Relation, event: 'insert' | 'update' | 'delete' | 'truncate'): void {
    for (const rule of relation.rules) if (rule.event === event) this.#rule(relation, rule);
    judgeTriggers(this.#judge, relation, ({ events }) => events.includes(event));
    if (event === 'insert' || event === 'update') judgeImplicitCalls(this.#judge, relation);
    if (event !== 'insert') this.#foreignKeys(relation, event);
    if (event === 'update' && relation.kind === 'partitioned') this.#movedRows(relation);
  }

  /** To the new relation it happens as soon as that is written to, and no catalog tells of it before the COMMIT. */
  #copied(relation: Relation): void {
    judgeImplicitCalls(this.#judge, relation);
    if (this.#need.action === 'alter') judgeTriggers(this.#judge, relation);
  }

  #rule(relation: Relation, rule: Rule): void {
    const what = `the rule ${rule.name} of ${own(relation)}`;
    if (rule.utility) this.#note(rule.event, own(relation), false, `${what} does more than queries: NOTIFY`);
    for (const { relation: reachedOne, actions } of rule.reaches)
      for (const action of actions) this.#other(reachedOne, action, `${what} does it`);
    for (const routine of rule.calls) judgeImplicitCall(this.#judge, routine, `${what} calls it`);
  }

  #foreignKeys(relation: Relation, event: 'update' | 'delete' | 'truncate'): void {
    for (const effect of relation.referencedBy) {
      const why = `a foreign key makes it follow ${own(relation)}`;
      if (event === 'truncate') {
        if (this.#need.cascade) this.#other(effect.relation, 'truncate', why, this.#need);
        continue;
      }
      const does = event === 'delete' ? effect.onDelete : effect.onUpdate;
      if (event === 'update' && !this.#touchesKey(relation, effect.keys)) continue;
      if (does === 'set') this.#other(effect.relation, 'update', why);
      if (does === 'cascade') this.#other(effect.relation, event, why);
    }
  }

  /**
   * A row whose partition key is updated is deleted from one partition and inserted into another (manual, UPDATE: Notes).
   * Before PostgreSQL 15 foreign keys take it for deleted.
   */
  #movedRows(table: Relation): void {
    const parts = withPartitions(table);
    if (!parts.some((part) => this.#touchesKey(part, table.partitionKey))) return;
    for (const part of parts) {
      const moves = ({ eachRow, events }: Trigger) =>
        eachRow && (events.includes('insert') || events.includes('delete'));
      judgeTriggers(this.#judge, part, moves);
      if (this.#judge.catalog.serverVersion < 150000) this.#foreignKeys(part, 'delete');
    }
  }

  /** By the statement itself, or by what its triggers make of the row. */
  #touchesKey(relation: Relation, keys: readonly string[] | undefined): boolean {
    const { columns, all } = this.#need;
    if (all || keys === undefined || keys.some((key) => columns.includes(key))) return true;
    const before = relation.triggers.filter((each) => each.before && each.events.includes('update'));
    return before.some(({ function: routine }) => !routine.builtin && mayAssign(routine, keys));
  }

  /** The same question about another relation. */
  #other(
    relation: Relation,
    action: Action,
    why: string,
    need: Partial<RelationNeed> = {},
    belongs = false,
  ): void {
    const { schema, name } = relation;
    const asked: RelationNeed = { ...WHOLE, ...need, schema, name, action, via: why };
    new RelationJudge(this.#judge, asked, reached(relation, this.#judge.names), this.#seen).judge(belongs);
  }
}

/** No other `=` and no other pg_backend_pid() can be meant, and no query is around it, as around a function's. */
const meansOwnRow = ({ names, catalog, implicit }: Judge): boolean =>
  !implicit && schemasSearched(catalog, names)?.includes('pg_catalog') === false;

/** A need of the relation with all of its columns. */
export const WHOLE = {
  kind: 'relation',
  columns: [],
  all: true,
  only: false,
  ifTouched: false,
  cascade: false,
} as const;

const DDL: ReadonlySet<Action> = new Set(['create', 'alter', 'drop']);

const WRITES: ReadonlySet<Action> = new Set(['insert', 'update', 'delete']);

const SYSTEM_COLUMNS: ReadonlySet<string> = new Set(['ctid', 'xmin', 'xmax', 'cmin', 'cmax', 'tableoid']);

const mayAssign = (routine: Routine, columns: readonly string[]): boolean => {
  const body = bodyOf(routine);
  return (
    body.kind === 'opaque' || body.assigns === null || columns.some((each) => body.assigns?.includes(each))
  );
};

const withPartitions = (table: Relation): readonly Relation[] => [
  table,
  ...table.children.flatMap(withPartitions),
];

const isView = ({ kind }: Relation): boolean => kind === 'view' || kind === 'materialized';

const own = (relation: Relation): string => resourceName(relation.schema, relation.name);

/** A trigger does what the view's base would have had done to it. */
const insteadOf = ({ triggers }: Relation, action: Action): boolean =>
  triggers.some(({ instead, events }) => instead && events.some((event) => event === action));

const whyOf = (via: string | null, missing: readonly string[]): string => {
  const columns =
    missing.length === 0
      ? ''
      : missing.includes('*')
        ? ', with all its columns'
        : `, with ${missing.join(', ')}`;
  return via === null ? `the statement names it${columns}` : `${via}${columns}`;
};
