import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import { grantKeys } from '../../access/redis.ts';
import type { ErrorFields } from '../../guardrails/types.ts';
import { admitted, causeOf, eventually, Fixture, MINUTE, type ProcessOptions, terms } from './fixture.ts';

/** An own Redis for each test: they break it. */
async function withFixture(work: (fixture: Fixture) => Promise<void>): Promise<void> {
  const fixture = await Fixture.start();
  try {
    await work(fixture);
  } finally {
    await fixture.stop();
  }
}

interface End {
  readonly reason: string;
  readonly error: ErrorFields;
}

/** One session under a new grant, on a process of its own, and the endings it is told of. */
async function session(fixture: Fixture, options: ProcessOptions = {}, ttl = MINUTE) {
  const handle = fixture.process(options);
  const { grant } = await handle.store.create(terms(), ttl, 'carol');
  const ends: End[] = [];
  const id = `session-of-${grant.id}`;
  const admission = admitted(
    await fixture.enter(handle, grant.id, (reason, error) => ends.push({ reason, error }), { session: id }),
  );
  return { handle, grant, ends, admission, id };
}

/** A check so rare that only messages and timers can be at work. */
const NO_CHECK = { checkInterval: 60 * MINUTE };

test('revocation ends the sessions of all processes within a second, by message alone', async (t) => {
  await withFixture(async (fixture) => {
    const { handle, grant, ends, admission } = await session(fixture, NO_CHECK);
    const other = fixture.process(NO_CHECK);
    const elsewhere: string[] = [];
    admitted(await fixture.enter(other, grant.id, (reason) => elsewhere.push(reason)));
    t.true(admission.live());
    await fixture.process().store.revoke(grant.id, 'bob');
    t.true((await eventually(() => ends.length + elsewhere.length === 2)) < 1000);
    t.deepEqual(elsewhere, ['revoked']);
    t.deepEqual(ends, [
      {
        reason: 'revoked',
        error: {
          sqlstate: '57P01',
          message: `terminating connection: grant ${grant.id} was revoked`,
          hint: 'Ask for a new grant.',
        },
      },
    ]);
    t.false(admission.live());
    t.is(causeOf(await fixture.enter(handle, grant.id)), 'revoked');
  });
});

test('a revocation whose message is lost is found by the periodic check within a second', async (t) => {
  await withFixture(async (fixture) => {
    const { grant, ends } = await session(fixture);
    await fixture.client.del(grantKeys(grant.id).grant); // no message at all
    t.true((await eventually(() => ends.length === 1)) < 1000);
    t.is(ends[0]?.reason, 'revoked');
  });
});

test('a process that was cut off from messages checks as soon as it listens again', async (t) => {
  await withFixture(async (fixture) => {
    const { grant, ends } = await session(fixture, NO_CHECK);
    await fixture.client.del(grantKeys(grant.id).grant);
    await fixture.client.call('CLIENT', 'KILL', 'TYPE', 'pubsub');
    await eventually(() => ends.length === 1);
    t.is(ends[0]?.reason, 'revoked');
  });
});

test('a process that was cut off from the store alone checks as soon as it is back', async (t) => {
  await withFixture(async (fixture) => {
    const { grant, ends } = await session(fixture, NO_CHECK);
    await fixture.client.del(grantKeys(grant.id).grant);
    await fixture.client.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
    await eventually(() => ends.length === 1);
    t.is(ends[0]?.reason, 'revoked');
  });
});

test('a grant that expires while a login waits for the store admits nobody, and keeps no slot', async (t) => {
  await withFixture(async (fixture) => {
    const ahead = 9500;
    const clock = { now: () => Date.now() + ahead, elapsed: () => performance.now() };
    const { store } = fixture.process();
    const { grant } = await store.create(terms(), 10_000, 'carol');
    const handle = fixture.process({ ...NO_CHECK, clock });
    const ticket = await handle.access.find(grant.id);
    if (!ticket || 'cause' in ticket) throw new Error('no ticket');
    const ends: string[] = [];
    fixture.redis.pause();
    const entering = handle.access.admit(ticket, fixture.login(grant.id), (reason) => ends.push(reason));
    await sleep(700); // by the proxy's clock the grant expires meanwhile; by Redis' it does not
    fixture.redis.resume();
    t.is(causeOf((await entering) as never), 'expired');
    t.deepEqual(ends, []);
    t.deepEqual(await handle.registry.list(grant.id), []);
  });
});

test('a session is not live longer than the grace after the last answer, also before it is ended', async (t) => {
  await withFixture(async (fixture) => {
    let elapsed = 0;
    const clock = { now: () => Date.now(), elapsed: () => elapsed };
    const { admission, ends } = await session(fixture, { ...NO_CHECK, clock, grace: 1000 });
    elapsed = 1000;
    t.true(admission.live());
    elapsed = 1001;
    t.false(admission.live());
    t.deepEqual(ends, []);
  });
});

test('an open grant that is exchanged in Redis ends its sessions', async (t) => {
  await withFixture(async (fixture) => {
    const { grant, ends } = await session(fixture);
    await fixture.client.hset(grantKeys(grant.id).grant, 'signature', 'x');
    await eventually(() => ends.length === 1);
    t.is(ends[0]?.reason, 'revoked');
  });
});

test('no login without the control channel: a revocation could be missed', async (t) => {
  await withFixture(async (fixture) => {
    const { store } = fixture.process();
    const { grant } = await store.create(terms(), MINUTE, 'carol');
    await fixture.client.call('ACL', 'SETUSER', 'default', 'resetchannels');
    const deaf = fixture.process({ timeout: 1000 });
    t.is(causeOf(await fixture.enter(deaf, grant.id)), 'store-unreachable');
    await fixture.client.call('ACL', 'SETUSER', 'default', 'allchannels');
    await sleep(1500);
    t.is(causeOf(await fixture.enter(deaf, grant.id)), 'admitted');
  });
});

test('a revocation that races with a login is never survived, without any check', async (t) => {
  await withFixture(async (fixture) => {
    const [here, there] = [fixture.process(NO_CHECK), fixture.process(NO_CHECK)];
    const outcomes = await Promise.all(
      Array.from({ length: 100 }, async (_, i) => {
        const { grant } = await here.store.create(terms(), MINUTE, 'carol');
        let ended = false;
        const entering = fixture.enter(there, grant.id, () => {
          ended = true;
        });
        await sleep(Math.random() * i);
        await here.store.revoke(grant.id, 'bob');
        const outcome = causeOf(await entering);
        if (outcome === 'admitted') await eventually(() => ended);
        return outcome;
      }),
    );
    t.true(outcomes.every((outcome) => outcome === 'admitted' || outcome === 'revoked'));
  });
});

test('a session ends when its grant expires, by timer alone', async (t) => {
  await withFixture(async (fixture) => {
    const { grant, ends, admission } = await session(fixture, NO_CHECK, 8000);
    await eventually(() => ends.length === 1);
    const late = Date.now() - Date.parse(grant.expiresAt);
    t.true(late >= 0, `${late} ms after expiry`);
    t.like(ends[0], {
      reason: 'expired',
      error: { message: `terminating connection: grant ${grant.id} expired` },
    });
    t.false(admission.live());
  });
});

test('a grant of a year, longer than any timer, stays', async (t) => {
  await withFixture(async (fixture) => {
    const { ends, admission } = await session(fixture, {}, 365 * 24 * 60 * MINUTE);
    await sleep(700);
    t.deepEqual(ends, []);
    t.true(admission.live());
  });
});

test('a reviewer ends one session; the grant and its other sessions stay', async (t) => {
  await withFixture(async (fixture) => {
    const { handle, grant, ends, id } = await session(fixture, NO_CHECK);
    const others: string[] = [];
    const other = admitted(await fixture.enter(handle, grant.id, (reason) => others.push(reason)));
    const { registry } = fixture.process();
    t.true(await registry.end((await registry.find(id))!, 'bob'));
    await eventually(() => ends.length === 1);
    t.like(ends[0], { reason: 'ended', error: { message: 'terminating connection: ended by bob' } });
    t.deepEqual(others, []);
    t.true(other.live());
    t.is(causeOf(await fixture.enter(handle, grant.id)), 'admitted');
  });
});

test("a reviewer's end whose message is lost is found by the periodic check", async (t) => {
  await withFixture(async (fixture) => {
    const { grant, ends, id } = await session(fixture);
    await fixture.client.hset(grantKeys(grant.id).who, `ended:${id}`, 'bob');
    await eventually(() => ends.length === 1);
    t.is(ends[0]?.reason, 'ended');
  });
});

test('a session that was ended is not open any more once released', async (t) => {
  await withFixture(async (fixture) => {
    const { admission, id } = await session(fixture);
    const { registry } = fixture.process();
    const info = (await registry.find(id))!;
    await admission.release(false);
    t.false(await registry.end(info, 'bob'));
  });
});

test('a session whose slot was given away ends', async (t) => {
  await withFixture(async (fixture) => {
    const { grant, ends, id } = await session(fixture);
    await fixture.client.zrem(grantKeys(grant.id).sessions, id);
    await eventually(() => ends.length === 1);
    t.is(ends[0]?.reason, 'store-lost');
  });
});

test('control messages that nobody signed are ignored', async (t) => {
  await withFixture(async (fixture) => {
    const { grant, ends, id, handle } = await session(fixture, NO_CHECK);
    const cancels: number[] = [];
    handle.access.onCancel((processId) => cancels.push(processId));
    const stranger = fixture.process({ ...NO_CHECK, signingKey: 'another key of at least 32 characters' });
    await stranger.registry.end({ ...(await handle.registry.find(id))! }, 'mallory');
    stranger.access.broadcastCancel(7, new Uint8Array(4));
    const message = JSON.stringify({ type: 'revoke', grant: grant.id });
    for (const text of [message, JSON.stringify({ message, signature: '' }), '{', 'null', '']) {
      await fixture.client.publish('postern:control', text);
    }
    handle.access.broadcastCancel(8, new Uint8Array(4)); // ours is the last, and arrives
    await eventually(() => cancels.length > 0);
    t.deepEqual(cancels, [8]);
    t.deepEqual(ends, []);
    t.true(fixture.warnings.some((warning) => warning.includes('without a valid signature')));
  });
});

test('a cancel request reaches the other processes with the hash of its key only', async (t) => {
  await withFixture(async (fixture) => {
    const [here, there] = [fixture.process(), fixture.process()];
    await here.store.create(terms(), MINUTE, 'carol'); // both are connected
    const heard: (readonly [number, string])[] = [];
    there.access.onCancel((processId, hash) => heard.push([processId, hash]));
    await eventually(() => {
      here.access.broadcastCancel(42, Buffer.from('key'));
      return heard.length > 0;
    });
    t.deepEqual(heard[0], [42, '2c70e12b7a0646f92279f427c7b38e7334d8e5389cff167a1dc30e73f826b683']);
  });
});

for (const outage of ['stop', 'pause'] as const) {
  test(`Redis ${outage === 'stop' ? 'is down' : 'does not answer'}: no login, and sessions end after the grace`, async (t) => {
    await withFixture(async (fixture) => {
      const grace = 2000;
      const { handle, grant, ends, admission } = await session(fixture, { grace, timeout: 1000 });
      const ticket = (await handle.access.find(grant.id))!;
      const start = performance.now();
      await fixture.redis[outage]();
      t.like(await handle.access.find(grant.id), {
        cause: 'store-unreachable',
        error: { sqlstate: '57P03' },
      });
      if ('cause' in ticket) throw new Error(ticket.cause);
      const answer = await handle.access.admit(ticket, fixture.login(grant.id), () => undefined);
      t.is(causeOf(answer as never), 'store-unreachable');
      await eventually(() => ends.length === 1);
      const after = performance.now() - start;
      t.true(after > grace - 600, `after ${after} ms`); // the last answer came up to a check before
      t.like(ends[0], { reason: 'store-lost', error: { sqlstate: '57P01' } });
      t.false(admission.live());
      await admission.release(false);
      if (outage === 'pause') fixture.redis.resume();
    });
  });
}

test('an outage shorter than the grace ends nothing, and logins work again at once', async (t) => {
  await withFixture(async (fixture) => {
    const { handle, grant, ends, admission } = await session(fixture, { grace: 8000, timeout: 1000 });
    fixture.redis.pause();
    await sleep(2000);
    t.true(admission.live());
    fixture.redis.resume();
    await sleep(1000);
    t.deepEqual(ends, []);
    t.is(causeOf(await fixture.enter(handle, grant.id)), 'admitted');
  });
});

test('a Redis that comes back without its data ends the sessions at once', async (t) => {
  await withFixture(async (fixture) => {
    const { ends } = await session(fixture, { grace: MINUTE, ...NO_CHECK });
    await fixture.redis.restart();
    await eventually(() => ends.length === 1);
    t.is(ends[0]?.reason, 'revoked');
  });
});

test('an end is told once, whatever else happens', async (t) => {
  await withFixture(async (fixture) => {
    const { handle, grant, ends, id } = await session(fixture, {}, 6000);
    await handle.registry.end((await handle.registry.find(id))!, 'bob');
    await handle.store.revoke(grant.id, 'bob');
    await sleep(Date.parse(grant.expiresAt) - Date.now() + 700);
    t.is(ends.length, 1);
  });
});
