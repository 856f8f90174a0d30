/** Functions, operators and types: what runs when they are named. */
import {
  appliesCastsTo,
  builtinReason,
  classifyBuiltin,
  classNeeds,
  operatorsApplyingCastsTo,
  takesRow,
} from '../builtin-functions.ts';
import type { Routine } from '../catalog.ts';
import type { FactNeed, FunctionNeed } from '../facts.ts';
import { extensionReason, isHarmlessExtension } from '../harmless-extensions.ts';
import { relationsMeant, routinesMeant } from '../names.ts';
import { resourceName } from '../scope.ts';
import type { Action } from '../types.ts';
import { judgeArguments } from './arguments.ts';
import { judgeBody, judgeImplicit } from './implicit.ts';
import type { Judge } from './judge.ts';
import { judgeRelation, WHOLE } from './relations.ts';

type NeedOf<K extends FactNeed['kind']> = Extract<FactNeed, { kind: K }>;

export function judgeFunction(judge: Judge, need: FunctionNeed): void {
  if (need.use === 'attribute') return judgeAttribute(judge, need);
  const own = userRoutines(judge, need);
  for (const routine of own) judgeCall(judge, routine, `it calls ${need.name}`);
  const builtin = need.schema === null || SYSTEM_SCHEMAS.has(need.schema);
  const known = builtin && judgeBuiltin(judge, need);
  if (!known && own.length === 0) judgeUnknown(judge, need);
}

const SYSTEM_SCHEMAS: ReadonlySet<string> = new Set(['pg_catalog', 'information_schema']);

const userRoutines = (judge: Judge, need: FunctionNeed): readonly Routine[] =>
  routinesMeant(need, judge.catalog.routinesNamed(need.name), judge.catalog, judge.names);

/** To an older server a keyword of newer ones is a function like any other. */
export function judgeKeyword(judge: Judge, { name, since }: NeedOf<'keyword'>): void {
  if (judge.catalog.serverVersion >= since) return;
  const call = { schema: null };
  for (const routine of routinesMeant(call, judge.catalog.routinesNamed(name), judge.catalog, judge.names))
    judgeCall(judge, routine, `it calls ${name}, which is a function to this server`);
}

/** A user-defined routine needs `execute` by name, and may do anything; but for the reviewed extensions. */
export function judgeRoutine(judge: Judge, routine: Routine, why: string): void {
  if (isHarmlessExtension(routine.extension)) return;
  judge.opaque = true;
  const reason = extensionReason(routine.extension);
  const because = reason === null ? why : `${why}, and ${reason}`;
  const resource = `${resourceName(routine.schema, routine.name)}(${routine.args})`;
  judge.note({ action: 'execute', resource, allowed: judge.scope.runs(routine), why: because });
}

const judgeCall = (judge: Judge, routine: Routine, why: string): void => {
  judgeArguments(judge, routine);
  judgeUse(judge, routine, why);
};

/** What the client writes needs `execute`; what a body calls is followed, and what `execute` allows unless it reaches too far. */
const judgeUse = (judge: Judge, routine: Routine, why: string): void => {
  const { scope, implicit } = judge;
  const follow = implicit || (!scope.runs(routine) && scope.covers('execute', routine).covered);
  (follow ? judgeBody : judgeRoutine)(judge, routine, why);
};

/** False if nobody has classified a function of that name. */
export function judgeBuiltin(judge: Judge, need: Pick<FunctionNeed, 'name' | 'use'>): boolean {
  const kind = classifyBuiltin(need.name);
  if (kind === undefined) return false;
  if (need.use === 'judged') return true;
  if (need.use === 'attribute' && kind === 'internal') return true;
  for (const action of classNeeds[kind]) judge.ask(action, 'pg_catalog', need.name, builtinReason(need.name));
  if (kind === 'runs-sql') judge.opaque = true;
  judge.writes ||= kind !== 'harmless' && kind !== 'reads-other-data' && kind !== 'sleeps';
  const target = appliesCastsTo.get(need.name);
  if (target !== undefined) judgeCasts(judge, target, need.name);
  return true;
}

const judgeCasts = (judge: Judge, target: string, what: string): void => {
  for (const routine of judge.catalog.typeRoutines(target, judge.typesPresent()) ?? [])
    judgeImplicit(judge, routine, `${what} may apply a user-defined cast to ${target}`);
};

const judgeUnknown = (judge: Judge, need: FunctionNeed): void => {
  const { schema, name } = need;
  if (schema === null && judge.catalog.typeRoutines(name) !== null) return; // a cast in function notation
  judge.opaque = true;
  if (judge.catalog.assumed !== true) judge.unresolved = true;
  const made = judge.names.made.find((item) => item.name === name)?.schema ?? null;
  const where = schema ?? (judge.catalog.assumed === true ? 'public' : made);
  if (where === null) judge.plain('execute', `function ${name}`, `no function ${name} is known`);
  else judge.ask('execute', where, name, `it calls ${name}, of which nothing is known`);
};

/** `x.f`: harmless if x is known to have a column f, or if there is no function f; else f takes the whole row. */
const judgeAttribute = (judge: Judge, need: FunctionNeed): void => {
  const { of, name } = need;
  if (of.some((each) => hasColumn(judge, each, name))) return;
  judgeBuiltin(judge, need);
  const own = userRoutines(judge, need).filter(({ args }) => args !== '');
  for (const routine of own) judgeCall(judge, routine, `.${name} may call the function ${name}`);
  if (own.length > 0 || takesRow.has(name))
    for (const each of of)
      judgeRelation(judge, {
        ...WHOLE,
        ...each,
        action: 'select',
        via: `.${name} calls a function of the row`,
      });
};

const hasColumn = ({ catalog, names }: Judge, of: FunctionNeed['of'][number], column: string): boolean => {
  const meant = relationsMeant(of.schema, of.name, catalog, names);
  return meant.length > 0 && meant.every(({ relation }) => relation?.columns.includes(column));
};

/** Built-in operators are harmless; user-defined ones call functions. */
export function judgeOperator(judge: Judge, need: NeedOf<'operator'>): void {
  const target = operatorsApplyingCastsTo.get(need.name);
  if (target !== undefined) judgeCasts(judge, target, `the operator ${need.name}`);
  for (const routine of operatorRoutines(judge, need)) judgeApplied(judge, routine, need.name);
}

const operatorRoutines = (judge: Judge, { schema, name }: NeedOf<'operator'>): readonly Routine[] => {
  const { catalog } = judge;
  if (schema === 'pg_catalog') return catalog.systemOperatorRoutines(name);
  if (catalog.operatorRoutines(name).length === 0) return [];
  return catalog.operatorRoutines(name, schema === null ? judge.typesPresent() : null);
};

const judgeApplied = (judge: Judge, routine: Routine, operator: string): void => {
  judgeArguments(judge, routine);
  judgeWritten(judge, routine, `the operator ${operator} may call it`);
};

/** A cast to a type calls the functions that were defined for that, and has its domains checked. */
export function judgeType(judge: Judge, need: NeedOf<'type'>): void {
  const { catalog } = judge;
  if (catalog.typeRoutines(need.name) === null) return;
  const why = `a cast to ${need.name} may call it`;
  if (need.of === 'literal') {
    for (const routine of catalog.literalRoutines(need.name)) judgeImplicit(judge, routine, why);
    return;
  }
  const present = judge.typesPresent();
  const casts = catalog.castRoutines(need.name, present);
  for (const routine of catalog.typeRoutines(need.name, present) ?? []) {
    const judgeIt = casts.includes(routine) && need.of !== 'column' ? judgeWritten : judgeImplicit;
    judgeIt(judge, routine, why);
  }
  if (need.of === undefined && !judge.implicit)
    for (const routine of catalog.fieldCastRoutines(need.name, present)) judgeWritten(judge, routine, why);
}

/** An operator or a cast is a call: what a superuser has made of C code is trusted. */
export const judgeWritten = (judge: Judge, routine: Routine, why: string): void => {
  const own = !routine.builtin && routine.language !== 'c' && routine.language !== 'internal';
  if (own && !judge.implicit) judgeUse(judge, routine, why);
  else judgeImplicit(judge, routine, why);
};

export const everythingAllowed = (judge: Judge, ...actions: readonly Action[]): boolean =>
  actions.every((action) => judge.scope.everything(action));
