/** Whether a rule covers a grant still, so that it may last: whatever it has itself granted, it does. */
import test from 'ava';
import fc from 'fast-check';
import type { Grant } from '../../../access/grant.ts';
import { decideExtension } from '../../../access/policy/decide-extension.ts';
import { narrowed } from '../../../access/policy/narrow-scope.ts';
import type { Policy, PolicyDecision } from '../../../access/policy/policy.ts';
import type { Scope } from '../../../guardrails/types.ts';
import { scopeOf } from '../../guardrails/deciding.ts';

const MINUTE = 60_000;
const NOW = Date.parse('2026-11-20T10:00:00Z');
const LIMITS = {
  ...{ rowsPerStatement: null, rows: 1_000, bytes: null },
  ...{ connections: 8, logins: null, statements: null, from: null },
};
const iso = (time: number): string => new Date(time).toISOString();
const grantOf = (scope: Scope): Grant => ({
  ...{ id: 'g0000001', principal: { id: 'alice', teams: [] }, database: 'shop', scope, limits: LIMITS },
  ...{ outOfScope: 'deny', reason: '', ticket: null, approvedBy: [] },
  ...{ issuedAt: iso(NOW), expiresAt: iso(NOW + MINUTE) },
});
const policyOf = (scope: Scope, limits = LIMITS): Policy => ({
  ...{ revision: 'r1', dataClasses: new Map() },
  rules: [
    {
      ...{ name: 'a rule', when: {} },
      outcome: { kind: 'auto_approve', cap: { scope, ttl: 60 * MINUTE, limits }, beyond: 'narrow' },
    },
  ],
});
const decided = (policy: Policy, grant: Grant): PolicyDecision =>
  decideExtension(
    policy,
    {
      ...{ principal: { id: 'alice', kind: 'person', teams: [], roles: [] }, ticket: null, address: null },
      ...{ emergency: false, onCall: false, triage: null, at: NOW, until: NOW + 10 * MINUTE },
    },
    grant,
  );

const line = fc.constantFrom(
  ...['select:public.*', 'select:public.orders', 'select:public.orders(id,total)', 'select:*', 'admin:*'],
  ...[
    'select:!public.salaries',
    'update:public.orders',
    'select:public.o*',
    'execute:public.*',
    'select:*.orders',
  ],
);
const scope = fc.uniqueArray(line, { minLength: 1, maxLength: 4 }).map((lines) => scopeOf(lines));

test('what a rule has granted it covers, however the two are written', (t) => {
  let granted = 0;
  fc.assert(
    fc.property(scope, scope, (asked, cap) => {
      const given = narrowed(asked, cap);
      if (given.length === 0) return;
      granted++;
      t.is(decided(policyOf(cap), grantOf(given)).outcome, 'auto_approve');
    }),
    { numRuns: 500 },
  );
  t.true(granted > 200, `${granted}`);
});

const CHANGED: readonly (readonly [before: readonly string[], now: readonly string[]])[] = [
  [['select:public.*'], ['select:public.o*']],
  [['select:public.*'], ['select:public.*', 'select:!public.salaries']],
  [['select:public.orders'], ['select:public.orders(id)']],
  [['select,update:public.orders'], ['select:public.orders']],
  [['select:public.big_orders'], ['select:public.*']], // a view that was named stands for what it reads by now
];
for (const [before, now] of CHANGED)
  test(`a grant of ${before} is not extended by a rule of ${now}`, (t) => {
    const grant = grantOf(scopeOf(before));
    t.is(decided(policyOf(scopeOf(before)), grant).outcome, 'auto_approve');
    t.like(decided(policyOf(scopeOf(now)), grant), { outcome: 'deny', rule: 'a rule' });
  });

test('nor by one that has other limits', (t) => {
  const reads = scopeOf(['select:public.orders']);
  t.is(decided(policyOf(reads, { ...LIMITS, rows: 10_000 }), grantOf(reads)).outcome, 'auto_approve');
  t.is(decided(policyOf(reads, { ...LIMITS, rows: 10 }), grantOf(reads)).outcome, 'deny');
});
