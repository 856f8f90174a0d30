/**
 * One pass over one statement's parse tree, collecting what it needs. The walk is generic and fails closed: a node kind
 * without a handler, or a structure whose kind is not known, becomes a need that no scope allows.
 */
import type { EffectFacts, FactNeed, FunctionNeed, StatementFacts, TypeNeed } from '../facts.ts';
import type { Action } from '../types.ts';
import { HANDLERS } from './handlers.ts';
import { type Entry, Level, type Use } from './level.ts';
import { type Node, type NodeKind, type NodeOf, STRUCT_FIELDS } from './nodes.ts';
import type { Parameters } from './parameters.ts';

export type Handler<K extends NodeKind> = (walk: Walk, node: NodeOf<K>) => void;
export type Handlers<K extends NodeKind = NodeKind> = { readonly [P in K]: Handler<P> };

type RangeVar = NodeOf<'RangeVar'>;
type UseOptions = Partial<Pick<Use, 'all' | 'ifTouched' | 'cascade' | 'via'>> & {
  readonly missingOk?: boolean | undefined;
  readonly columns?: Iterable<string>;
  readonly ownRow?: boolean;
  readonly copied?: boolean;
};

export class Walk {
  readonly parameters: Parameters;
  readonly uses: Use[] = [];
  readonly effects: EffectFacts = {
    returnsRows: false,
    writes: false,
    copyIn: false,
    transactionControl: false,
    changesNames: false,
    changesCatalog: false,
    cursor: null,
  };
  prepares: StatementFacts['prepares'] = null;
  deallocates: string | null | undefined;
  searchPath: readonly string[] | null | undefined;
  level = new Level(null);
  /** See `making`. */
  #new: { readonly schema: string; readonly relations: ReadonlySet<string> } | null = null;
  readonly #needs = new Map<string, FactNeed>();
  /** Reads of these ranges of `uses` are exports too. */
  readonly #exports: { from: number; to: number; via: string }[] = [];
  /** EXPLAIN without ANALYZE: relations are only planned over. */
  #planOnly = false;
  #touches = 0;
  #populates = false;

  constructor(parameters: Parameters) {
    this.parameters = parameters;
  }

  need(need: FactNeed): void {
    this.#needs.set(JSON.stringify(need), need);
  }

  plain(action: Action, resource: string, why: string): void {
    this.need({ kind: 'plain', action, resource, why });
  }

  refuse(what: string, why: string): void {
    this.need({ kind: 'refused', what, why });
  }

  /** Note that the relation is used; its columns may be added until the walk ends. */
  use(action: Action, relation: RangeVar, options: UseOptions = {}): Use {
    const use: Use = {
      action,
      schema: relation.schemaname ?? null,
      name: relation.relname ?? '',
      columns: new Set(options.columns),
      all: options.all ?? false,
      only: relation.inh !== true,
      ifTouched: options.ifTouched ?? false,
      cascade: options.cascade ?? false,
      via: options.via ?? null,
      ...(options.ownRow === true && { ownRow: true }),
      ...(options.copied === true && { copied: true }),
      ...(options.missingOk === true && { missingOk: true }),
    };
    if (!this.#isNew(use)) this.uses.push(use);
    return use;
  }

  /**
   * The statement makes this schema, which is searched right after pg_catalog and holds nothing but these relations: what
   * is done to them, making them covers.
   */
  making(schema: string, relations: readonly string[]): void {
    this.#new = { schema, relations: new Set(relations.filter((name) => !name.startsWith('pg_'))) };
  }

  #isNew({ schema, name }: Use): boolean {
    if (this.#new === null) return false;
    return (schema ?? this.#new.schema) === this.#new.schema && this.#new.relations.has(name);
  }

  /** Rows of the types of relations in the statement are made of other values. */
  populates(): void {
    this.#populates = true;
  }

  /** `call`: how many arguments it is called with, where that is known, and what they are written as. */
  function(
    names: readonly string[],
    use: 'call' | 'judged' | 'reference' = 'call',
    call: Pick<FunctionNeed, 'args' | 'written'> = {},
  ): void {
    this.need({ kind: 'function', ...qualified(names), use, of: [], ...call });
  }

  attribute(name: string, of: FunctionNeed['of'] = []): void {
    this.need({ kind: 'function', schema: null, name, use: 'attribute', of });
  }

  /** False once a statement has too many column references to follow: its relations then count as touched whole. */
  mayTouch(pairs: number): boolean {
    this.#touches += pairs;
    return this.#touches <= MOST_TOUCHES;
  }

  operator(names: readonly string[]): void {
    this.need({ kind: 'operator', ...qualified(names) });
  }

  type(names: readonly string[], of?: TypeNeed['of']): void {
    this.need({ kind: 'type', ...qualified(names), ...(of && { of }) });
  }

  /** A new relation, type or function. */
  create(
    schema: string | null,
    name: string,
    { persistence, ...kind }: { persistence?: string | undefined; replaces?: boolean; view?: boolean } = {},
  ): void {
    const temporary = persistence === 't' || schema === 'pg_temp';
    this.effects.changesNames ||= temporary;
    this.need({
      kind: 'new',
      schema: temporary ? 'pg_temp' : schema,
      name,
      temporary,
      ...kind,
    });
  }

  /** Run `body`; every read it notes is an export as well. */
  exporting(via: string, body: () => void): void {
    const from = this.uses.length;
    body();
    this.#exports.push({ from, to: this.uses.length, via });
  }

  /** Run `body` for a statement that is planned and not run. */
  planning(body: () => void): void {
    this.#planOnly = true;
    body();
  }

  /** Run `body` in a nested query level. */
  nested(body: () => void): void {
    const parent = this.level;
    this.level = new Level(parent);
    body();
    this.level.close(this);
    this.level = parent;
  }

  node(node: Node | undefined): void {
    if (node === undefined) return;
    const [kind, body] = unwrap(node);
    if (kind === undefined) this.refuse('an empty node', 'the parser gave a node without a kind');
    else this.body(kind, body);
  }

  nodes(nodes: readonly Node[] | undefined): void {
    if (nodes !== undefined) for (const node of nodes) this.node(node);
  }

  /** A list in which an empty node stands for nothing, as in the arguments of `CREATE AGGREGATE a (*)`. */
  nodesPresent(nodes: readonly Node[] | undefined): void {
    this.nodes(nodes?.filter((node) => Object.keys(node).length > 0));
  }

  body<K extends NodeKind>(kind: K, body: NodeOf<K>): void {
    const handler = Object.hasOwn(HANDLERS, kind) ? HANDLERS[kind] : undefined;
    if (handler === undefined) this.refuse(kind, `the guardrails do not know the node kind ${kind}`);
    else handler(this, body);
  }

  /** Walk every child of a body, but for the fields in `except`. */
  children<K extends NodeKind>(kind: K, body: NodeOf<K>, except: readonly (keyof NodeOf<K>)[] = []): void {
    for (const [field, value] of Object.entries(body)) {
      if (typeof value === 'object' && value !== null && !(except as readonly string[]).includes(field))
        this.#child(kind, field, value);
    }
  }

  #child(kind: NodeKind, field: string, value: object): void {
    if (Array.isArray(value)) {
      for (const item of value as Node[]) this.node(item);
      return;
    }
    const fields: object | undefined = STRUCT_FIELDS[kind];
    const struct =
      fields !== undefined && Object.hasOwn(fields, field) ? Reflect.get(fields, field) : undefined;
    if (struct === undefined) this.node(value as Node);
    else this.body(struct as NodeKind, value as NodeOf<NodeKind>);
  }

  /** End of the statement: its facts. */
  finish(tag: string): StatementFacts {
    this.level.close(this);
    this.#relations();
    const { effects, prepares, deallocates, searchPath } = this;
    return { tag, needs: [...this.#needs.values()], effects, prepares, deallocates, searchPath };
  }

  #relations(): void {
    for (const use of this.uses) this.#relation(use, use.action, use.via);
    if (this.#populates) for (const { name } of this.uses) this.type([name]);
    for (const { from, to, via } of this.#exports)
      for (const use of this.uses.slice(from, to))
        if (use.action === 'select') this.#relation(use, 'export', via);
  }

  #relation(use: Use, action: Action, via: string | null): void {
    const planned = this.#planOnly && PLANNED_AS_READ.has(action) ? 'select' : action;
    this.need({ kind: 'relation', ...use, action: planned, via, columns: [...use.columns].sort() });
  }
}

/** Pairs of a relation and a column reference that may mean it. */
const MOST_TOUCHES = 50_000;

const PLANNED_AS_READ: ReadonlySet<Action> = new Set(['insert', 'update', 'delete']);

/** `{Kind: body}` taken apart. */
export function unwrap(node: Node): readonly [NodeKind | undefined, NodeOf<NodeKind>] {
  const [kind, body] = Object.entries(node)[0] ?? [];
  return [kind as NodeKind | undefined, body as NodeOf<NodeKind>];
}

/** The last two parts of a dotted name; a database name before them says nothing new. */
export function qualified(names: readonly string[]): { schema: string | null; name: string } {
  return { schema: names.at(-2) ?? null, name: names.at(-1) ?? '' };
}

/** The strings in a list of String nodes. */
export function strings(nodes: readonly Node[] | undefined): string[] {
  const found: string[] = [];
  for (const node of nodes ?? []) if ('String' in node) found.push(node.String.sval ?? '');
  return found;
}

/** An entry for the FROM list of the current level. */
export function entry(alias: string, fields: Partial<Entry> = {}): Entry {
  return { alias, schema: null, uses: [], locks: [], of: [], renamed: false, ...fields };
}
