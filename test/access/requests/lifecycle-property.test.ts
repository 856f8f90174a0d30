/**
 * No order of asking, approving, narrowing, asking for more, and changing the policy in between gives a grant that is wider or
 * longer than the cap of the rule (or than a person approved), or that somebody has approved for themselves.
 */
import test from 'ava';
import fc from 'fast-check';
import type { Cap, Policy, Rule } from '../../../access/policy/policy.ts';
import type { AccessRequest, RequestForm, Reviewer } from '../../../access/requests/access-request.ts';
import { ask } from '../../../access/requests/ask.ts';
import { askExtension } from '../../../access/requests/extension.ts';
import { approved, denied, ReviewRefused, withdrawn } from '../../../access/requests/review-request.ts';
import { createScramVerifier } from '../../../access/scram-verifier.ts';
import { newGrantId, newToken } from '../../../access/token.ts';
import { CompiledScope } from '../../../guardrails/scope.ts';
import { ACTIONS } from '../../../guardrails/types.ts';
import { scopeOf } from '../../guardrails/deciding.ts';
import { Fixture, MINUTE } from '../fixture.ts';

const LIMITS = {
  ...{ rowsPerStatement: null, rows: null, bytes: null },
  ...{ connections: 8, logins: null, statements: null, from: null },
};
const cap = (scope: readonly string[], minutes: number): Cap => ({
  ...{ scope: scopeOf(scope), ttl: minutes * MINUTE, limits: LIMITS },
});
const atOnce = (name: string, when: Rule['when'], most: Cap): Rule => ({
  ...{ name, when, outcome: { kind: 'auto_approve', cap: most, beyond: 'narrow' } },
});
const reviewed = (name: string, when: Rule['when'], most: Cap, approvals: number): Rule => ({
  ...{ name, when },
  outcome: { kind: 'review', cap: most, review: { groups: ['leads'], approvals, expires: 240 * MINUTE } },
});
const policies: readonly Policy[] = [
  [
    atOnce('short reads', { actions: ['select'], duration: 30 * MINUTE }, cap(['select:public.*'], 20)),
    reviewed('reads', { actions: ['select'] }, cap(['select:public.*', 'select:!public.salaries'], 60), 1),
    atOnce('fires', { emergency: true }, cap(['update:public.orders'], 15)),
    reviewed('writes', { kinds: ['person'] }, cap(['select,update:public.*'], 45), 2),
  ],
  [
    atOnce('orders', {}, cap(['select:public.orders', 'select:public.other'], 50)),
    atOnce('longer fires', { emergency: true }, cap(['select,update:public.*'], 40)),
  ],
  [{ name: 'nothing', when: { kinds: ['agent'] }, outcome: { kind: 'deny', reason: 'No.' } } as const],
].map((rules, index) => ({ revision: `r${index}`, dataClasses: new Map(), rules }));

const principals: readonly RequestForm['principal'][] = [
  { id: 'alice', kind: 'person', teams: [], roles: ['admin'] },
  { id: 'bob', kind: 'person', teams: [], roles: [] },
  { id: 'bot', kind: 'agent', teams: [], roles: [], actsFor: 'alice' },
];
const reviewers: readonly Reviewer[] = ['alice', 'bob', 'cem', 'dana', 'bot', 'robin'].map((id) => ({
  ...{ id, groups: id === 'dana' ? [] : ['leads'] },
  ...(id === 'bot' && { actsFor: 'alice' }),
  ...(id === 'robin' && { actsFor: 'cem' }),
}));

const some = <T>(values: readonly T[]) => fc.constantFrom(...values);
const number = fc.nat({ max: 9 });
const minutes = fc.integer({ min: 1, max: 100 });
const lines = fc.uniqueArray(
  some([
    'select:public.*',
    'select:public.orders',
    'select:!public.salaries',
    'update:public.orders',
    'delete:*',
  ]),
  { minLength: 1, maxLength: 3 },
);
const step = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      ...{ kind: fc.constant('ask' as const), who: some(principals), lines, minutes },
      emergency: fc.boolean(),
    }),
  },
  {
    weight: 8,
    arbitrary: fc.record({
      ...{ kind: fc.constant('approve' as const), which: number, by: some(reviewers) },
      narrowed: fc.option(minutes, { freq: 3 }),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('extend' as const),
      which: number,
      who: fc.option(some(principals)),
      minutes,
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('reload' as const), policy: some(policies) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('wait' as const), minutes: fc.nat({ max: 30 }) }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('deny' as const), which: number, by: some(reviewers) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('withdraw' as const), which: number }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('return' as const), which: number }) },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

let fixture: Fixture;
test.before(async () => {
  fixture = await Fixture.start();
});
test.after.always(() => fixture.stop());

test('a grant is never wider or longer than its rule and its people say', async (t) => {
  const verifier = await createScramVerifier(newToken());
  let ahead = 0;
  const now = (): number => Date.now() + ahead;
  const { requests, store } = fixture.process({ clock: { now, elapsed: () => performance.now() } });
  const counts = { granted: 0, extended: 0, refused: 0 };

  async function run(steps: readonly Step[]): Promise<void> {
    let policy = policies[0]!;
    ahead = 0;
    const made: string[] = [];
    const narrowings = new Map<string, number>();
    const at = (which: number): string => made[which % made.length] ?? '';
    for (const each of steps)
      await take(each).catch((fault: unknown) => {
        if (!(fault instanceof ReviewRefused)) throw fault;
        counts.refused++;
      });
    for (const id of made) await check(id);

    async function take(each: Step): Promise<void> {
      switch (each.kind) {
        case 'ask': {
          const form: RequestForm = {
            ...{ principal: each.who, database: 'shop', terms: cap(each.lines, each.minutes) },
            ...{ reason: 'a case', ticket: null, emergency: each.emergency, address: null },
          };
          const asked = ask(policy, form, { onCall: false, triage: null, now: now() });
          made.push((await requests.submit(asked, verifier)).id);
          return;
        }
        case 'extend': {
          const roots = (await Promise.all(made.map((id) => requests.get(id)))).filter(
            (request) => request?.state.kind === 'approved' && request.extension === undefined,
          );
          const root = roots[each.which % roots.length];
          if (root?.state.kind !== 'approved') return;
          const grant = (await store.get(root.state.grant))?.grant;
          if (grant === undefined) return;
          const wish = {
            ...{ request: root, grant, principal: each.who ?? root.principal, ttl: each.minutes * MINUTE },
            ...WHY,
          };
          const asked = askExtension(policy, wish, { onCall: false, triage: null, now: now() });
          made.push((await requests.submit(asked, null)).id);
          return;
        }
        case 'approve': {
          const { by, narrowed } = each;
          await requests.change(at(each.which), by.id, (found) => {
            const scope = found.state.kind === 'pending' ? found.state.terms.scope : [];
            const less = narrowed === null ? null : { scope, ttl: narrowed * MINUTE };
            const after = approved(found, by, { comment: '', narrowed: less, grant: newGrantId() }, now());
            if (less !== null)
              narrowings.set(found.id, Math.min(less.ttl, narrowings.get(found.id) ?? less.ttl));
            return after;
          });
          return;
        }
        case 'deny':
          await requests.change(at(each.which), each.by.id, (found) => denied(found, each.by, 'no', now()));
          return;
        case 'withdraw':
          await requests.change(at(each.which), 'alice', (found) => withdrawn(found, 'alice', now()));
          return;
        case 'return': {
          const request = await requests.get(at(each.which));
          if (request?.state.kind === 'approved')
            await store.giveBack(request.state.grant, request.principal.id);
          return;
        }
        case 'reload':
          policy = each.policy;
          return;
        case 'wait':
          ahead += each.minutes * MINUTE;
          await requests.expireDue();
      }
    }

    async function check(id: string): Promise<void> {
      const request = (await requests.get(id))!;
      if (request.state.kind !== 'approved') return;
      approvedRightly(request);
      if (request.extension !== undefined) {
        counts.extended++;
        return;
      }
      const grant = (await store.get(request.state.grant))?.grant;
      if (grant === undefined) return;
      counts.granted++;
      t.true(isWithin(grant.scope, request.terms.scope), 'wider than asked');
      const most = capOf(request);
      if (most !== null) t.true(isWithin(grant.scope, most.scope), 'wider than the rule');
      const extensions = (await Promise.all(made.map((each) => requests.get(each)))).filter(
        (each) => each?.extension?.grant === grant.id && each.state.kind === 'approved',
      );
      const ends = [request, ...extensions].map((each) => latestEnd(each!, Date.parse(grant.issuedAt)));
      t.true(Date.parse(grant.expiresAt) <= Math.max(...ends), 'longer than rules and people say');
    }

    /** By the rule from the beginning of the grant on; by people from their approval on, or less. */
    function latestEnd(request: AccessRequest, issuedAt: number): number {
      const { state } = request;
      if (state.kind !== 'approved') return 0;
      const ttl = capOf(request)?.ttl ?? 8 * 60 * MINUTE;
      if (state.approvals.length === 0) return issuedAt + ttl;
      return Date.parse(state.at) + Math.min(ttl, narrowings.get(request.id) ?? ttl);
    }
  }

  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 24 }), (steps) => run(steps)),
    { numRuns: 600 },
  );
  t.true(counts.granted > 100, `${counts.granted} were granted`);
  t.true(counts.extended > 20, `${counts.extended} were extended`);
  t.true(counts.refused > 50, `${counts.refused} were refused`);

  function approvedRightly({ state, principal, rule, revision }: AccessRequest): void {
    if (state.kind !== 'approved') return;
    const { outcome } = ruleOf(rule, revision) ?? {};
    if (state.approvals.length === 0) {
      t.is(outcome?.kind, 'auto_approve', 'nobody has approved it');
      return;
    }
    const people = state.approvals.map(({ by }) => reviewers.find(({ id }) => id === by)!);
    const persons = people.map(({ id, actsFor }) => actsFor ?? id);
    t.is(new Set(persons).size, persons.length, 'approved twice');
    t.false(persons.includes(principal.actsFor ?? principal.id), 'approved by who asked');
    if (outcome?.kind !== 'review') return;
    t.true(people.length >= outcome.review.approvals);
    t.true(people.every(({ groups }) => groups.includes('leads')));
  }
});

const WHY = { reason: 'not done yet', ticket: null, address: null };

const ruleOf = (rule: string | null, revision: string): Rule | undefined =>
  policies.find((each) => each.revision === revision)?.rules.find(({ name }) => name === rule);

function capOf({ rule, revision }: AccessRequest): Cap | null {
  const { outcome } = ruleOf(rule, revision) ?? {};
  return outcome === undefined || outcome.kind === 'deny' ? null : outcome.cap;
}

const RELATIONS = ['orders', 'salaries', 'other'].map(
  (name) => ({ schema: 'public', name, all: true }) as const,
);

/** By what the guardrails make of either. */
function isWithin(inner: Cap['scope'], outer: Cap['scope']): boolean {
  const [one, other] = [inner, outer].map((scope) => new CompiledScope(scope, ACTIONS));
  return ACTIONS.every((action) =>
    RELATIONS.every(
      (relation) => !one!.covers(action, relation).covered || other!.covers(action, relation).covered,
    ),
  );
}
