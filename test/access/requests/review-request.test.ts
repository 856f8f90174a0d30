/** Who may do what with a request, and that no order of doing it gives more than was to be granted. */
import test from 'ava';
import fc from 'fast-check';
import type { Policy } from '../../../access/policy/policy.ts';
import {
  type AccessRequest,
  asOf,
  type RequestForm,
  type Reviewer,
} from '../../../access/requests/access-request.ts';
import { ask } from '../../../access/requests/ask.ts';
import { approved, denied, ReviewRefused, withdrawn } from '../../../access/requests/review-request.ts';
import { CompiledScope } from '../../../guardrails/scope.ts';
import { ACTIONS } from '../../../guardrails/types.ts';
import { scopeOf } from '../../guardrails/deciding.ts';

const MINUTE = 60_000;
const NOW = Date.parse('2026-11-20T10:00:00Z');
const UNLIMITED = {
  ...{ rowsPerStatement: null, rows: null, bytes: null },
  ...{ connections: null, logins: null, statements: null, from: null },
};
const CAP = {
  scope: scopeOf(['select,update:public.*', 'select:!public.salaries']),
  ttl: 60 * MINUTE,
  limits: UNLIMITED,
};
const POLICY: Policy = {
  revision: 'r1',
  dataClasses: new Map(),
  rules: [
    {
      name: 'by two of the leads',
      when: {},
      outcome: {
        kind: 'review',
        cap: CAP,
        review: { groups: ['leads'], approvals: 2, expires: 240 * MINUTE },
      },
    },
  ],
};
const FORM: RequestForm = {
  principal: { id: 'alice', kind: 'person', teams: [], roles: [] },
  database: 'shop',
  terms: {
    scope: scopeOf(['select:public.*', 'delete:public.orders']),
    ttl: 120 * MINUTE,
    limits: UNLIMITED,
  },
  reason: 'INC-1: why',
  ticket: null,
  emergency: false,
  address: null,
};
const asked = (form: Partial<RequestForm> = {}): AccessRequest =>
  ask(POLICY, { ...FORM, ...form }, { onCall: false, triage: null, now: NOW });
const lead = (id: string): Reviewer => ({ id, groups: ['leads'] });
const wish = { comment: 'ok', narrowed: null, grant: 'g0000001' };
const refusal = { instanceOf: ReviewRefused };

test('it takes as many as the rule says, and grants within its cap', (t) => {
  const once = approved(asked(), lead('bob'), wish, NOW + 1);
  t.like(once.state, { kind: 'pending' });
  const { state } = approved(once, lead('cem'), wish, NOW + MINUTE);
  t.like(state, { kind: 'approved', grant: 'g0000001', at: new Date(NOW + MINUTE).toISOString() });
  const terms = state.kind === 'approved' ? state.terms : null;
  t.is(terms?.ttl, 60 * MINUTE);
  t.deepEqual(terms?.scope, [{ actions: ['select'], on: ['public.*', '!public.salaries'] }]);
});

test('who may not', (t) => {
  const request = asked({ principal: { ...FORM.principal, kind: 'agent', id: 'bot', actsFor: 'dana' } });
  const once = approved(request, lead('bob'), wish, NOW);
  const tries: readonly (readonly [() => unknown, RegExp])[] = [
    [() => approved(asked(), lead('alice'), wish, NOW), /their own/],
    [() => denied(asked(), lead('alice'), 'no', NOW), /their own/],
    [() => approved(request, lead('bot'), wish, NOW), /their own/],
    [() => approved(request, lead('dana'), wish, NOW), /their own/],
    [() => approved(request, { id: 'bob', groups: ['sales'] }, wish, NOW), /only members of leads/],
    [() => denied(request, { id: 'bob', groups: [] }, 'no', NOW), /only members of leads/],
    [() => approved(once, lead('bob'), wish, NOW), /already/],
    [() => withdrawn(asked(), 'bob', NOW), /only who asked/],
  ];
  for (const [attempt, message] of tries) t.throws(attempt, { ...refusal, message });
});

test('what is over is over', (t) => {
  const over = [
    denied(asked(), lead('bob'), 'no', NOW),
    withdrawn(asked(), 'alice', NOW),
    approved(approved(asked(), lead('bob'), wish, NOW), lead('cem'), wish, NOW),
  ];
  for (const request of over) {
    t.throws(() => approved(request, lead('dana'), wish, NOW), refusal);
    t.throws(() => denied(request, lead('dana'), 'no', NOW), refusal);
    t.throws(() => withdrawn(request, 'alice', NOW), refusal);
  }
  const late = NOW + 240 * MINUTE;
  t.throws(() => approved(asked(), lead('bob'), wish, late), { ...refusal, message: /expired/ });
  t.is(asOf(asked(), late).state.kind, 'expired');
  t.is(asOf(asked(), late - 1).state.kind, 'pending');
});

test('an approver grants less, never more', (t) => {
  const narrow = (lines: readonly string[], ttl: number) => ({
    ...wish,
    narrowed: { scope: scopeOf(lines), ttl },
  });
  const { state } = approved(asked(), lead('bob'), narrow(['select:public.orders(id)'], MINUTE), NOW);
  t.like(state, { terms: { ttl: MINUTE } });
  const wider = [
    narrow(['select:hr.*'], MINUTE),
    narrow(['update:public.orders'], MINUTE),
    narrow(['select:public.*'], MINUTE),
    narrow(['select:public.orders'], 61 * MINUTE),
  ];
  for (const each of wider) t.throws(() => approved(asked(), lead('bob'), each, NOW), refusal);
});

const people = ['alice', 'bob', 'cem', 'dana'];
const lines = fc.array(
  fc.constantFrom(
    'select:public.*',
    'select:*',
    'select:public.orders',
    'select:!public.salaries',
    'update:public.orders',
    'delete:*',
  ),
  { minLength: 1, maxLength: 3 },
);
const narrowing = fc.option(fc.record({ lines, ttl: fc.integer({ min: 1, max: 200 * MINUTE }) }), {
  freq: 2,
});
const by = fc.constantFrom(...people);
const isLead = fc.constantFrom(true, true, true, false);
const step = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({ kind: fc.constant('approve' as const), by, lead: isLead, narrowed: narrowing }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('deny' as const), by, lead: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('withdraw' as const), by }) },
);

type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

test('no order of steps grants more than asked and capped, by fewer than needed, or by who asked', (t) => {
  let granted = 0;
  t.notThrows(() =>
    fc.assert(
      fc.property(
        lines,
        fc.array(fc.tuple(step, fc.integer({ min: 0, max: 60 * MINUTE })), { maxLength: 8 }),
        (scope, steps) => {
          const form = { ...FORM, terms: { ...FORM.terms, scope: scopeOf(scope) } };
          let request = asked(form);
          let now = NOW;
          for (const [each, later] of steps) {
            now += later;
            try {
              request = taken(request, each, now);
            } catch (fault) {
              if (!(fault instanceof ReviewRefused)) throw fault;
            }
          }
          const { state } = request;
          if (state.kind !== 'approved') return true;
          granted++;
          const by = new Set(state.approvals.map((approval) => approval.by));
          const [left, cap, wanted] = [state.terms.scope, CAP.scope, form.terms.scope].map(
            (each) => new CompiledScope(each, ACTIONS),
          );
          const wider = ACTIONS.some((action) =>
            ['orders', 'salaries', 'other'].some((name) => {
              const covers = (each: CompiledScope | undefined) =>
                each?.covers(action, { schema: 'public', name, all: true }).covered === true;
              return covers(left) && !(covers(cap) && covers(wanted));
            }),
          );
          return by.size >= 2 && !by.has('alice') && !wider && state.terms.ttl <= CAP.ttl;
        },
      ),
      { numRuns: 3_000 },
    ),
  );
  t.true(granted > 50, `${granted} were granted`);
});

function taken(request: AccessRequest, each: Step, now: number): AccessRequest {
  if (each.kind === 'withdraw') return withdrawn(request, each.by, now);
  const by = { id: each.by, groups: each.lead ? ['leads'] : [] };
  if (each.kind === 'deny') return denied(request, by, 'no', now);
  const narrowed = each.narrowed && { scope: scopeOf(each.narrowed.lines), ttl: each.narrowed.ttl };
  return approved(request, by, { comment: '', narrowed, grant: 'g0000001' }, now);
}
