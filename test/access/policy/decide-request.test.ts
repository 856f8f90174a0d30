/** What becomes of a request: conditions one by one, and promises that hold for any policy and any model. */
import test from 'ava';
import fc from 'fast-check';
import { unmet } from '../../../access/policy/conditions.ts';
import { decideRequest } from '../../../access/policy/decide-request.ts';
import type { Conditions, Outcome, Policy, PolicyRequest } from '../../../access/policy/policy.ts';
import { CompiledScope } from '../../../guardrails/scope.ts';
import { ACTIONS, type Scope } from '../../../guardrails/types.ts';
import { scopeOf } from '../../guardrails/deciding.ts';

const MINUTE = 60_000;
const UNLIMITED = {
  ...{ rowsPerStatement: null, rows: null, bytes: null },
  ...{ connections: null, logins: null, statements: null, from: null },
};
const CLASSES = new Map([['personal', ['public.customers(email)', 'hr.*']]]);

const REQUEST: PolicyRequest = {
  principal: { id: 'alice', kind: 'person', teams: ['support'], roles: ['requester'] },
  database: 'shop',
  scope: scopeOf(['select:public.orders']),
  ttl: 30 * MINUTE,
  limits: UNLIMITED,
  ticket: 'INC-1',
  emergency: false,
  address: '10.1.2.3',
  onCall: false,
  at: Date.parse('2026-11-20T10:00:00Z'), // a Friday
  triage: { risk: 0.2, confidence: 0.9, suspicious: false },
};
const asking = (...lines: string[]): Partial<PolicyRequest> => ({ scope: scopeOf(lines) });
const officeHours = { days: [1, 2, 3, 4, 5], from: 8 * 60, to: 18 * 60, timeZone: 'Europe/Berlin' };
const nights = { days: [5], from: 22 * 60, to: 6 * 60, timeZone: 'UTC' };
const at = (time: string): Partial<PolicyRequest> => ({ at: Date.parse(time) });

const TABLE: readonly (readonly [Conditions, Partial<PolicyRequest>, boolean])[] = [
  [{}, {}, true],
  [{ principals: ['alice'] }, {}, true],
  [{ principals: ['Alice'] }, {}, false],
  [{ kinds: ['agent'] }, {}, false],
  [{ teams: ['sales', 'support'] }, {}, true],
  [{ roles: ['admin'] }, {}, false],
  [{ databases: ['shop'] }, { database: 'shop2' }, false],
  [{ actions: ['select'] }, {}, true],
  [{ actions: ['select'] }, asking('select:public.orders', 'delete:public.orders'), false],
  [{ relations: ['public.*'] }, asking('select:public.orders(id)', 'update:public.tickets'), true],
  [{ relations: ['public.*'] }, asking('select:*.orders'), false],
  [{ touches: ['personal'] }, asking('select:public.customers'), true],
  [{ touches: ['personal'] }, asking('select:public.cust*(email, id)'), true],
  [{ touches: ['personal'] }, asking('select:public.customers(id)'), false],
  [{ touches: ['personal'] }, asking('select:*'), true],
  [{ avoids: ['personal'] }, asking('select:public.*'), false],
  [{ avoids: ['personal'] }, asking('select:public.*', 'select:!public.customers'), true],
  [{ avoids: ['personal'] }, asking('select:public.*', 'select:!public.customers(id)'), false],
  [{ duration: 30 * MINUTE }, {}, true],
  [{ duration: 29 * MINUTE }, {}, false],
  [{ hours: officeHours }, at('2026-11-20T16:59:00Z'), true],
  [{ hours: officeHours }, at('2026-11-20T17:00:00Z'), false],
  [{ hours: officeHours }, at('2026-07-17T06:00:00Z'), true], // in summer
  [{ hours: officeHours }, at('2026-11-21T10:00:00Z'), false],
  [{ hours: nights }, at('2026-11-20T23:00:00Z'), true],
  [{ hours: nights }, at('2026-11-21T05:59:00Z'), true],
  [{ hours: nights }, at('2026-11-20T05:00:00Z'), false],
  [{ networks: ['10.0.0.0/8'] }, {}, true],
  [{ networks: ['10.0.0.0/8'] }, { address: '11.0.0.1' }, false],
  [{ networks: ['0.0.0.0/0'] }, { address: null }, false],
  [{ ticket: true }, {}, true],
  [{ ticket: true }, { ticket: null }, false],
  [{ ticket: false }, {}, false],
  [{ ticket: /^INC-\d+$/u }, {}, true],
  [{ ticket: /^INC-\d+$/u }, { ticket: null }, false],
  [{ onCall: true }, {}, false],
  [{ onCall: false }, {}, true],
  [{ emergency: true }, {}, false],
  [{ emergency: true }, { emergency: true }, true],
  [{}, { emergency: true }, false],
  [{ risk: { atMost: 0.2 } }, {}, true],
  [{ risk: { atMost: 0.1 } }, {}, false],
  [{ risk: { atMost: 1 } }, { triage: null }, false],
  [{ risk: { atMost: 1 } }, { triage: { risk: Number.NaN, confidence: 1, suspicious: false } }, false],
  [{ confidence: { atLeast: 0.95 } }, {}, false],
];
const GRANTING: Outcome = {
  kind: 'auto_approve',
  cap: { scope: scopeOf(['select:public.*']), ttl: 60 * MINUTE, limits: UNLIMITED },
  beyond: 'review',
};
for (const [index, [when, change, expected]] of TABLE.entries())
  test(`${index}: ${Object.keys(when).join() || 'no condition'} ${expected ? 'holds' : 'does not hold'}`, (t) => {
    t.is(
      unmet({ name: 'r', when, outcome: GRANTING }, { ...REQUEST, ...change }, CLASSES) === null,
      expected,
    );
  });

const policyOf = (...outcomes: Outcome[]): Policy => ({
  revision: 'r1',
  rules: outcomes.map((outcome, index) => ({ name: `rule ${index}`, when: {}, outcome })),
  dataClasses: CLASSES,
});
const decided = (then: Outcome, change: Partial<PolicyRequest> = {}) =>
  decideRequest(policyOf(then), { ...REQUEST, ...change });

test('what is within the cap is granted as asked, but for views', (t) => {
  t.deepEqual(decided(GRANTING), {
    ...{ outcome: 'auto_approve', rule: 'rule 0', revision: 'r1', notes: [] },
    terms: {
      ...{ ttl: 30 * MINUTE, limits: UNLIMITED },
      scope: [{ actions: ['select'], on: ['public.orders'], followed: true }],
    },
  });
});

test('what goes beyond the cap is reviewed, or narrowed if the rule says so; denied if nothing is left', (t) => {
  const more = asking('select:public.orders', 'delete:public.orders');
  t.like(decided(GRANTING, more), {
    outcome: 'review',
    notes: [
      'more than the rule grants at once: delete:public.orders',
      'left out or narrowed: delete:public.orders',
    ],
  });
  const narrowing = decided({ ...GRANTING, beyond: 'narrow' }, { ...more, ttl: 120 * MINUTE });
  t.like(narrowing, {
    outcome: 'auto_approve',
    terms: { ttl: 60 * MINUTE },
    notes: ['left out or narrowed: delete:public.orders', 'shortened to 3600 s'],
  });
  t.is(decided({ ...GRANTING, beyond: 'narrow' }, asking('delete:public.orders')).outcome, 'deny');
});

test('a suspicious text is reviewed whatever the rule grants', (t) => {
  const triage = { risk: 0, confidence: 1, suspicious: true };
  t.is(decided(GRANTING, { triage }).outcome, 'review');
});

test('an emergency is denied by any rule that denies, and granted by none that does not speak of it', (t) => {
  const emergency = { emergency: true };
  t.is(decided({ kind: 'deny', reason: 'no' }, emergency).outcome, 'deny');
  t.like(decided(GRANTING, emergency), { outcome: 'review', rule: null });
});

test('the networks of a grant are within both', (t) => {
  const cap = { ...GRANTING.cap, limits: { ...UNLIMITED, from: ['10.0.0.0/8'] } };
  const from = (...networks: string[]) => {
    const decision = decided({ ...GRANTING, cap }, { limits: { ...UNLIMITED, from: networks } });
    return decision.outcome === 'auto_approve' ? decision.terms.limits.from : null;
  };
  t.deepEqual(from('10.1.0.0/16', '192.168.0.0/16'), ['10.1.0.0/16']);
  t.deepEqual(from('0.0.0.0/0'), ['10.0.0.0/8']);
});

const lines = fc
  .array(
    fc.tuple(
      fc.constantFrom('select', 'update', 'delete', 'select,export'),
      fc.constantFrom('public.*', 'public.orders', '*', 'hr.*', '!public.customers', 'public.customers(id)'),
    ),
    { minLength: 1, maxLength: 4 },
  )
  .map((list): Scope => scopeOf(list.map(([actions, pattern]) => `${actions}:${pattern}`)));
const limit = fc.option(fc.integer({ min: 0, max: 100 }));
const limits = limit.map((rows) => ({ ...UNLIMITED, rows }));
const cap = fc.record({ scope: lines, ttl: fc.integer({ min: 1, max: 1000 }), limits });
const outcome: fc.Arbitrary<Outcome> = fc.oneof(
  fc.record({
    kind: fc.constant('auto_approve' as const),
    cap,
    beyond: fc.constantFrom('narrow' as const, 'review' as const),
  }),
  fc.record({ kind: fc.constant('deny' as const), reason: fc.string() }),
);
const number = fc.oneof(fc.double(), fc.constantFrom(Number.NaN, -1, 2, Number.POSITIVE_INFINITY));
const triage = fc.option(fc.record({ risk: number, confidence: number, suspicious: fc.boolean() }));
const range = fc.record({ atMost: fc.double({ min: 0, max: 1, noNaN: true }) });
const rule = fc.record({
  outcome,
  when: fc.record({ risk: range, confidence: range }, { requiredKeys: [] }),
});

test('no policy grants at once what is wider, longer or more than the cap of its rule, whatever the model says', (t) => {
  t.notThrows(() =>
    fc.assert(
      fc.property(
        fc.array(rule, { maxLength: 4 }),
        lines,
        fc.integer({ min: 1, max: 1000 }),
        limits,
        triage,
        (rules, scope, ttl, asked, said) => {
          const policy: Policy = {
            ...{ revision: '', dataClasses: CLASSES },
            rules: rules.map((each, index) => ({ name: String(index), ...each })),
          };
          const decision = decideRequest(policy, { ...REQUEST, scope, ttl, limits: asked, triage: said });
          if (decision.outcome !== 'auto_approve') return true;
          const { outcome: rule } = policy.rules[Number(decision.rule)]!;
          if (rule.kind !== 'auto_approve' || said?.suspicious === true) return false;
          const { terms } = decision;
          const [granted, most, wanted] = [terms.scope, rule.cap.scope, scope].map(
            (each) => new CompiledScope(each, ACTIONS),
          );
          const resources = ['public', 'hr'].flatMap((schema) =>
            ['orders', 'customers'].map((name) => ({ schema, name, all: true })),
          );
          const wider = ACTIONS.some((action) =>
            resources.some((asked) => {
              const covers = (each: CompiledScope | undefined) =>
                each?.covers(action, asked).covered === true;
              return covers(granted) && !(covers(most) && covers(wanted));
            }),
          );
          const rows = (value: number | null) => value ?? Number.POSITIVE_INFINITY;
          return (
            !wider &&
            terms.ttl <= Math.min(ttl, rule.cap.ttl) &&
            rows(terms.limits.rows) <= Math.min(rows(asked.rows), rows(rule.cap.limits.rows))
          );
        },
      ),
      { numRuns: 2_000 },
    ),
  );
});
