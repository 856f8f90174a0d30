/**
 * What has become a keyword since PostgreSQL 13, and looks like a call or a column: to an older server it still is one, of
 * whoever made a function or a table of that name. (Other new keywords can be names as before, or older servers do not
 * understand what is around them.)
 */
import type { JsonExprOp } from 'libpg-query';
import type { NodeKind } from './nodes.ts';
import type { Handler, Handlers, Walk } from './walk.ts';

/** Functions, and the server_version_num since which they are keywords. */
const SINCE = {
  json: 160000,
  json_array: 160000,
  json_arrayagg: 160000,
  json_object: 160000,
  json_objectagg: 160000,
  json_exists: 170000,
  json_query: 170000,
  json_scalar: 170000,
  json_serialize: 170000,
  json_value: 170000,
  merge_action: 170000,
} as const;

type Keyword = keyof typeof SINCE;

const keyword = (walk: Walk, name: Keyword): void => {
  walk.need({ kind: 'keyword', name, since: SINCE[name] });
  walk.type([name]); // a cast, where a type has the name
};

const called =
  <K extends NodeKind>(kind: K, name: Keyword): Handler<K> =>
  (walk, node) => {
    keyword(walk, name);
    walk.children(kind, node);
  };

/** The parser puts these into pg_catalog. */
export function keywordOfCatalog(walk: Walk, name: string): void {
  if (name === 'json_object') keyword(walk, name);
  if (name === 'system_user') walk.level.refer([name]);
}

const BY_OPERATION: Readonly<Record<JsonExprOp, Keyword | null>> = {
  JSON_EXISTS_OP: 'json_exists',
  JSON_QUERY_OP: 'json_query',
  JSON_VALUE_OP: 'json_value',
  JSON_TABLE_OP: null,
};

export const KEYWORDS = {
  JsonFuncExpr: (walk, node) => {
    const name = BY_OPERATION[node.op ?? 'JSON_TABLE_OP'];
    if (name !== null) keyword(walk, name);
    walk.children('JsonFuncExpr', node);
  },
  JsonParseExpr: called('JsonParseExpr', 'json'),
  /** SQL/JSON makes JSON of any value, by the user-defined cast to json if the value's type has one. */
  JsonScalarExpr: (walk, node) => {
    walk.type(['pg_catalog', 'json']);
    keyword(walk, 'json_scalar');
    walk.children('JsonScalarExpr', node);
  },
  JsonSerializeExpr: called('JsonSerializeExpr', 'json_serialize'),
  JsonObjectConstructor: called('JsonObjectConstructor', 'json_object'),
  JsonArrayConstructor: called('JsonArrayConstructor', 'json_array'),
  JsonObjectAgg: called('JsonObjectAgg', 'json_objectagg'),
  JsonArrayAgg: called('JsonArrayAgg', 'json_arrayagg'),
  MergeSupportFunc: called('MergeSupportFunc', 'merge_action'),
} satisfies Partial<Handlers>;
