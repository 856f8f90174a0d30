/** A call may be repeated when an answer is lost on the way: nothing may count twice. */
import test from 'ava';
import { grantKeys } from '../../access/redis.ts';
import type { Script } from '../../access/script.ts';
import { ADMIT, GIVE_BACK, LEASE, RELEASE } from '../../access/scripts.ts';
import { Fixture, MINUTE, terms } from './fixture.ts';

let fixture: Fixture;
test.before(async () => {
  fixture = await Fixture.start();
});
test.after.always(() => fixture.stop());

const NONE = -1;

async function scripts(limits = { logins: NONE, rows: NONE }) {
  const { store } = fixture.process();
  const { grant } = await store.create(terms(), MINUTE, 'carol');
  const { grant: key, usage, sessions, who, leases } = grantKeys(grant.id);
  const signature = (await fixture.client.hget(key, 'signature'))!;
  const expires = Date.parse(grant.expiresAt);
  const run = (script: Script, keys: string[], args: (string | number)[]) =>
    script.run(fixture.client, { keys, args });
  return {
    usage: () => store.usage(grant.id),
    admit: (session: string, lifetime = MINUTE) =>
      run(
        ADMIT,
        [key, sessions, usage, who, leases],
        [signature, session, expires, NONE, limits.logins, lifetime, '{}'],
      ),
    release: (session: string, refund: 0 | 1) => run(RELEASE, [sessions, usage, who], [session, refund]),
    lease: (session: string, number: number, rows: number) =>
      run(
        LEASE,
        [key, usage, leases, sessions],
        [session, number, expires, rows, 0, limits.rows, 0, 0, NONE, 0, 0, NONE],
      ),
    giveBack: (session: string, number: number, rows: number) =>
      run(GIVE_BACK, [usage, leases], [session, number, rows, 0, 0]),
  };
}

test('an admission that is repeated is one login', async (t) => {
  const { admit, usage } = await scripts({ logins: 1, rows: NONE });
  t.is(await admit('a'), 'admitted');
  t.is(await admit('a'), 'admitted');
  t.is(await admit('b'), 'login-limit');
  t.is((await usage()).logins, 1);
});

test('a refund that is repeated, or of a session that never was, is none', async (t) => {
  const { admit, release, usage } = await scripts();
  await admit('a');
  await admit('b');
  t.is(await release('a', 1), 1);
  t.is(await release('a', 1), 0);
  t.is(await release('never', 1), 0);
  t.is((await usage()).logins, 1);
});

test('a lease that is given back again counts once', async (t) => {
  const { admit, lease, giveBack, usage } = await scripts({ logins: NONE, rows: 100 });
  await admit('a');
  t.deepEqual(await lease('a', 1, 50), ['leased', 50, 0, 0]);
  t.is(await giveBack('a', 1, 20), 1);
  t.is(await giveBack('a', 1, 20), 0);
  t.is((await usage()).rows, 30);
});

test('a late repetition gives nothing of a newer lease back', async (t) => {
  const { admit, lease, giveBack, usage } = await scripts({ logins: NONE, rows: 100 });
  await admit('a');
  await lease('a', 1, 50);
  await giveBack('a', 1, 20);
  await lease('a', 2, 50);
  t.is(await giveBack('a', 1, 20), 0);
  t.is((await usage()).rows, 80);
});

test('leases of the dead are not waited for', async (t) => {
  const { admit, lease } = await scripts({ logins: NONE, rows: 100 });
  await admit('me');
  await admit('living');
  await admit('dead', -1); // the last to be admitted: the next would sweep it out
  t.deepEqual(await lease('living', 1, 40), ['leased', 40, 0, 0]);
  t.deepEqual(await lease('dead', 1, 40), ['leased', 40, 0, 0]);
  t.deepEqual(await lease('me', 1, 40), ['spent', 1]);
});
