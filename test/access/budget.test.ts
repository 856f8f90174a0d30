import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import type { AccessHandle } from '../../access/access.ts';
import type { LeasedBudget } from '../../access/budget.ts';
import type { GrantTermsInput } from '../../access/grant.ts';
import { grantKeys } from '../../access/redis.ts';
import type { RedisAdmission } from '../../access/redis-admission.ts';
import { admitted, eventually, Fixture, MINUTE, terms } from './fixture.ts';

let fixture: Fixture;
test.before(async () => {
  fixture = await Fixture.start();
});
test.after.always(() => fixture.stop());

async function grantWith(
  limits: GrantTermsInput['limits'],
): Promise<{ handle: AccessHandle; grant: string }> {
  const handle = fixture.process();
  const { grant } = await handle.store.create(terms({ connections: null, ...limits }), MINUTE, 'carol');
  return { handle, grant: grant.id };
}

async function enter(handle: AccessHandle, grant: string): Promise<RedisAdmission> {
  return admitted(await fixture.enter(handle, grant));
}

/** Delivers rows of `bytes` as the proxy does, until refused or `most`; returns how many. */
async function deliver(budget: LeasedBudget, bytes = 10, most = Number.POSITIVE_INFINITY): Promise<number> {
  for (let rows = 0; ; rows += 1) {
    if (rows >= most) return rows;
    if (budget.rows < 1 || budget.bytes < bytes) {
      if (!(await budget.replenish({ rows: 1, bytes }))) return rows;
    }
    budget.rows -= 1;
    budget.bytes -= bytes;
  }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((a, b) => a + b, 0);
}

test('20 sessions on two processes get exactly the rows of the grant between them', async (t) => {
  const { handle, grant } = await grantWith({ rows: 20_000 });
  const other = fixture.process();
  const admissions = await Promise.all(
    Array.from({ length: 20 }, (_, i) => enter(i % 2 ? handle : other, grant)),
  );
  const delivered = await Promise.all(admissions.map(({ budget }) => deliver(budget)));
  t.is(sum(delivered), 20_000);
  t.is((await handle.store.usage(grant)).rows, 20_000);
});

test('bytes are as exact as rows', async (t) => {
  const { handle, grant } = await grantWith({ bytes: 100_003 });
  const admissions = await Promise.all(Array.from({ length: 5 }, () => enter(handle, grant)));
  const delivered = await Promise.all(admissions.map(({ budget }) => deliver(budget, 10)));
  t.is(sum(delivered), 10_000, 'three bytes are too few for another row');
});

test('sessions that pause at random, go idle and come back never get more, and in the end all of it', async (t) => {
  const { handle, grant } = await grantWith({ rows: 5000, bytes: 1_000_000 });
  const other = fixture.process();
  const bursts = async (index: number): Promise<number> => {
    let total = 0;
    for (let burst = 0; burst < 8; burst += 1) {
      const admission = await enter(index % 2 ? handle : other, grant);
      total += await deliver(
        admission.budget,
        1 + Math.floor(Math.random() * 50),
        Math.floor(Math.random() * 100),
      );
      admission.budget.idle();
      await sleep(Math.random() * 30);
      if (Math.random() < 0.5) total += await deliver(admission.budget, 7, Math.floor(Math.random() * 50));
      await admission.release(false);
    }
    return total;
  };
  const first = sum(await Promise.all(Array.from({ length: 10 }, (_, i) => bursts(i))));
  t.is((await handle.store.usage(grant)).rows, first, 'what was not delivered was given back');
  const last = await enter(handle, grant);
  t.is(first + (await deliver(last.budget)), 5000);
});

test('statements: 1 lets exactly one of many through', async (t) => {
  const { handle, grant } = await grantWith({ statements: 1 });
  const other = fixture.process();
  const admissions = await Promise.all(
    Array.from({ length: 10 }, (_, i) => enter(i % 2 ? handle : other, grant)),
  );
  const spent = await Promise.all(
    admissions.flatMap(({ budget }) => [budget.spendStatements(1), budget.spendStatements(1)]),
  );
  t.is(spent.filter(Boolean).length, 1);
});

test('one session may have all of its statements, at once or one by one', async (t) => {
  const { handle, grant } = await grantWith({ statements: 250 });
  const { budget } = await enter(handle, grant);
  const atOnce = await Promise.all(Array.from({ length: 100 }, () => budget.spendStatements(1)));
  let oneByOne = 0;
  while (await budget.spendStatements(1)) oneByOne += 1;
  t.is(atOnce.filter(Boolean).length, 100);
  t.is(oneByOne, 150);
});

test('without limits nothing is asked of Redis', async (t) => {
  const { handle, grant } = await grantWith({});
  const { budget } = await enter(handle, grant);
  t.is(budget.spendStatements(1), true);
  t.is(await deliver(budget, 1_000_000, 1000), 1000);
  budget.idle();
  t.is(await fixture.client.exists(grantKeys(grant).leases), 0);
  t.deepEqual([budget.rows, budget.bytes], [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY]);
});

test('a limit of no rows delivers none', async (t) => {
  const { handle, grant } = await grantWith({ rows: 0, rowsPerStatement: 0 });
  const { budget } = await enter(handle, grant);
  t.is(budget.rowsPerStatement, 0);
  t.is(await deliver(budget), 0);
});

test('need that is larger than any lease is met as a whole, or not at all', async (t) => {
  const { handle, grant } = await grantWith({ bytes: 10_000_000 });
  const { budget } = await enter(handle, grant);
  t.false(await budget.replenish({ rows: 1, bytes: 10_000_001 }));
  t.true(await budget.replenish({ rows: 1, bytes: 10_000_000 }));
  t.is(budget.bytes, 10_000_000);
});

test('what an idle session holds comes back by itself', async (t) => {
  const { handle, grant } = await grantWith({ rows: 1000 });
  const { budget } = await enter(handle, grant);
  await deliver(budget, 10, 5);
  t.true((await handle.store.usage(grant)).rows > 5);
  budget.idle();
  await eventually(() => budget.rows === 0);
  await sleep(50);
  t.is((await handle.store.usage(grant)).rows, 5);
});

test('what a session holds and does not use is taken back for another on another process', async (t) => {
  const { handle, grant } = await grantWith({ rows: 1000 });
  const hoarder = await enter(handle, grant);
  t.true(await hoarder.budget.replenish({ rows: 900, bytes: 0 }));
  const { budget } = await enter(fixture.process(), grant);
  t.is(await deliver(budget, 10, 500), 500);
  t.is(await deliver(hoarder.budget), 500, 'the hoarder goes on with what is left');
});

test('two that are short of what the other holds do not wait for each other until both have nothing', async (t) => {
  const { handle, grant } = await grantWith({ bytes: 10 });
  const [{ budget: one }, { budget: other }] = [await enter(handle, grant), await enter(handle, grant)];
  t.true(await one.replenish({ rows: 0, bytes: 5 }));
  t.true(await other.replenish({ rows: 0, bytes: 5 }));
  const deliverEight = async (budget: LeasedBudget): Promise<boolean> => {
    if (!(await budget.replenish({ rows: 0, bytes: 8 }))) return false;
    budget.bytes -= 8;
    return true;
  };
  const delivered = await Promise.all([deliverEight(one), deliverEight(other)]);
  t.is(delivered.filter(Boolean).length, 1);
});

test('a lease just given is there when its owner looks, also amid recalls', async (t) => {
  const { handle, grant } = await grantWith({ rows: 100_000 });
  const { budget } = await enter(handle, grant);
  for (let i = 0; i < 200; i += 1) {
    const lease = budget.replenish({ rows: 1, bytes: 0 });
    void budget.giveBack();
    t.true(await (async () => await lease)());
    t.true(budget.rows >= 1);
    budget.rows -= 1;
    await budget.giveBack();
  }
  t.is((await handle.store.usage(grant)).rows, 200);
});

test('a process that dies takes its leases with it: less is delivered, never more', async (t) => {
  const { handle, grant } = await grantWith({ rows: 1000 });
  const doomed = fixture.process();
  const { budget } = await enter(doomed, grant);
  t.is(await deliver(budget, 10, 100), 100);
  const held = budget.rows;
  doomed.close();
  const { sessions } = grantKeys(grant);
  const [dead] = await fixture.client.zrange(sessions, 0, '-1');
  await fixture.client.zadd(sessions, Date.now() - 1, dead!); // as if its heartbeats had stopped a while ago
  const survivor = await enter(handle, grant);
  t.is(await deliver(survivor.budget), 900 - held);
});

test('what is given back twice counts once', async (t) => {
  const { handle, grant } = await grantWith({ rows: 1000 });
  const admission = await enter(handle, grant);
  await deliver(admission.budget, 10, 10);
  await Promise.all([admission.budget.giveBack(), admission.budget.giveBack(), admission.release(false)]);
  t.is((await handle.store.usage(grant)).rows, 10);
});

test('what was delivered on credit is paid at the end of the session', async (t) => {
  const { handle, grant } = await grantWith({ bytes: 10_000 });
  const admission = await enter(handle, grant);
  admission.budget.bytes -= 600; // an error message, say
  await admission.release(false);
  t.is((await handle.store.usage(grant)).bytes, 600);
});

test('credit is part of the next lease, whatever was given back meanwhile', async (t) => {
  const { handle, grant } = await grantWith({ bytes: 1000 });
  const { budget } = await enter(handle, grant);
  t.true(await budget.replenish({ rows: 0, bytes: 100 }));
  budget.bytes = -475; // 600 were delivered of the 125 that this leases
  await budget.giveBack();
  t.is((await handle.store.usage(grant)).bytes, 125);
  t.false(await budget.replenish({ rows: 0, bytes: 401 }));
  t.true(await budget.replenish({ rows: 0, bytes: 400 }));
});

test('a revoked grant leases nothing more', async (t) => {
  const { handle, grant } = await grantWith({ rows: 1000 });
  const { budget } = await enter(handle, grant);
  await fixture.client.del(grantKeys(grant).grant);
  t.false(await budget.replenish({ rows: 1, bytes: 1 }));
});

test('counters pushed below zero by a vandal give no more than the limit', async (t) => {
  const { handle, grant } = await grantWith({ rows: 100 });
  await fixture.client.hset(grantKeys(grant).usage, 'rows', -1_000_000);
  const { budget } = await enter(handle, grant);
  t.false(await budget.replenish({ rows: 101, bytes: 0 }));
});

test('a closed budget leases nothing', async (t) => {
  const { handle, grant } = await grantWith({ rows: 1000, statements: 10 });
  const admission = await enter(handle, grant);
  await admission.release(false);
  t.false(await admission.budget.replenish({ rows: 1, bytes: 1 }));
  t.false(await admission.budget.spendStatements(1));
  t.is((await handle.store.usage(grant)).rows, 0);
});
