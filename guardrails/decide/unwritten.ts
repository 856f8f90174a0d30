/** What types bring into a statement that its text does not name: casts that apply by themselves, checks of domains. */
import { classifyBuiltin, takesTypeOfOthers } from '../builtin-functions.ts';
import { ARRAY, type FactNeed, type StatementFacts } from '../facts.ts';
import { judgeImplicit } from './implicit.ts';
import type { Judge } from './judge.ts';
import { typesPresent } from './types-present.ts';

/** To be called before the needs of the statement are judged. */
export function judgeUnwritten(judge: Judge, facts: StatementFacts): void {
  const { needs } = facts;
  judge.mixing = needs.some(mixesAnything) ? 'anything' : needs.some(isOperator) ? 'holders' : 'nothing';
  judge.typesPresent = typesPresent(judge, facts);
  if (judge.scope.open || !needs.some(hasValues)) return;
  for (const routine of judge.catalog.builtinCasts)
    judgeImplicit(judge, routine, 'a cast between built-in types may call it');
}

const isOperator = ({ kind }: FactNeed): boolean => kind === 'operator';

/** An EXECUTE's statement is not at hand here. */
const mixesAnything = (need: FactNeed): boolean => {
  if (need.kind === 'operator') return need.name === ARRAY;
  if (need.kind === 'function' && need.use !== 'attribute')
    return takesTypeOfOthers(need.name) || classifyBuiltin(need.name) === undefined;
  return need.kind === 'execute';
};

const VALUES: ReadonlySet<FactNeed['kind']> = new Set([
  'relation',
  'function',
  'operator',
  'type',
  'execute',
]);

const hasValues = ({ kind }: FactNeed): boolean => VALUES.has(kind);
