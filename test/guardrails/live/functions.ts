import { builtinLists, classifyBuiltin, takesRow } from '../../../guardrails/builtin-functions.ts';
import { systemRelation } from '../../../guardrails/system-relations.ts';
import { column, type Server } from '../servers.ts';
import type { LiveCheck } from './server.ts';

const OURS = `pronamespace::regnamespace::text in ('pg_catalog', 'information_schema') and oid < 16384`;

export const listedFunctions: readonly string[] = [...builtinLists()].flatMap(([, names]) => names);

export const presentFunctions = (server: Server): Promise<readonly string[]> =>
  column(server, `select distinct proname from pg_proc where ${OURS}`);

export const everyFunctionHasAClass: LiveCheck = async (t, server, version) => {
  const names = await presentFunctions(server);
  t.true(names.length >= 2500);
  const unknown = names.filter((name) => classifyBuiltin(name) === undefined);
  t.deepEqual(unknown, [], `unclassified on ${version}`);

  const withheld = await column(
    server,
    `select distinct proname from pg_proc where ${OURS} and not has_function_privilege('public', oid, 'execute')`,
  );
  const freed = withheld.filter((name) => classifyBuiltin(name) === 'harmless');
  t.deepEqual(freed, [], `harmless here, but withheld from PUBLIC by ${version} itself`);

  const callable = await column(
    server,
    `select distinct proname from pg_proc where ${OURS} and not 'internal'::regtype = any(proargtypes)
     and prorettype not in ('trigger'::regtype, 'event_trigger'::regtype, 'internal'::regtype) and prorettype::regtype::text !~ '_handler$'
     and proname !~ '_validator$'`,
  );
  const hidden = callable.filter((name) => classifyBuiltin(name) === 'internal');
  t.deepEqual(hidden, [], `called internal, but SQL can call it on ${version}`);
};

export const everyTakerOfRowsIsListed: LiveCheck = async (t, server, version) => {
  const names = await column(
    server,
    `select distinct proname from pg_proc
     where ${OURS} and prokind in ('f', 'a') and (pronargs - pronargdefaults = 1 or provariadic <> 0 and pronargs = 1)
       and proargtypes[0] in (select oid from pg_type where typtype = 'p' and typname ~ '^(any|record$)'
                                                            and typname !~ 'array$|enum$|range$' or typname = 'anynonarray')`,
  );
  t.true(names.includes('to_json'));
  const missing = names.filter((name) => !takesRow.has(name));
  t.deepEqual(missing, [], `not known to take rows on ${version}`);
};

/** Where PostgreSQL calls a function for something that is not written as a call. */
const IMPLICIT = `
  select oprcode::oid as called from pg_operator
  union select castfunc from pg_cast
  union select unnest(array[aggtransfn::oid, aggfinalfn, aggcombinefn, aggserialfn, aggdeserialfn, aggmtransfn,
                            aggminvtransfn, aggmfinalfn]) from pg_aggregate
  union select amproc from pg_amproc
  union select amhandler from pg_am
  union select unnest(array[typinput::oid, typoutput, typreceive, typsend, typmodin, typmodout, typanalyze]) from pg_type
        where typtype <> 'd'
  union select unnest(array[prsstart::oid, prstoken, prsend, prsheadline, prslextype]) from pg_ts_parser
  union select unnest(array[tmplinit::oid, tmpllexize]) from pg_ts_template
  union select conproc from pg_conversion
  union select rngcanonical from pg_range union select rngsubdiff from pg_range`;

/** Checks of domains run in them; a statement that names such a type is judged by the type. */
const JUDGED_BY_TYPE = ['array', 'domain', 'multirange', 'range', 'record'].flatMap((kind) => [
  `${kind}_in`,
  `${kind}_recv`,
]);

export const nothingImplicitDoesMore: LiveCheck = async (t, server, version) => {
  const names = await column(
    server,
    `select distinct proname from (${IMPLICIT}) as implicit join pg_proc on pg_proc.oid = called where called < 16384`,
  );
  t.true(names.length > 1500);
  const free = new Set(['harmless', 'internal']);
  const more = names.filter(
    (name) => !free.has(classifyBuiltin(name) ?? '') && !JUDGED_BY_TYPE.includes(name),
  );
  t.deepEqual(more, [], `behind an operator, cast, aggregate, index or type of ${version}`);
};

/** By the text of the view: the server records no dependencies on its own functions. */
export const openViewsCallHarmlessFunctions: LiveCheck = async (t, server, version) => {
  const functions = new Set(await presentFunctions(server));
  const views = await server.query<{ schema: string; name: string; text: string }>(
    `select relnamespace::regnamespace::text as schema, relname as name, pg_get_viewdef(oid) as text from pg_class
     where relkind = 'v' and relnamespace::regnamespace::text in ('pg_catalog', 'information_schema')`,
  );
  const open = views.filter(({ schema, name }) => systemRelation(schema, name) === 'open');
  t.true(open.length > 100);
  const calls = open.flatMap(({ name, text }) =>
    [...text.matchAll(/(\w+)\(/g)]
      .map(([, called]) => called!)
      .filter((called) => functions.has(called) && classifyBuiltin(called) !== 'harmless')
      .map((called) => `${name} calls ${called}`),
  );
  t.deepEqual(calls, [], `on ${version}`);
};
