/** Requests in a real Redis: races, tampering, replays, and the grant that comes of them. */
import test from 'ava';
import { systemClock } from '../../../access/open-sessions.ts';
import type { Policy } from '../../../access/policy/policy.ts';
import type { AccessRequest, RequestForm } from '../../../access/requests/access-request.ts';
import { ask } from '../../../access/requests/ask.ts';
import { TamperedRequestError } from '../../../access/requests/request-documents.ts';
import { approved, denied, ReviewRefused } from '../../../access/requests/review-request.ts';
import { createScramVerifier } from '../../../access/scram-verifier.ts';
import { newGrantId, newToken } from '../../../access/token.ts';
import { scopeOf } from '../../guardrails/deciding.ts';
import { admitted, Fixture, MINUTE } from '../fixture.ts';

const LIMITS = {
  ...{ rowsPerStatement: null, rows: null, bytes: null },
  ...{ connections: 8, logins: null, statements: null, from: null },
};
const terms = { scope: scopeOf(['select:public.orders']), ttl: 30 * MINUTE, limits: LIMITS };
const cap = { scope: scopeOf(['select:public.orders']), ttl: 60 * MINUTE, limits: LIMITS };
const review = { groups: [], approvals: 1, expires: 60 * MINUTE };
const FORM: RequestForm = {
  principal: { id: 'alice', kind: 'person', teams: ['support'], roles: [] },
  ...{ database: 'shop', terms, reason: 'a case', ticket: 'INC-1', emergency: false, address: null },
};
const policy = (outcome: Policy['rules'][number]['outcome']): Policy => ({
  revision: 'r1',
  dataClasses: new Map(),
  rules: [{ name: 'the rule', when: {}, outcome }],
});
const AT_ONCE = policy({ kind: 'auto_approve', cap, beyond: 'review' });
const REVIEWED = policy({ kind: 'review', cap, review });

let fixture: Fixture;
test.before(async () => {
  fixture = await Fixture.start();
});
test.after.always(() => fixture.stop());

const made = (by: Policy): AccessRequest => ask(by, FORM, { onCall: false, triage: null, now: Date.now() });
const bob = { id: 'bob', groups: [] };
const approving = (grant: string) => (request: AccessRequest) =>
  approved(request, bob, { comment: 'ok', narrowed: null, grant }, Date.now());

async function submit(by: Policy) {
  const handle = fixture.process();
  const request = await handle.requests.submit(made(by), await createScramVerifier(newToken()));
  return { handle, request, requests: handle.requests };
}
const keyOf = (id: string): string => `postern:{${id}}:request`;

test('what the policy approves is a grant at once, with the requester’s own token', async (t) => {
  const { handle, request } = await submit(AT_ONCE);
  t.is(request.state.kind, 'approved');
  const grant = request.state.kind === 'approved' ? request.state.grant : '';
  t.like((await handle.store.get(grant))?.grant, {
    ...{ database: 'shop', reason: 'a case', ticket: 'INC-1', approvedBy: [] },
    principal: { id: 'alice', teams: ['support'] },
  });
  admitted(await fixture.enter(handle, grant));
  t.like(
    fixture.events.find((event) => event.type === 'request.create' && event.request === request.id),
    {
      outcome: 'approved',
      rule: 'the rule',
      revision: 'r1',
    },
  );
  t.like(
    fixture.events.find((event) => event.type === 'grant.create' && event.grant === grant),
    {
      by: 'policy r1: the rule',
    },
  );
});

test('what is reviewed is a grant once it is approved, and then only once', async (t) => {
  const { handle, request, requests } = await submit(REVIEWED);
  t.is((await requests.get(request.id))?.state.kind, 'pending');
  const grant = newGrantId();
  const before = Date.now();
  const changed = await requests.change(request.id, 'bob', approving(grant));
  t.like(changed?.state, { kind: 'approved', grant });
  const issued = (await handle.store.get(grant))?.grant;
  t.true(Date.parse(issued!.issuedAt) >= before, 'the clock starts with the approval');
  t.deepEqual(issued?.approvedBy, ['bob']);
  await t.throwsAsync(requests.change(request.id, 'bob', approving(newGrantId())), {
    instanceOf: ReviewRefused,
  });
});

test('of many who decide at once, one does', async (t) => {
  const { handle, request } = await submit(REVIEWED);
  const other = fixture.process();
  const grants = Array.from({ length: 6 }, () => newGrantId());
  const results = await Promise.allSettled([
    ...grants.map((grant, index) =>
      (index % 2 === 0 ? handle : other).requests.change(request.id, 'bob', approving(grant)),
    ),
    handle.requests.change(request.id, 'bob', (found) => denied(found, bob, 'no', Date.now())),
  ]);
  t.is(results.filter(({ status }) => status === 'fulfilled').length, 1);
  const made = await Promise.all(grants.map((grant) => handle.store.get(grant)));
  t.true(made.filter((grant) => grant !== null).length <= 1);
  const told = fixture.events.filter(
    (event) =>
      (event.type === 'request.approve' || event.type === 'request.deny') && event.request === request.id,
  );
  t.is(told.length, 1, 'the trail has the one that was taken');
});

test('a request that is changed in Redis, or moved, is none', async (t) => {
  const { request, requests } = await submit(REVIEWED);
  const [document, signature] = await fixture.client.hmget(keyOf(request.id), 'document', 'signature');
  const elsewhere = newGrantId();
  await fixture.client.hset(keyOf(elsewhere), { document: document!, signature: signature! });
  await t.throwsAsync(requests.get(elsewhere), { instanceOf: TamperedRequestError });
  await fixture.client.hset(
    keyOf(request.id),
    'document',
    document!.replace('public.orders', 'public.salary'),
  );
  await t.throwsAsync(requests.get(request.id), { instanceOf: TamperedRequestError });
  await t.throwsAsync(requests.change(request.id, 'bob', approving(newGrantId())), {
    instanceOf: TamperedRequestError,
  });
  t.true((await requests.list()).tampered.includes(request.id));
});

test('an old state put back gives no second life to a grant that was revoked', async (t) => {
  const { handle, request, requests } = await submit(AT_ONCE);
  const grant = request.state.kind === 'approved' ? request.state.grant : '';
  await handle.store.revoke(grant, 'carol');
  await t.throwsAsync(
    handle.store.issue(
      {
        principal: { id: 'alice' },
        database: 'shop',
        scope: [{ actions: ['select'], on: ['public.orders'] }],
      },
      { id: grant, issuedAt: Date.now(), ttl: MINUTE, verifier: await createScramVerifier(newToken()) },
      'again',
    ),
    { message: /is taken/ },
  );
  t.is(await handle.store.get(grant), null);
  t.is((await requests.get(request.id))?.state.kind, 'approved', 'history stays');
});

test('a grant that was cut off when it should have been made is made by whoever waits for it, soon or never', async (t) => {
  const { handle, request, requests } = await submit(AT_ONCE);
  const grant = request.state.kind === 'approved' ? request.state.grant : '';
  const forget = () =>
    fixture.client.del(...['grant', 'past', 'usage'].map((what) => `postern:{${grant}}:${what}`));
  await forget();
  await Promise.all([requests.getFulfilled(request.id), requests.getFulfilled(request.id)]);
  t.is((await handle.store.get(grant))?.grant.id, grant);
  await forget();
  const clock = { ...systemClock, now: () => Date.now() + 2 * MINUTE };
  await fixture.process({ clock }).requests.getFulfilled(request.id);
  t.is(await handle.store.get(grant), null);
});

test('the newest come first, and what is not an id names nothing', async (t) => {
  const { request, requests } = await submit(REVIEWED);
  t.true((await requests.list()).requests.some(({ id }) => id === request.id));
  t.is(await requests.get('../../x'), null);
  t.is(await requests.change('nobody00', 'bob', approving(newGrantId())), null);
});

test('a step that cannot be recorded is taken back', async (t) => {
  const { handle, request } = await submit(REVIEWED);
  const mute = fixture.process({
    record: () => {
      throw new Error('the disk is full');
    },
  });
  const grant = newGrantId();
  await t.throwsAsync(mute.requests.change(request.id, 'bob', approving(grant)), { message: /disk/ });
  t.is((await handle.requests.getFulfilled(request.id))?.state.kind, 'pending');
  t.is(await handle.store.get(grant), null);
});

test('what cannot be recorded is not done', async (t) => {
  const handle = fixture.process({
    record: () => {
      throw new Error('the disk is full');
    },
  });
  const request = made(REVIEWED);
  await t.throwsAsync(handle.requests.submit(request, await createScramVerifier(newToken())), {
    message: /disk/,
  });
  t.is(await handle.requests.get(request.id), null);
});

/** Approves it, while somebody who waits for that makes the grant before the trail of whoever approves is written. */
async function approveSlowly(written: () => void) {
  const { handle, request } = await submit(REVIEWED);
  const made: unknown[] = [];
  const grant = newGrantId();
  const approver = fixture.process({
    record: async (event) => {
      if (event.type !== 'request.approve') return;
      await handle.requests.getFulfilled(request.id);
      made.push((await handle.store.get(grant))?.grant.id);
      written();
    },
  });
  return { handle, grant, made, done: approver.requests.change(request.id, 'bob', approving(grant)) };
}

test('whoever waits for an approval may make the grant before whoever approves', async (t) => {
  const { handle, grant, made, done } = await approveSlowly(() => undefined);
  t.like((await done)?.state, { kind: 'approved' });
  t.deepEqual(made, [grant]);
  t.is((await handle.store.get(grant))?.grant.id, grant);
});

test('the grant of an approval that cannot be recorded is taken back, too', async (t) => {
  const { handle, grant, made, done } = await approveSlowly(() => {
    throw new Error('the disk is full');
  });
  await t.throwsAsync(done, { message: /disk/ });
  t.deepEqual(made, [grant]);
  t.is(await handle.store.get(grant), null);
});
