/** CREATE of relations, types and schemas, and what they refer to. */
import { functionsCalled } from './administration.ts';
import type { Node, NodeOf } from './nodes.ts';
import { rangeVar } from './objects.ts';
import { makeFrom } from './queries.ts';
import { type Handler, type Handlers, qualified, strings, type Walk } from './walk.ts';

const ddl = (walk: Walk): void => {
  walk.effects.writes = true;
  walk.effects.changesCatalog = true;
};

const createRelation = (
  walk: Walk,
  relation: NodeOf<'RangeVar'> | undefined,
  kind: { readonly replaces?: boolean; readonly view?: boolean } = {},
): void => {
  ddl(walk);
  walk.create(relation?.schemaname ?? null, relation?.relname ?? '', {
    persistence: relation?.relpersistence,
    ...kind,
  });
};

const alterRelation = (
  walk: Walk,
  relation: NodeOf<'RangeVar'> | undefined,
  via: string,
  copied = false,
): void => {
  ddl(walk);
  if (relation !== undefined) walk.use('alter', relation, { all: true, via, copied });
};

/** New partitions and children show up in their parent. */
const createStmt: Handler<'CreateStmt'> = (walk, node) => {
  createRelation(walk, node.relation);
  for (const parent of node.inhRelations ?? [])
    if ('RangeVar' in parent)
      if (node.partbound === undefined) alterRelation(walk, parent.RangeVar, 'INHERITS');
      else alterRelation(walk, parent.RangeVar, 'PARTITION OF', true);
  walk.children('CreateStmt', node, ['relation', 'inhRelations']);
};

const createTableAs: Handler<'CreateTableAsStmt'> = (walk, node) => {
  const via = node.objtype === 'OBJECT_MATVIEW' ? 'CREATE MATERIALIZED VIEW' : 'CREATE TABLE AS';
  makeFrom(walk, node.into ?? {}, via, () => {
    const inner = node.query;
    if (inner !== undefined && 'ExecuteStmt' in inner) {
      walk.need({ kind: 'execute', name: inner.ExecuteStmt.name ?? '', export: true });
      walk.nodes(inner.ExecuteStmt.params);
    } else walk.node(node.query);
  });
  walk.effects.returnsRows = false;
};

/** A foreign key checks, locks and may block its target. */
const constraint: Handler<'Constraint'> = (walk, node) => {
  alterRelation(walk, node.pktable, 'REFERENCES');
  for (const item of node.exclusions ?? [])
    if ('List' in item)
      for (const part of item.List.items ?? []) if ('List' in part) walk.operator(strings(part.List.items));
  walk.children('Constraint', node, ['pktable']);
};

/** A sequence that belongs to a column is dropped with it, and hinders changes of its table. */
export function ownedBy(walk: Walk, options: readonly Node[] | undefined): void {
  for (const option of options ?? []) {
    if (!('DefElem' in option) || option.DefElem.defname !== 'owned_by') continue;
    const { arg } = option.DefElem;
    const column = arg !== undefined && 'List' in arg ? strings(arg.List.items) : [];
    if (column.length > 1) alterRelation(walk, rangeVar(column.slice(0, -1)), 'OWNED BY');
  }
}

const createType = (walk: Walk, names: readonly string[]): void => {
  ddl(walk);
  const { schema, name } = qualified(names);
  walk.create(schema, name);
};

const createTrigger: Handler<'CreateTrigStmt'> = (walk, node) => {
  alterRelation(walk, node.relation, 'CREATE TRIGGER');
  if (node.constrrel !== undefined) alterRelation(walk, node.constrrel, 'CREATE CONSTRAINT TRIGGER');
  walk.function(strings(node.funcname), 'reference');
  walk.children('CreateTrigStmt', node, ['relation', 'constrrel']);
};

/** What a function's body does is not known, and it runs with the service role's rights. */
const createFunction: Handler<'CreateFunctionStmt'> = (walk, node) => {
  createType(walk, strings(node.funcname));
  const what = node.is_procedure === true ? 'procedure' : 'function';
  walk.plain('admin', what, `the body of a new ${what} is code that the guardrails do not follow`);
  walk.children('CreateFunctionStmt', node, ['sql_body']);
  const { sql_body: body } = node;
  if (body !== undefined && 'List' in body) walk.nodesPresent(body.List.items);
  else walk.node(body);
};

const createSchema: Handler<'CreateSchemaStmt'> = (walk, node) => {
  ddl(walk);
  const name = node.schemaname ?? node.authrole?.rolename ?? '';
  walk.need({ kind: 'schema', action: 'create', name });
  walk.effects.changesNames = true; // search_path may have been waiting for it
  if (node.authrole !== undefined) walk.plain('admin', 'role', 'the new schema belongs to another role');
  if (node.schemaElts === undefined) return;
  const elements = node.schemaElts.map((element) => elementOf(name, element));
  walk.making(
    name,
    elements.map(({ made }) => made),
  );
  for (const { element } of elements) walk.node(element);
  walk.effects.returnsRows = false;
};

/** An element of CREATE SCHEMA, in the schema as the server puts it, and the relation that it makes or is about. */
const elementOf = (schemaname: string, element: Node): { readonly element: Node; readonly made: string } => {
  const within = (relation: NodeOf<'RangeVar'> | undefined) => ({ ...relation, schemaname });
  if ('CreateStmt' in element) {
    const relation = within(element.CreateStmt.relation);
    return { element: { CreateStmt: { ...element.CreateStmt, relation } }, made: relation.relname ?? '' };
  }
  if ('ViewStmt' in element) {
    const view = within(element.ViewStmt.view);
    return { element: { ViewStmt: { ...element.ViewStmt, view } }, made: view.relname ?? '' };
  }
  if ('CreateSeqStmt' in element) {
    const sequence = within(element.CreateSeqStmt.sequence);
    return {
      element: { CreateSeqStmt: { ...element.CreateSeqStmt, sequence } },
      made: sequence.relname ?? '',
    };
  }
  return { element, made: '' };
};

export const DEFINITIONS = {
  CreateStmt: createStmt,
  CreateTableAsStmt: createTableAs,
  ViewStmt: (walk, node) => {
    createRelation(walk, node.view, { replaces: node.replace === true, view: true });
    walk.children('ViewStmt', node, ['view']);
    walk.effects.returnsRows = false;
  },
  IndexStmt: (walk, node) => {
    alterRelation(walk, node.relation, 'CREATE INDEX');
    walk.children('IndexStmt', node, ['relation']);
  },
  CreateStatsStmt: (walk, node) => {
    for (const item of node.relations ?? [])
      if ('RangeVar' in item) alterRelation(walk, item.RangeVar, 'CREATE STATISTICS');
    walk.children('CreateStatsStmt', node, ['relations']);
  },
  CreateSeqStmt: (walk, node) => {
    createRelation(walk, node.sequence);
    ownedBy(walk, node.options);
    walk.children('CreateSeqStmt', node, ['sequence']);
  },
  Constraint: constraint,
  CompositeTypeStmt: (walk, node) => {
    createRelation(walk, node.typevar);
    walk.children('CompositeTypeStmt', node, ['typevar']);
  },
  CreateDomainStmt: (walk, node) => {
    createType(walk, strings(node.domainname));
    walk.children('CreateDomainStmt', node);
  },
  CreateEnumStmt: (walk, node) => createType(walk, strings(node.typeName)),
  CreateRangeStmt: (walk, node) => {
    createType(walk, strings(node.typeName));
    walk.plain('admin', 'type', 'a range type names functions and operator classes that run implicitly');
    functionsCalled(walk, node.params);
    walk.children('CreateRangeStmt', node);
  },
  CreateTrigStmt: createTrigger,
  CreateFunctionStmt: createFunction,
  CreateSchemaStmt: createSchema,
} satisfies Partial<Handlers>;
