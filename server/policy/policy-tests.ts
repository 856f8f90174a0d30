/** The tests that a policy file carries: example requests, and what should become of them. */
import { isDeepStrictEqual } from 'node:util';
import { decideRequest } from '../../access/policy/decide-request.ts';
import type { PolicyDecision, PolicyRequest } from '../../access/policy/policy.ts';
import { scopeOf } from '../../access/scope-wishes.ts';
import type { PolicyFile } from './policy-file.ts';

export interface TestResult {
  readonly name: string;
  /** Of the test in the file, from 1. */
  readonly line: number;
  /** What is otherwise than expected; empty: passed. */
  readonly faults: readonly string[];
}

/** `now`: when requests are made that do not say it, Unix time in ms. */
export function runPolicyTests({ policy, tests }: PolicyFile, now: number): readonly TestResult[] {
  return tests.map(({ name, line, request, expect }) => {
    const decision = decideRequest(policy, { ...request, at: request.at ?? now } satisfies PolicyRequest);
    return { name, line, faults: faultsOf(decision, expect) };
  });
}

function faultsOf(
  decision: PolicyDecision,
  expect: PolicyFile['tests'][number]['expect'],
): readonly string[] {
  const faults: string[] = [];
  const compare = (what: string, expected: unknown, actual: unknown) => {
    if (!isDeepStrictEqual(expected, actual))
      faults.push(`${what} is ${JSON.stringify(actual)}, not ${JSON.stringify(expected)}`);
  };
  compare('the outcome', expect.outcome, decision.outcome);
  if (!('deny' in expect)) return faults;
  if (expect.rule !== undefined) compare('the rule', expect.rule, decision.rule);
  const terms = 'terms' in decision ? decision.terms : undefined;
  if (expect.ttl !== undefined) compare('the duration in ms', expect.ttl, terms?.ttl);
  if (expect.allow !== undefined)
    compare('the scope', scopeOf(expect.allow, expect.deny), unfollowed(terms?.scope));
  return faults;
}

/** As people write it: whether a line is followed comes of the rule, not of what is asked. */
const unfollowed = (
  scope: readonly { followed?: true; actions: readonly string[]; on: readonly string[] }[] = [],
) => scope.map(({ actions, on }) => ({ actions, on }));
