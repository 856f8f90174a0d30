/** What becomes of a request after its first decision: more time, time that runs out, and the review of emergencies. */
import test from 'ava';
import type { Policy, Rule } from '../../../access/policy/policy.ts';
import type { AccessRequest, RequestForm, Reviewer } from '../../../access/requests/access-request.ts';
import { concluded, reviewDue } from '../../../access/requests/aftercare.ts';
import { ask } from '../../../access/requests/ask.ts';
import { askExtension } from '../../../access/requests/extension.ts';
import type { RequestFilter } from '../../../access/requests/request-store.ts';
import { approved, ReviewRefused, withdrawn } from '../../../access/requests/review-request.ts';
import { createScramVerifier } from '../../../access/scram-verifier.ts';
import { newGrantId, newToken } from '../../../access/token.ts';
import { scopeOf } from '../../guardrails/deciding.ts';
import { admitted, Fixture, MINUTE } from '../fixture.ts';

const UNLIMITED = {
  ...{ rowsPerStatement: null, rows: null, bytes: null },
  ...{ connections: 8, logins: null, statements: null, from: null },
};
const capOf = (scope: readonly string[], minutes: number) => ({
  ...{ scope: scopeOf(scope), ttl: minutes * MINUTE, limits: UNLIMITED },
});
const READS: Rule = {
  name: 'reads',
  when: { actions: ['select'] },
  outcome: { kind: 'auto_approve', cap: capOf(['select:public.*'], 30), beyond: 'review' },
};
const WRITES: Rule = {
  name: 'writes',
  when: {},
  outcome: {
    kind: 'review',
    cap: capOf(['update:public.*'], 60),
    review: { groups: ['leads'], approvals: 1, expires: 240 * MINUTE },
  },
};
const BROKEN_GLASS: Rule = {
  name: 'broken glass',
  when: { emergency: true },
  outcome: { kind: 'auto_approve', cap: capOf(['update:public.*'], 60), beyond: 'review' },
};
const policyOf = (...rules: readonly Rule[]): Policy => ({
  revision: 'r1',
  dataClasses: new Map(),
  rules,
  emergencies: { groups: ['security'], within: 60 * MINUTE },
});
const POLICY = policyOf(READS, WRITES, BROKEN_GLASS);
const ALICE = { id: 'alice', kind: 'person', teams: [], roles: [] } as const;
const form = (scope: string, minutes: number, emergency = false): RequestForm => ({
  ...{ principal: ALICE, database: 'shop', reason: 'a case', ticket: null, emergency, address: null },
  terms: capOf([scope], minutes),
});
const bob: Reviewer = { id: 'bob', groups: ['leads'] };
const refusal = { instanceOf: ReviewRefused };

let fixture: Fixture;
test.before(async () => {
  fixture = await Fixture.start();
});
test.after.always(() => fixture.stop());

/** A request that the policy or `by` has approved, its grant, and a process whose clock can be put forward. */
async function granted(asked: RequestForm, { policy = POLICY, by = bob } = {}) {
  let ahead = 0;
  const clock = { now: () => Date.now() + ahead, elapsed: () => performance.now() };
  const handle = fixture.process({ clock });
  const now = clock.now;
  const made = ask(policy, asked, { onCall: false, triage: null, now: now() });
  await handle.requests.submit(made, await createScramVerifier(newToken()));
  const request = await approvedBy(by, made);
  const id = request.state.kind === 'approved' ? request.state.grant : '';
  const endsIn = async () => Date.parse((await handle.store.get(id))!.grant.expiresAt) - Date.now();
  const extend = async (
    minutes: number,
    by: Policy = policy,
    principal: RequestForm['principal'] = ALICE,
  ) => {
    const { grant } = (await handle.store.get(id))!;
    const wish = { ...{ request, grant, principal, ttl: minutes * MINUTE }, ...WHY };
    const more = askExtension(by, wish, { onCall: false, triage: null, now: now() });
    return await handle.requests.submit(more, null);
  };
  async function approvedBy(by: Reviewer, asked: AccessRequest, minutes?: number): Promise<AccessRequest> {
    if (asked.state.kind !== 'pending') return asked;
    const narrowed = minutes === undefined ? null : { scope: asked.state.terms.scope, ttl: minutes * MINUTE };
    const wish = { comment: 'ok', narrowed, grant: newGrantId() };
    return (await handle.requests.change(asked.id, by.id, (found) => approved(found, by, wish, now())))!;
  }
  return {
    ...{ handle, request, id, extend, endsIn, approvedBy },
    forward: (minutes: number) => {
      ahead += minutes * MINUTE;
    },
  };
}
const WHY = { reason: 'more rows than thought', ticket: null, address: null };
const minutes = (ms: number): number => Math.round(ms / MINUTE);

test('more time is given by the policy as far as the cap of the whole goes, and by people from there on', async (t) => {
  const { handle, extend, endsIn, approvedBy, id } = await granted(form('select:public.orders', 10));
  const session = admitted(await fixture.enter(handle, id));
  t.is((await extend(10)).state.kind, 'approved');
  t.is(minutes(await endsIn()), 20);
  const capped = await extend(20);
  t.like(capped.state, { kind: 'approved' });
  t.is(minutes(await endsIn()), 30, 'the cap of the rule, and not 40');
  const beyond = await extend(10);
  t.like(beyond.state, { kind: 'pending' });
  t.regex(beyond.notes.join(), /gives no more by itself/);
  t.is(minutes(await endsIn()), 30);
  await approvedBy(bob, beyond);
  t.is(minutes(await endsIn()), 30, 'the cap again, from the approval on');
  t.deepEqual((await handle.store.get(id))?.grant.approvedBy, ['bob']);
  t.like((await extend(1)).state, { kind: 'pending' }, 'what people have approved is extended by people');
  t.true(session.live());
});

test('a person gives up to the cap from then on, or less', async (t) => {
  const { extend, endsIn, approvedBy, forward, handle, id } = await granted(form('update:public.orders', 60));
  t.is(minutes(await endsIn()), 60);
  forward(50);
  const more = await extend(120);
  await approvedBy(bob, more);
  t.is(minutes(await endsIn()), 110, '60 from the approval');
  const less = await extend(30);
  await approvedBy(bob, less, 59);
  t.is(minutes(await endsIn()), 110, 'an end is never moved back');
  const { grant } = (await handle.store.get(id))!;
  t.deepEqual(
    grant.scope,
    scopeOf(['update:public.orders']).map((line) => ({ ...line, followed: true })),
  );
  await t.throwsAsync(approvedBy(bob, await extend(30), 61), { ...refusal, message: /longer/ });
  await t.throwsAsync(approvedBy({ id: 'alice', groups: ['leads'] }, await extend(30)), {
    ...refusal,
    message: /their own/,
  });
});

test('an extension gives no more than its grant, whatever the policy says by now', async (t) => {
  const { extend, approvedBy, handle, endsIn } = await granted(form('select:public.orders', 10));
  const narrower = { ...READS, outcome: { ...READS.outcome, cap: capOf(['select:public.customers'], 30) } };
  const secret = {
    ...READS,
    outcome: { ...READS.outcome, cap: capOf(['select:public.*', 'select:!public.orders(email)'], 30) },
  };
  for (const rule of [narrower, secret] as readonly Rule[])
    t.like((await extend(5, policyOf(rule))).state, { kind: 'denied', by: null });
  const wider = { ...READS, outcome: { ...READS.outcome, cap: capOf(['select,update:*'], 30) } } as Rule;
  const more = await extend(5, policyOf(wider));
  t.is(more.state.kind, 'approved');
  const { grant } = (await handle.store.get(more.extension!.grant))!;
  t.deepEqual(
    grant.scope.map(({ actions, on }) => [...actions, ...on]),
    [['select', 'public.orders']],
  );
  t.is(minutes(await endsIn()), 15);
  await extend(60);
  const pending = await extend(60);
  const wide = {
    comment: '',
    grant: newGrantId(),
    narrowed: { scope: scopeOf(['select:public.orders(id)']), ttl: MINUTE },
  };
  await t.throwsAsync(
    handle.requests.change(pending.id, 'bob', (found) => approved(found, bob, wide, Date.now())),
    { ...refusal, message: /leaves the scope/ },
  );
  await approvedBy(bob, pending);
});

test('more time is asked by the holder, for what still stands', async (t) => {
  const { extend, handle, id, request, approvedBy } = await granted(form('select:public.orders', 10));
  await t.throwsAsync(extend(5, POLICY, { ...ALICE, id: 'mallory' }), refusal);
  await t.throwsAsync(extend(-5), refusal);
  await t.throwsAsync(extend(Number.NaN), refusal);
  await t.throwsAsync(extend(600 * 24 * 60), refusal);
  await extend(60);
  const pending = await extend(60);
  t.is(pending.state.kind, 'pending');
  t.true(
    pending.state.kind === 'pending' && Date.parse(pending.state.expiresAt) <= Date.now() + 30 * MINUTE,
    'nobody has to decide on it once its grant is over',
  );
  await handle.store.giveBack(id, 'alice');
  await t.throwsAsync(approvedBy(bob, pending), { ...refusal, message: /is over/ });
  t.is((await handle.requests.get(pending.id))?.state.kind, 'pending');
  t.is(await handle.store.get(id), null);
  t.is((await handle.requests.ofGrant(id))?.id, request.id);
  t.is(await handle.requests.ofGrant('nobody00'), null);
});

test('an approved extension that was cut off is made by whoever asks for it, soon or never', async (t) => {
  const { extend, handle, id, endsIn, forward } = await granted(form('select:public.orders', 10));
  const before = await fixture.client.hgetall(`postern:{${id}}:grant`);
  const more = await extend(10);
  await fixture.client.hset(`postern:{${id}}:grant`, before);
  t.is(minutes(await endsIn()), 10);
  await handle.requests.getFulfilled(more.id);
  t.is(minutes(await endsIn()), 20);
  await fixture.client.hset(`postern:{${id}}:grant`, before);
  forward(2);
  await handle.requests.getFulfilled(more.id);
  t.is(minutes(await endsIn()), 10);
});

test('an emergency is loud, and reviewed by somebody else', async (t) => {
  const { handle, request, id, extend } = await granted(form('update:public.orders', 20, true));
  t.is(request.rule, 'broken glass');
  t.like(
    fixture.events.find((event) => event.type === 'request.emergency' && event.request === request.id),
    { grant: id, principal: 'alice', database: 'shop' },
  );
  t.is(minutes(reviewDue(request)! - Date.now()), 60);
  t.true((await handle.requests.open()).requests.some((each) => each.id === request.id));
  const guard = (name: string, groups: readonly string[], agentOf?: string): Reviewer => ({
    ...{ id: name, groups },
    ...(agentOf !== undefined && { actsFor: agentOf }),
  });
  const review = (by: Reviewer) =>
    handle.requests.change(request.id, by.id, (found) =>
      concluded(found, by, { finding: 'justified', comment: 'the shop was down' }, Date.now()),
    );
  await t.throwsAsync(review(guard('alice', ['security'])), { ...refusal, message: /their own/ });
  await t.throwsAsync(review(guard('bot', ['security'], 'alice')), { ...refusal, message: /their own/ });
  await t.throwsAsync(review(guard('bob', ['leads'])), { ...refusal, message: /security/ });
  const reviewed = await review(guard('sam', ['security']));
  t.is(reviewDue(reviewed!), null);
  await t.throwsAsync(review(guard('kim', ['security'])), { ...refusal, message: /already/ });
  t.false((await handle.requests.open()).requests.some((each) => each.id === request.id));
  t.deepEqual(
    fixture.events.filter((event) => event.type === 'request.review' && event.request === request.id),
    [
      {
        ...{ type: 'request.review', request: request.id, by: 'sam' },
        ...{ finding: 'justified', comment: 'the shop was down' },
      },
    ],
  );
  t.not(await handle.store.get(id), null, 'a review makes no second grant, and ends none');
  t.like(
    await extend(10),
    { emergency: true, aftercare: { finding: null } },
    'more time is an emergency too',
  );
});

test('an ordinary request, and an emergency that came to nothing, need no review', async (t) => {
  const ordinary = (await granted(form('select:public.orders', 5))).request;
  const finding = { finding: 'justified', comment: '' } as const;
  t.is(reviewDue(ordinary), null);
  t.throws(() => concluded(ordinary, bob, finding, Date.now()), refusal);
  const asked = ask(policyOf(), form('update:public.orders', 5, true), {
    ...{ onCall: false, triage: null, now: Date.now() },
  });
  const back = withdrawn(asked, 'alice', Date.now());
  t.is(reviewDue(back), null);
  t.throws(() => concluded(back, bob, finding, Date.now()), refusal);
});

// Before the others: it would expire what they wait for.
test.serial('time expires a request though nobody looks, once, on whichever node', async (t) => {
  const { handle, approvedBy, forward } = await granted(form('select:public.orders', 5));
  const made = ask(POLICY, form('update:public.orders', 5), {
    ...{ onCall: false, triage: null, now: Date.now() },
  });
  const pending = await handle.requests.submit(made, await createScramVerifier(newToken()));
  await handle.requests.expireDue();
  t.is((await handle.requests.get(pending.id))?.state.kind, 'pending');
  t.false(fixture.events.some((event) => event.type === 'request.expire' && event.request === pending.id));
  forward(241);
  const others = [1, 2].map(() => fixture.process({ clock: { now: later, elapsed: later } }).requests);
  await Promise.all([handle.requests, ...others].map((requests) => requests.expireDue()));
  const told = fixture.events.filter(
    (event) => event.type === 'request.expire' && event.request === pending.id,
  );
  t.is(told.length, 1);
  t.is((await fixture.process().requests.get(pending.id))?.state.kind, 'expired');
  t.false((await handle.requests.open()).requests.some(({ id }) => id === pending.id));
  await t.throwsAsync(approvedBy(bob, pending), { ...refusal, message: /expired already/ });
});
const later = (): number => Date.now() + 241 * MINUTE;

test.serial('what a sweep can not read holds nothing up', async (t) => {
  const { handle } = await granted(form('select:public.orders', 5));
  const key = `postern:{zzzzzzz1}:request`;
  await fixture.client.hset(key, { document: '{}', signature: 'x' });
  await fixture.client.zadd('postern:requests:open', 1, 'zzzzzzz1', 1, 'zzzzzzz2', 1, 'no id at all');
  await handle.requests.expireDue();
  t.deepEqual(await fixture.client.zrangebyscore('postern:requests:open', 1, 1), []);
});

test('history is asked for by time, principal and state', async (t) => {
  const someone = { ...ALICE, id: 'hester' };
  const { handle, request } = await granted({ ...form('select:public.orders', 5), principal: someone });
  const of = async (filter: RequestFilter) =>
    (await handle.requests.list(filter)).requests.map(({ id }) => id);
  t.deepEqual(await of({ principal: 'hester' }), [request.id]);
  t.deepEqual(await of({ principal: 'hester', state: 'approved', since: Date.parse(request.askedAt) }), [
    request.id,
  ]);
  t.deepEqual(await of({ principal: 'hester', since: Date.parse(request.askedAt) + 1 }), []);
  t.deepEqual(await of({ principal: 'hester', state: 'denied' }), []);
  t.deepEqual(await of({ principal: 'hester', toReview: true }), []);
});

test('an agent decides on nothing of the person it works for, nor beside them', (t) => {
  const two = { ...WRITES.outcome, review: { groups: [], approvals: 2, expires: MINUTE } };
  const policy = policyOf({ ...WRITES, outcome: two } as Rule);
  const asked = ask(policy, form('update:public.orders', 5), {
    ...{ onCall: false, triage: null, now: Date.now() },
  });
  const wish = { comment: '', narrowed: null, grant: newGrantId() };
  const bot = { id: 'bot', groups: [], actsFor: 'alice' };
  t.throws(() => approved(asked, bot, wish, Date.now()), refusal);
  const robin = { id: 'robin', groups: [], actsFor: 'bob' };
  for (const [first, second] of [
    [bob, robin],
    [robin, bob],
  ] as const)
    t.throws(() => approved(approved(asked, first, wish, Date.now()), second, wish, Date.now()), {
      ...refusal,
      message: /already/,
    });
});
