/** Each kind of need put to the scope: one exhaustive switch. */
import { classifyBuiltin } from '../builtin-functions.ts';
import type { FactNeed } from '../facts.ts';
import {
  type Candidate,
  creationSchemas,
  relationsMeant,
  schemasPresent,
  TEMPORARY,
  VEILED_WHOLLY,
  VEILED_WRITES,
} from '../names.ts';
import { quoted, resourceName } from '../scope.ts';
import { isHiddenSetting } from '../settings.ts';
import { ACTIONS, type Action } from '../types.ts';
import { judgeDependents, judgeUnknownDependents } from './dependents.ts';
import type { Judge } from './judge.ts';
import { judgeRelation, judgeSerial } from './relations.ts';
import { judgeRenamedType } from './renamed-types.ts';
import { judgeFunction, judgeKeyword, judgeOperator, judgeType } from './routines.ts';
import { judgeSetting } from './settings.ts';
import { judgeUsersOfType } from './type-users.ts';

type NeedOf<K extends FactNeed['kind']> = Extract<FactNeed, { kind: K }>;

/** Puts one need to the scope; an EXECUTE's are left to the caller. */
export function judgeNeed(judge: Judge, need: Exclude<FactNeed, NeedOf<'execute'>>): void {
  if (judge.scope.open && passOpen(judge, need)) return;
  switch (need.kind) {
    case 'relation':
      return judgeRelation(judge, need);
    case 'function':
      return judgeFunction(judge, need);
    case 'keyword':
      return judgeKeyword(judge, need);
    case 'operator':
      return judgeOperator(judge, need);
    case 'type':
      return judgeType(judge, need);
    case 'new':
      return judgeNew(judge, need);
    case 'rename':
      return judgeRename(judge, need);
    case 'join':
      return judgeJoin(judge, need);
    case 'serial':
      return judgeSerial(judge, need);
    case 'object':
      return judgeObject(judge, need);
    case 'schema':
      return judgeSchema(judge, need);
    case 'setting':
      return judgeSetting(judge, need.name, need.reset ? undefined : need.value);
    case 'shown':
      if (isHiddenSetting(need.name))
        judge.plain('admin', `setting ${need.name}`, 'the setting tells secrets of the server');
      return;
    case 'plain':
      return judge.plain(need.action, need.resource, need.why);
    case 'refused':
      return judge.refuse(need.what, need.why);
    default:
      return need satisfies never;
  }
}

/** A grant that allows everything needs no look at the catalog. True if the need is settled by that. */
const passOpen = (judge: Judge, need: FactNeed): boolean => {
  switch (need.kind) {
    case 'relation': {
      const { action, schema, name } = need;
      if (name === 'pg_settings' && action === 'update') return false;
      const resource = schema === null ? name : resourceName(schema, name);
      judge.note({ action, resource, allowed: true, why: 'the grant allows everything' });
      return true;
    }
    case 'function': {
      const kind = classifyBuiltin(need.name);
      judge.opaque ||= (kind === undefined && need.use !== 'attribute') || kind === 'runs-sql';
      judge.writes ||= kind !== 'harmless' && !(kind === undefined && need.use === 'attribute');
      return true;
    }
    case 'operator':
    case 'type':
      return true;
    default:
      return false;
  }
};

const judgeNew = (judge: Judge, need: NeedOf<'new'>): void => {
  const schemas = need.schema !== null ? [need.schema] : creationSchemas(judge.catalog, judge.names);
  for (const schema of schemas ?? []) {
    if (schema !== TEMPORARY) judge.ask('create', schema, need.name, 'the statement makes it');
    else if (!judge.scope.covers('create', { schema, name: need.name, all: true }).covered)
      temporary(judge, need.name);
    if (need.replaces && judge.catalog.relation(schema, need.name) !== undefined)
      judge.ask('alter', schema, need.name, 'the statement replaces it');
    made(judge, schema, need);
  }
  if (perhapsTemporary(judge, need)) made(judge, TEMPORARY, need);
  if (schemas === null || schemas.length === 0)
    judge.note({
      action: 'create',
      resource: need.name,
      allowed: judge.scope.everything('create'),
      why: 'the statement makes it in a schema that search_path decides, which is not known any more',
    });
};

const made = (judge: Judge, schema: string, { name, view }: NeedOf<'new'>): void => {
  judge.made.push({ schema, name, ...(view === true && { veil: VEILED_WRITES }) });
};

/** A view over something temporary is temporary, whatever it is called. */
const perhapsTemporary = (judge: Judge, { schema, view }: NeedOf<'new'>): boolean =>
  view === true && schema === null && judge.names.made.some((item) => item.schema === TEMPORARY);

/** Under its new name a relation may be no more open to the grant than under its old one. */
const judgeRename = (judge: Judge, need: NeedOf<'rename'>): void => {
  const { what, schema, name, to } = need;
  if (what === 'type')
    return judgeRenamedType(judge, need, schema !== null ? [schema] : objectSchemas(judge, what, name));
  const meant = relationsMeant(schema, name, judge.catalog, judge.names);
  if (meant.length === 0 && !judge.scope.open)
    judge.note({
      action: 'create',
      resource: to.name,
      allowed: false,
      why: `no relation ${name} is known that could be renamed`,
    });
  for (const before of meant) renamed(judge, before, { schema: to.schema ?? before.schema, name: to.name });
};

/** As a part of its parent a relation may be no more open to the grant than by itself. */
const judgeJoin = (judge: Judge, { parent, part, reaching }: NeedOf<'join'>): void => {
  const { catalog, names } = judge;
  for (const whole of relationsMeant(parent.schema, parent.name, catalog, names)) {
    if (reaching.length > 0) judge.made.push({ schema: whole.schema, name: whole.name, veil: reaching });
    const parts = part === null ? [] : relationsMeant(part.schema, part.name, catalog, names);
    for (const each of parts) if (each.schema !== TEMPORARY) judgeOpening(judge, each, whole);
  }
};

const renamed = (judge: Judge, before: Candidate, after: { schema: string; name: string }): void => {
  const veil = before.relation === undefined && !judge.catalog.assumed ? before.veil : VEILED_WHOLLY;
  judge.made.push({ ...after, veil });
  if (before.schema === TEMPORARY) return;
  judge.made.push({ schema: before.schema, name: before.name, gone: true });
  judge.ask('create', after.schema, after.name, 'it is what the statement renames something to');
  judgeOpening(judge, before, after);
};

const judgeOpening = (judge: Judge, before: Candidate, after: { schema: string; name: string }): void => {
  for (const action of ACTIONS) {
    if (!opens(judge, action, before, after)) continue;
    const why = `as ${resourceName(after.schema, after.name)} it would be more open to the grant`;
    judge.note({ action, resource: resourceName(before.schema, before.name), allowed: false, why });
  }
};

const opens = (
  { scope }: Judge,
  action: Action,
  before: Candidate,
  after: { schema: string; name: string },
): boolean => {
  if (action === 'create' || scope.everything(action)) return false;
  const could = scope.covers(action, { schema: before.schema, name: before.name, all: true });
  const can = scope.covers(action, { ...after, columns: [] });
  return (can.covered && !could.covered) || (can.named && !could.named);
};

const temporary = (judge: Judge, name: string): void =>
  judge.note({
    action: 'create',
    resource: resourceName(TEMPORARY, name),
    allowed: judge.scope.everything('create'),
    why: 'the statement makes a temporary object',
  });

/** Where an unqualified one could be in several schemas, all of them are asked for. */
const judgeObject = (judge: Judge, need: NeedOf<'object'>): void => {
  const { action, name, schema, what } = need;
  const known = schema !== null ? [schema] : objectSchemas(judge, what, name);
  const schemas = known.length === 0 && need.missingOk ? schemasOnPaths(judge) : known;
  for (const each of schemas) {
    judge.ask(action, each, name, 'the statement names it');
    if (need.cascade && what !== 'other') judgeObjectDependents(judge, what, each, name);
    if (need.values) judgeUsersOfType(judge, each, name);
  }
  if (schemas.length === 0) {
    judge.unresolved = true;
    judge.note({
      action,
      resource: name,
      allowed: judge.scope.everything(action),
      why: `no ${word(what)} ${name} is known`,
    });
  }
};

/** The catalog does not tell what depends on a type that has got another name. */
const judgeObjectDependents = (
  judge: Judge,
  what: 'function' | 'type',
  schema: string,
  name: string,
): void => {
  const its = judge.names.made.filter((item) => item.schema === schema && item.name === name);
  const renamed = its.some(({ veil }) => veil?.includes('select'));
  if (renamed) judgeUnknownDependents(judge, resourceName(schema, name));
  else judgeDependents(judge, judge.catalog.dependentsOf(what, schema, name), resourceName(schema, name));
};

const schemasOnPaths = ({ catalog, names }: Judge): readonly string[] => schemasPresent(catalog, names) ?? [];

const word = (what: NeedOf<'object'>['what']): string => (what === 'other' ? 'object' : what);

const objectSchemas = (judge: Judge, what: NeedOf<'object'>['what'], name: string): readonly string[] => {
  const { catalog, names } = judge;
  const made = names.made.filter((item) => item.name === name).map(({ schema }) => schema);
  if (what === 'function')
    return [...new Set([...made, ...catalog.routinesNamed(name).map(({ schema }) => schema)])];
  const onPaths = schemasOnPaths(judge);
  return what === 'type'
    ? onPaths.filter((schema) => catalog.typeExists(schema, name) || made.includes(schema))
    : onPaths;
};

/** Under its new name all that a schema holds may be no more open to the grant than under its old one. */
const judgeSchemaOpening = (judge: Judge, before: string, after: string): void => {
  for (const action of ACTIONS)
    if (action !== 'create' && judge.scope.reachesInto(action, after))
      judge.wholeSchema(action, before, `as ${quoted(after)} it would be more open to the grant`);
};

/** Of what a name in it means. */
const CHANGES: ReadonlySet<Action> = new Set(['create', 'alter', 'drop']);

const judgeSchema = (judge: Judge, { action, name, cascade, to }: NeedOf<'schema'>): void => {
  if (CHANGES.has(action)) judge.schemas.push(name);
  judge.wholeSchema(action, name, 'the statement is about the schema as a whole');
  if (to !== undefined) judgeSchemaOpening(judge, name, to);
  if (!cascade) return;
  if (judge.names.schemas?.includes(name)) judgeUnknownDependents(judge, quoted(name));
  else judgeDependents(judge, judge.catalog.dependentsOfSchema(name), quoted(name));
};
