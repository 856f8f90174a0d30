/** Types that a Parse message gives its parameters: each value of Bind is made one of its type, used or not. */
import { NO_ADVICE } from '../advice.ts';
import type { Catalog } from '../catalog.ts';
import { denial } from '../explain-denial.ts';
import type { Names } from '../names.ts';
import type { CompiledScope } from '../scope.ts';
import type { ErrorFields } from '../types.ts';
import { judgeImplicit } from './implicit.ts';
import { Judge } from './judge.ts';
import { judgeWritten } from './routines.ts';

/** OIDs below are PostgreSQL's own types, and 0 leaves it to the server. */
const FIRST_NORMAL_OID = 16384;

export interface TypesVerdict {
  readonly error: ErrorFields | null;
  /** Their checks may do anything: the grant lets them. */
  readonly opaque: boolean;
}

const INNOCENT: TypesVerdict = { error: null, opaque: false };

export function judgeParameterTypes(
  types: readonly number[],
  {
    scope,
    catalog,
    names,
  }: { readonly scope: CompiledScope; readonly catalog: Catalog; readonly names: Names },
  advice = NO_ADVICE,
): TypesVerdict {
  const own = types.filter((type) => type >= FIRST_NORMAL_OID);
  if (own.length === 0 || scope.open) return INNOCENT;
  const judge = new Judge(scope, catalog, names);
  for (const type of own) judgeParameterType(judge, type);
  const missing = judge.reasons.filter(({ allowed }) => !allowed);
  const error =
    missing.length === 0 ? null : denial(missing, { lines: missing, missing }, 'deny', advice.about(missing));
  return { error, opaque: judge.opaque };
}

const judgeParameterType = (judge: Judge, type: number): void => {
  const routines = judge.catalog.routinesOfType(type);
  if (routines === null)
    judge.note({
      action: 'execute',
      resource: `type ${type}`,
      allowed: judge.scope.everything('execute'),
      why: `no type with the OID ${type} is known, nor what it runs when a parameter is made one of it`,
    });
  for (const routine of routines ?? [])
    judgeImplicit(judge, routine, 'the type of a parameter is checked by it');
  for (const routine of judge.catalog.routinesUsingType(type))
    judgeWritten(judge, routine, 'an operator or cast over the type of a parameter may call it');
};
