import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import { grantKeys } from '../../access/redis.ts';
import { admitted, causeOf, Fixture, isAdmission, MINUTE, terms } from './fixture.ts';

let fixture: Fixture;
test.before(async () => {
  fixture = await Fixture.start();
});
test.after.always(() => fixture.stop());

function tally(causes: readonly string[]): Readonly<Record<string, number>> {
  return Object.fromEntries(
    Object.entries(Object.groupBy(causes, (cause) => cause)).map(([k, v]) => [k, v!.length]),
  );
}

test('of 100 logins at once on two processes, connections: 3 admits exactly 3', async (t) => {
  const processes = [fixture.process(), fixture.process()] as const;
  const { grant } = await processes[0].store.create(terms({ connections: 3 }), MINUTE, 'carol');
  const answers = await Promise.all(
    Array.from({ length: 100 }, (_, i) => fixture.enter(processes[i % 2]!, grant.id)),
  );
  t.deepEqual(tally(answers.map(causeOf)), { admitted: 3, 'connection-limit': 97 });
});

test('of 100 logins at once on two processes, logins: 1 admits exactly 1, ever', async (t) => {
  const processes = [fixture.process(), fixture.process()] as const;
  const { grant } = await processes[0].store.create(terms({ logins: 1 }), MINUTE, 'carol');
  const answers = await Promise.all(
    Array.from({ length: 100 }, (_, i) => fixture.enter(processes[i % 2]!, grant.id)),
  );
  const causes = tally(answers.map(causeOf));
  t.is(causes.admitted, 1);
  t.is((causes['login-limit'] ?? 0) + (causes['connection-limit'] ?? 0), 99);
  await answers.find(isAdmission)?.release(false);
  t.is(causeOf(await fixture.enter(processes[1], grant.id)), 'login-limit');
});

test('a released slot can be taken again, and a release counts once', async (t) => {
  const handle = fixture.process();
  const { grant } = await handle.store.create(terms({ connections: 1 }), MINUTE, 'carol');
  const first = admitted(await fixture.enter(handle, grant.id));
  t.is(causeOf(await fixture.enter(handle, grant.id)), 'connection-limit');
  await first.release(false);
  const second = admitted(await fixture.enter(handle, grant.id));
  await first.release(false);
  t.is(causeOf(await fixture.enter(handle, grant.id)), 'connection-limit');
  await second.release(false);
});

test('a refunded login was none, however often it is refunded', async (t) => {
  const handle = fixture.process();
  const { grant } = await handle.store.create(terms({ logins: 1 }), MINUTE, 'carol');
  for (let i = 0; i < 3; i += 1) {
    const admission = admitted(await fixture.enter(handle, grant.id));
    await Promise.all([admission.release(true), admission.release(true)]);
  }
  await admitted(await fixture.enter(handle, grant.id)).release(false);
  t.is(causeOf(await fixture.enter(handle, grant.id)), 'login-limit');
});

test('the slots of a process that died come free when its heartbeats stop', async (t) => {
  const survivor = fixture.process();
  const { grant } = await survivor.store.create(terms({ connections: 2 }), MINUTE, 'carol');
  const doomed = fixture.process();
  for (let i = 0; i < 2; i += 1) admitted(await fixture.enter(doomed, grant.id));
  t.is(causeOf(await fixture.enter(survivor, grant.id)), 'connection-limit');
  doomed.close();
  const { sessions } = grantKeys(grant.id);
  for (const session of await fixture.client.zrange(sessions, 0, '-1')) {
    await fixture.client.zadd(sessions, Date.now() - 1, session); // as if their time had passed
  }
  t.deepEqual(await survivor.registry.list(grant.id), []);
  t.is(causeOf(await fixture.enter(survivor, grant.id)), 'admitted');
});

test('heartbeats keep a session that stays', async (t) => {
  const handle = fixture.process({ checkInterval: 50 });
  const { grant } = await handle.store.create(terms({ connections: 1 }), MINUTE, 'carol');
  admitted(await fixture.enter(handle, grant.id));
  const { sessions } = grantKeys(grant.id);
  const deadline = async (): Promise<number> =>
    Number((await fixture.client.zrange(sessions, 0, '-1', 'WITHSCORES'))[1]);
  const before = await deadline();
  await sleep(2500);
  t.true((await deadline()) > before);
});

const client = { from: ['10.0.0.0/8', '2001:db8::/32'] };
const addresses: readonly (readonly [string, string])[] = [
  ['10.1.2.3', 'admitted'],
  ['::ffff:10.1.2.3', 'admitted'],
  ['2001:db8::7', 'admitted'],
  ['11.1.2.3', 'wrong-address'],
  ['::ffff:11.1.2.3', 'wrong-address'],
  ['2001:db9::7', 'wrong-address'],
  ['127.0.0.1', 'wrong-address'],
  ['', 'wrong-address'],
];
for (const [address, expected] of addresses) {
  test(`a client from "${address}": ${expected}`, async (t) => {
    const handle = fixture.process();
    const { grant } = await handle.store.create(terms({ ...client, logins: 1 }), MINUTE, 'carol');
    t.is(causeOf(await fixture.enter(handle, grant.id, undefined, { address })), expected);
    t.is(
      (await handle.store.usage(grant.id)).logins,
      expected === 'admitted' ? 1 : 0,
      'a refusal uses no login up',
    );
  });
}

for (const database of ['hr', 'SHOP', '', 'shop ', '__proto__']) {
  test(`a grant for shop is none for "${database}"`, async (t) => {
    const handle = fixture.process();
    const { grant } = await handle.store.create(terms(), MINUTE, 'carol');
    t.is(causeOf(await fixture.enter(handle, grant.id, undefined, { database })), 'wrong-database');
  });
}

test('a grant that expired while its client was typing the password is refused', async (t) => {
  const handle = fixture.process();
  const { grant } = await handle.store.create(terms(), 1000, 'carol');
  const ticket = (await handle.access.find(grant.id))!;
  await sleep(1050);
  if ('cause' in ticket) throw new Error(ticket.cause);
  t.is(causeOf(await handle.access.admit(ticket, fixture.login(grant.id), () => undefined)), 'expired');
});

test("Redis' clock decides where the proxy's is late", async (t) => {
  const late = { now: () => Date.now() - 10 * MINUTE, elapsed: () => performance.now() };
  const handle = fixture.process({ clock: late });
  const { store } = fixture.process();
  const { grant } = await store.create(terms(), 3000, 'carol');
  const ticket = (await handle.access.find(grant.id))!;
  await sleep(3050);
  if ('cause' in ticket) throw new Error(ticket.cause);
  t.is(causeOf(await handle.access.admit(ticket, fixture.login(grant.id), () => undefined)), 'expired');
});

test("the proxy's clock decides where Redis' is late", async (t) => {
  let now = Date.now();
  const handle = fixture.process({ clock: { now: () => now, elapsed: () => performance.now() } });
  const { grant } = await handle.store.create(terms(), MINUTE, 'carol');
  const admission = admitted(await fixture.enter(handle, grant.id));
  t.true(admission.live());
  now += MINUTE;
  t.false(admission.live());
  t.is(causeOf(await fixture.enter(handle, grant.id)), 'expired');
});

test('a grant revoked between the password and the admission is refused', async (t) => {
  const handle = fixture.process();
  const { grant } = await handle.store.create(terms(), MINUTE, 'carol');
  const ticket = (await handle.access.find(grant.id))!;
  await handle.store.revoke(grant.id, 'bob');
  if ('cause' in ticket) throw new Error(ticket.cause);
  t.is(causeOf(await handle.access.admit(ticket, fixture.login(grant.id), () => undefined)), 'revoked');
});

test('a grant replaced between the password and the admission is refused', async (t) => {
  const handle = fixture.process();
  const [mine, theirs] = await Promise.all([1, 2].map(() => handle.store.create(terms(), MINUTE, 'carol')));
  const ticket = (await handle.access.find(mine!.grant.id))!;
  await fixture.client.copy(grantKeys(theirs!.grant.id).grant, grantKeys(mine!.grant.id).grant, 'REPLACE');
  if ('cause' in ticket) throw new Error(ticket.cause);
  t.is(
    causeOf(await handle.access.admit(ticket, fixture.login(mine!.grant.id), () => undefined)),
    'tampered',
  );
});

test('who holds the token of a grant that is over is told so', async (t) => {
  const handle = fixture.process();
  const revoked = await handle.store.create(terms(), MINUTE, 'carol');
  await handle.store.revoke(revoked.grant.id, 'bob');
  t.is(causeOf(await fixture.enter(handle, revoked.grant.id)), 'revoked');
  const expired = await handle.store.create(terms(), 1000, 'carol');
  await sleep(1050);
  t.is(causeOf(await fixture.enter(handle, expired.grant.id)), 'expired');
});

test('a ticket that was not verified here admits nobody', async (t) => {
  const handle = fixture.process();
  const { grant } = await handle.store.create(terms(), MINUTE, 'carol');
  const ticket = (await handle.access.find(grant.id))!;
  if ('cause' in ticket) throw new Error(ticket.cause);
  const forged = { ...ticket, expiresAt: Number.MAX_SAFE_INTEGER };
  await t.throwsAsync(
    handle.access.admit(forged, fixture.login(grant.id), () => undefined),
    { instanceOf: TypeError },
  );
});

test('the session list shows who is connected, and where', async (t) => {
  const handle = fixture.process({ node: 'node-7' });
  const { grant } = await handle.store.create(terms(), MINUTE, 'carol');
  const login = { session: 'listed', application: 'DBeaver' };
  const admission = admitted(await fixture.enter(handle, grant.id, undefined, login));
  const expected = {
    ...{ session: 'listed', grant: grant.id, principal: 'alice', database: 'shop' },
    ...{ client: '127.0.0.1:50000', application: 'DBeaver', node: 'node-7', backendPid: null },
  };
  t.like((await handle.registry.list(grant.id))[0], expected);
  admission.describe({ backendPid: 4711 });
  await sleep(100);
  t.like(await fixture.process().registry.find('listed'), { ...expected, backendPid: 4711 });
  await admission.release(false);
  t.is(await handle.registry.find('listed'), null);
});

test('refusals say what is wrong and what to do, in SQLSTATEs that clients know', async (t) => {
  const handle = fixture.process();
  const { grant } = await handle.store.create(terms({ connections: 1 }), MINUTE, 'carol');
  admitted(await fixture.enter(handle, grant.id));
  const answer = await fixture.enter(handle, grant.id);
  t.deepEqual(answer, {
    cause: 'connection-limit',
    error: {
      sqlstate: '53300',
      message: `too many connections for grant ${grant.id}: its limit is 1`,
      hint: 'Close one of them, or ask for a grant with more connections.',
    },
  });
});
