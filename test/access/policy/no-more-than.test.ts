/** What triage says moves a decision in one direction only. */
import test from 'ava';
import fc from 'fast-check';
import { limitsSchema } from '../../../access/grant.ts';
import { decideRequest } from '../../../access/policy/decide-request.ts';
import { beyond } from '../../../access/policy/narrow-scope.ts';
import type { Outcome, Policy, PolicyDecision, PolicyRequest } from '../../../access/policy/policy.ts';
import type { Scope } from '../../../guardrails/types.ts';

const LIMITS = limitsSchema.parse({});
const REQUEST: PolicyRequest = {
  principal: { id: 'alice', kind: 'person', teams: ['support'], roles: [] },
  database: 'shop',
  scope: [{ actions: ['select', 'update'], on: ['public.orders', 'public.tickets'] }],
  ttl: 1_000,
  limits: LIMITS,
  ...{ ticket: null, emergency: false, address: null, onCall: false },
  at: Date.parse('2026-11-20T10:00:00Z'),
  triage: null,
};
const BEYOND_DOUBT = { risk: 0, confidence: 1, suspicious: false };

const scope = fc
  .subarray(['public.orders', 'public.tickets', 'public.*'], { minLength: 1 })
  .chain((on) =>
    fc.subarray(['select', 'update'] as const, { minLength: 1 }).map((actions): Scope => [{ actions, on }]),
  );
const cap = fc.record({ scope, ttl: fc.integer({ min: 1, max: 2_000 }), limits: fc.constant(LIMITS) });
const review = fc.record({
  groups: fc.subarray(['leads', 'dba']),
  approvals: fc.integer({ min: 1, max: 3 }),
  expires: fc.integer({ min: 1, max: 1_000 }),
});
const outcome: fc.Arbitrary<Outcome> = fc.oneof(
  fc.record({
    kind: fc.constant('auto_approve' as const),
    cap,
    beyond: fc.constantFrom('narrow' as const, 'review' as const),
  }),
  fc.record({ kind: fc.constant('review' as const), cap, review }),
  fc.constant({ kind: 'deny' as const, reason: 'no' }),
);
const share = fc.double({ min: 0, max: 1, noNaN: true });
const range = fc.record({ atLeast: share, atMost: share }, { requiredKeys: [] });
const policies = fc
  .array(fc.record({ outcome, when: fc.record({ risk: range, confidence: range }, { requiredKeys: [] }) }), {
    maxLength: 4,
  })
  .map(
    (rules): Policy => ({
      revision: '',
      dataClasses: new Map(),
      rules: rules.map((each, index) => ({ name: `rule ${index}`, ...each })),
    }),
  );
const number = fc.oneof(share, fc.double(), fc.constantFrom(Number.NaN, -1, 2));
const triages = fc.record({ risk: number, confidence: number, suspicious: fc.boolean() });

const STRICTNESS = { auto_approve: 0, review: 1, deny: 2 } as const;

function isNoMore(decision: PolicyDecision, bound: PolicyDecision): boolean {
  if (STRICTNESS[decision.outcome] < STRICTNESS[bound.outcome]) return false;
  if (decision.outcome === 'deny' || bound.outcome === 'deny') return true;
  const given = decision.outcome === 'review' ? decision.cap : decision.terms;
  const most = bound.outcome === 'review' ? bound.cap : bound.terms;
  const bySame = decision.rule === bound.rule;
  if (decision.outcome === 'review' && bound.outcome === 'review' && !bySame) {
    if (decision.review.approvals < bound.review.approvals) return false;
    if (bound.review.groups.length > 0 && decision.review.groups !== bound.review.groups) return false;
  }
  return bySame || (beyond(given.scope, most.scope).length === 0 && given.ttl <= most.ttl);
}

test('whatever triage says, no more is given than to a text beyond doubt, and by nobody that it would not be reviewed by', (t) => {
  let differing = 0;
  fc.assert(
    fc.property(policies, triages, (policy, triage) => {
      const decision = decideRequest(policy, { ...REQUEST, triage });
      const bound = decideRequest(policy, { ...REQUEST, triage: BEYOND_DOUBT });
      if (decision.rule !== bound.rule) differing++;
      if (decision.outcome === 'auto_approve' && triage.suspicious) return false;
      return isNoMore(decision, bound);
    }),
    { numRuns: 1_000 },
  );
  t.true(differing > 30, 'rules were told apart by triage');
});

test('a risk that misses a narrow rule does not reach a wide one', (t) => {
  const wide = { scope: [{ actions: ['select'], on: ['public.*'] }] as Scope, ttl: 900, limits: LIMITS };
  const narrow = { ...wide, scope: [{ actions: ['select'], on: ['public.orders'] }] as Scope, ttl: 100 };
  const policy: Policy = {
    revision: '',
    dataClasses: new Map(),
    rules: [
      {
        name: 'narrow',
        when: { risk: { atMost: 0.5 } },
        outcome: { kind: 'auto_approve', cap: narrow, beyond: 'narrow' },
      },
      { name: 'wide', when: {}, outcome: { kind: 'auto_approve', cap: wide, beyond: 'narrow' } },
    ],
  };
  const decision = decideRequest(policy, {
    ...REQUEST,
    triage: { risk: 0.9, confidence: 1, suspicious: false },
  });
  t.is(decision.outcome, 'auto_approve');
  t.like(decision.outcome === 'auto_approve' && decision.terms, { ttl: 100 });
  t.deepEqual(decision.outcome === 'auto_approve' && decision.terms.scope.flatMap(({ on }) => on), [
    'public.orders',
  ]);
});
