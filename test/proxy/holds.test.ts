/** Statements that wait for a reviewer, as their clients see it: one proxy, one PostgreSQL, one Redis. */
import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import { Redis } from 'ioredis';
import type { Held } from '../../access/holds/held.ts';
import { holdApproved, holdDenied } from '../../access/holds/review-hold.ts';
import type { OwnPostgres } from '../../server/embedded/postgres.ts';
import { type GrantWish, type Postern, startPostern, type TestGrant } from '../helpers/postern.ts';
import { startPostgres } from '../helpers/postgres.ts';
import { errorText, query, RawClient } from '../helpers/raw-client.ts';
import { type HeldClient, nodePostgres, Pgjdbc, psql, type Running } from './holds/clients.ts';
import { bind, describe, EXECUTE, FLUSH, parse, SYNC, told } from './holds/extended.ts';

const BOB = { id: 'bob', groups: [] };

let postgres: OwnPostgres;
let postern: Postern;
let redis: Redis;
let clients: readonly HeldClient[];

test.before(async () => {
  clients = [psql, nodePostgres, new Pgjdbc()];
  postgres = await startPostgres();
  await postgres.query(`
    create table public.orders (id int primary key, note text);
    create table public.log (id int);
    create function public.tell() returns trigger language plpgsql
      as 'begin insert into public.log values (old.id); return old; end';
    insert into public.orders select n, 'note ' || n from generate_series(1, 900) n;
  `);
  const url = postgres.url();
  const databases = {
    shop: { url },
    hasty: { url, hold: { wait: '200ms', transactionWait: '100ms' } },
    strict: { url, hold: { inTransaction: 'deny' } },
  };
  postern = await startPostern({
    postgres,
    child: true,
    databases: { shop: url },
    config: { databases, metrics: { listen: '127.0.0.1:0' } },
  });
  redis = new Redis(postern.redis.url);
});
test.after.always(async () => {
  for (const client of clients ?? []) client.stop();
  redis?.disconnect();
  await postern?.stop();
  await postgres?.stop();
});

const granted = (wish: Partial<GrantWish> = {}): Promise<TestGrant> =>
  postern.grant({ allow: ['select:public.orders'], outOfScope: 'hold', ...wish });

/** The one statement of the grant that waits. */
async function waiting({ id }: TestGrant): Promise<Held> {
  for (;;) {
    const { holds } = await postern.issuer.holds.list();
    const [held] = holds.filter(({ grant, state }) => grant === id && state.kind === 'pending');
    if (held !== undefined) return held;
    await sleep(20);
  }
}

const approve = async (grant: TestGrant, comment = ''): Promise<Held> => {
  const { id } = await waiting(grant);
  return (await postern.issuer.holds.decide(id, (held) => holdApproved(held, BOB, comment, Date.now())))!;
};
const deny = async (grant: TestGrant, reason: string): Promise<Held> => {
  const { id } = await waiting(grant);
  return (await postern.issuer.holds.decide(id, (held) => holdDenied(held, BOB, reason, Date.now())))!;
};

const remaining = async (...ids: readonly number[]): Promise<number> => {
  const [row] = await postgres.query(`select count(*)::int as n from orders where id in (${ids.join(', ')})`);
  return (row as { n: number }).n;
};

let lastRow = 0;
const row = (): number => ++lastRow;

/** The same with each client, at the same time, each under a grant and with a row of its own. */
async function withEach(
  wish: Partial<GrantWish>,
  use: (run: (grant?: TestGrant) => Running, grant: TestGrant, id: number, name: string) => Promise<void>,
): Promise<void> {
  await Promise.all(
    clients.map(async (client) => {
      const grant = await granted(wish);
      const id = row();
      await use((other = grant) => client.run(other.url, id), grant, id, client.name);
    }),
  );
}

test.serial('approved: it runs once; the next execution waits again, and is denied', async (t) => {
  await withEach({}, async (run, grant, id, name) => {
    const first = run();
    const { id: hold, statement } = await approve(grant, 'go ahead');
    t.deepEqual(statement.missing, ['delete:public.orders'], name);
    if (name !== 'psql') t.deepEqual(statement.parameters, [`${id}`], name);
    const { result, told, alive } = await first.outcome;
    t.deepEqual({ result, alive }, { result: 1, alive: true }, name);
    t.true(told.includes(`the statement waits for a reviewer, up to 5 min: hold ${hold}`), told);
    t.true(told.includes(`hold ${hold} is approved by bob: go ahead`), told);
    const again = run();
    const denied = await deny(grant, 'not again');
    const outcome = await again.outcome;
    t.like(outcome, { result: '42501', alive: true }, name);
    t.true(outcome.told.includes('bob has denied the statement: not again'), outcome.told);
    await postern.event('hold.end', { hold, outcome: 'approved', by: 'bob' });
    await postern.event('statement', { hold, decision: 'allow' });
    await postern.event('hold.end', { hold: denied.id, outcome: 'denied', by: 'bob' });
  });
});

test.serial('timed out: an error that says so, and nothing has run', async (t) => {
  await withEach({ database: 'hasty' }, async (run, _grant, id, name) => {
    const { result, told, alive } = await run().outcome;
    t.deepEqual({ result, alive }, { result: '42501', alive: true }, name);
    t.true(told.includes('statement needs a reviewer: delete on public.orders'), told);
    t.is(await remaining(id), 1, name);
  });
});

test.serial('what becomes of them is counted', async (t) => {
  const metrics = await (await fetch(`http://127.0.0.1:${postern.metricsPort}/metrics`)).text();
  const told = metrics.split('\n').filter((line) => /^postern_hold(?!.*_(bucket|sum))/.test(line));
  t.deepEqual(told, [
    'postern_holds_waiting 0',
    ...['approved', 'denied', 'expired'].map((outcome) => `postern_holds_total{outcome="${outcome}"} 3`),
    'postern_hold_wait_seconds_count 9',
  ]);
});

test.serial('cancelled: as PostgreSQL cancels, and nobody can approve it any more', async (t) => {
  await withEach({}, async (run, grant, id, name) => {
    const running = run();
    const { id: hold } = await waiting(grant);
    running.cancel();
    t.like(await running.outcome, { result: '57014', alive: name !== 'psql' }, name); // psql leaves its script
    await postern.event('hold.end', { hold, outcome: 'withdrawn', by: null });
    while ((await postern.issuer.holds.get(hold)) !== null) await sleep(20);
    while ((await redis.zscore('postern:holds', hold)) !== null) await sleep(20);
    t.is(await remaining(id), 1, name);
  });
});

test.serial('disconnected: what nobody waits for is withdrawn', async (t) => {
  await withEach({}, async (run, grant, id, name) => {
    const running = run();
    const { id: hold } = await waiting(grant);
    running.leave();
    await postern.event('hold.end', { hold, outcome: 'withdrawn' });
    await postern.event('session.end', { grant: grant.id, reason: 'client' });
    t.is(await remaining(id), 1, name);
  });
});

test.serial('expired and revoked: the session ends as ever, and the statement with it', async (t) => {
  await withEach({}, async (run, grant, id, name) => {
    const running = run();
    const { id: hold } = await waiting(grant);
    await postern.issuer.store.revoke(grant.id, 'test');
    t.like(await running.outcome, { alive: false }, name);
    await postern.event('session.end', { grant: grant.id, reason: 'revoked' });
    await postern.event('hold.end', { hold, outcome: 'withdrawn' });
    t.is(await remaining(id), 1, name);
  });
  for (let ttl = 2_000; ; ttl *= 2) {
    const grant = await granted({ ttl });
    const client = await RawClient.connect(postern.port);
    if (!(await loggedIn(client, grant))) continue; // a busy machine: it had expired before
    client.send(query(`delete from orders where id = ${row()}`));
    const [last] = (await client.receiveUntil('nothing')).filter(({ type }) => type === 'E');
    t.is(errorText(last!), `57P01 terminating connection: grant ${grant.id} expired`);
    break;
  }
});

const loggedIn = async (client: RawClient, grant: TestGrant): Promise<boolean> =>
  (await client.login(grant).catch(() => [])).length > 0;

async function session(wish: Partial<GrantWish> = {}) {
  const grant = await granted(wish);
  const client = await RawClient.connect(postern.port);
  await client.login(grant);
  const ask = async (...messages: readonly Uint8Array[]) => {
    client.send(...messages);
    return told(await client.receiveUntil('Z'));
  };
  return { grant, client, ask };
}

test.serial(
  'a statement that is prepared first is approved for that, and once more with its values',
  async (t) => {
    const { grant, client, ask } = await session();
    const [one, other, third] = [row(), row(), row()];
    client.send(parse('s', 'delete from orders where id = $1'), describe('s'), FLUSH);
    t.is((await approve(grant)).statement.parameters, null);
    t.deepEqual(told(await client.receiveUntil('n')), ['1', 't', 'n']);
    const executed = ask(bind('s', `${one}`), EXECUTE, SYNC);
    t.deepEqual((await approve(grant)).statement.parameters, [`${one}`]);
    t.deepEqual(await executed, ['2', 'C', 'Z']);
    const again = ask(bind('s', `${other}`), EXECUTE, SYNC);
    await deny(grant, 'enough');
    t.deepEqual(await again, ['42501 bob has denied the statement: enough', 'Z']);
    const bySql = ask(query(`execute s(${third})`));
    t.deepEqual((await waiting(grant)).statement.prepared, ['delete from orders where id = $1']);
    await deny(grant, 'nor so');
    t.deepEqual(await bySql, ['42501 bob has denied the statement: nor so', 'Z']);
    t.is(await remaining(one, other, third), 2);
    client.destroy();
  },
);

test.serial(
  'a statement without values that is prepared first is approved once, and runs once',
  async (t) => {
    const { grant, client, ask } = await session();
    const id = row();
    const prepared = ask(parse('s', `delete from orders where id = ${id}`), SYNC);
    await approve(grant);
    t.deepEqual(await prepared, ['1', 'Z']);
    t.deepEqual(await ask(bind('s'), EXECUTE, SYNC), ['2', 'C', 'Z']);
    const again = ask(bind('s'), EXECUTE, SYNC);
    await deny(grant, 'once');
    t.deepEqual(await again, ['42501 bob has denied the statement: once', 'Z']);
    client.destroy();
  },
);

test.serial("SQL's PREPARE, approved, is no way to run it by EXECUTE, Bind or EXPLAIN", async (t) => {
  const { grant, client, ask } = await session();
  const prepared = ask(query('prepare y as delete from orders where id = $1'));
  await approve(grant);
  t.deepEqual(await prepared, ['C', 'Z']);
  const id = row();
  for (const [name, ...messages] of [
    ['EXECUTE', query(`execute y(${id})`)],
    ['Bind', bind('y', `${id}`), EXECUTE, SYNC],
    ['EXPLAIN', query(`explain analyze execute y(${id})`)],
  ] as const) {
    const running = ask(...messages);
    await deny(grant, name);
    t.deepEqual(await running, [`42501 bob has denied the statement: ${name}`, 'Z']);
  }
  t.is(await remaining(id), 1);
  client.destroy();
});

test.serial('in a pipeline what came before is answered first, and what comes later waits', async (t) => {
  const { grant, client } = await session();
  const id = row();
  client.send(
    ...[parse('', 'select 1'), bind(''), EXECUTE],
    ...[parse('', 'delete from orders where id = $1'), describe(''), bind('', `${id}`), EXECUTE],
    ...[parse('', 'select 2'), bind(''), EXECUTE, SYNC, query('select 3')],
  );
  t.deepEqual(told(await client.receiveUntil('N')), ['1', '2', 'D', 'C']);
  const { statement } = await approve(grant);
  t.deepEqual([statement.parameters, statement.inTransaction], [[`${id}`], true]);
  const types = ['1', 't', 'n', '2', 'C', '1', '2', 'D', 'C', 'Z'];
  t.deepEqual(told(await client.receiveUntil('Z')), types);
  t.deepEqual(told(await client.receiveUntil('Z')), ['T', 'D', 'C', 'Z']);
  t.is(await remaining(id), 0);
  client.destroy();
});

test.serial('what a client sends meanwhile waits, however much it is', async (t) => {
  const { grant, client } = await session();
  client.send(query(`delete from orders where id = ${row()}`));
  await waiting(grant);
  client.send(...Array.from({ length: 40 }, () => query(`select '${'x'.repeat(100_000)}'`)));
  await deny(grant, 'no');
  for (let n = 0; n <= 40; n++) t.is((await client.receiveUntil('Z')).at(-1)?.type, 'Z');
  client.destroy();
});

test.serial('a transaction keeps its locks: it waits for a shorter time, or not at all', async (t) => {
  for (const [database, why] of [
    ['strict', /Statements of a transaction do not wait for a reviewer here/],
    ['hasty', /No reviewer has decided on it in 100 ms\./],
  ] as const) {
    const { client, ask } = await session({ database });
    const statement = query(`delete from orders where id = ${row()}`);
    t.deepEqual(await ask(query('begin')), ['C', 'Z']);
    client.send(statement);
    t.regex((await client.receiveUntil('E')).at(-1)!.body.toString(), why);
    await client.receiveUntil('Z');
    t.deepEqual(await ask(statement), ['42501 statement needs a reviewer: delete on public.orders', 'Z']);
    t.deepEqual(await ask(query('rollback')), ['C', 'Z']);
    client.destroy();
  }
});

test.serial('what needs something else by the time it is approved does not run', async (t) => {
  const { grant, client, ask } = await session();
  const id = row();
  const running = ask(query(`delete from orders where id = ${id}`));
  await waiting(grant);
  await postgres.query('create trigger t after delete on orders for each row execute function tell()');
  const other = await session({ allow: ['select,delete:public.orders'], outOfScope: 'deny' });
  while ((await other.ask(query('delete from orders where false')))[0] === 'C') await sleep(50); // catalogs have an age
  other.client.destroy();
  await approve(grant);
  t.deepEqual(await running, ['42501 statement needs a reviewer: insert on public.log', 'Z']);
  t.is(await remaining(id), 1);
  await postgres.query('drop trigger t on orders');
  client.destroy();
});

test.serial('five statements of a grant wait at once', async (t) => {
  const grant = await granted();
  const sessions = await Promise.all(
    Array.from({ length: 6 }, async () => {
      const client = await RawClient.connect(postern.port);
      await client.login(grant);
      client.send(query(`delete from orders where id = ${row()}`));
      return client;
    }),
  );
  const answer = await Promise.race(sessions.map((client) => client.receiveUntil('E')));
  t.regex(answer.at(-1)!.body.toString(), /Too many statements of the grant wait/);
  for (const client of sessions) client.destroy();
});

test.serial("nobody decides on their own statement, nor on their agent's, nor too late", async (t) => {
  const { grant, client, ask } = await session();
  const running = ask(query(`delete from orders where id = ${row()}`));
  const held = await waiting(grant);
  const by = (id: string, groups: readonly string[] = []) => ({ id, groups });
  const approving = (of: Held, who: ReturnType<typeof by>, at = Date.now()) =>
    t.throws(() => holdApproved(of, who, '', at))?.message;
  t.is(approving(held, by('tester')), 'nobody decides on their own statement');
  const agents = { ...held, principal: { id: 'bot', actsFor: 'ann' } };
  t.is(approving(agents, by('ann')), 'nobody decides on their own statement');
  t.is(approving({ ...held, groups: ['leads'] }, by('bob')), 'only members of leads decide on it');
  t.is(approving(held, by('bob'), Date.parse(held.expiresAt)), 'it is expired already');

  const key = `postern:{${held.id}}:hold`;
  const signed = (await redis.hget(key, 'document'))!;
  const forged = { ...held, state: { kind: 'approved', at: held.askedAt, by: 'mallory', comment: '' } };
  await redis.hset(key, 'document', JSON.stringify(forged));
  await t.throwsAsync(postern.issuer.holds.get(held.id), { name: 'TamperedHoldError' });
  t.deepEqual((await postern.issuer.holds.list()).tampered, [held.id]);
  const looks = await reads();
  while ((await reads()) < looks + 2) await sleep(50); // by who waits for it
  await redis.hset(key, 'document', signed);
  await deny(grant, 'no');
  t.deepEqual(await running, ['42501 bob has denied the statement: no', 'Z']);
  client.destroy();
});

/** Records that were read from Redis by now. */
const reads = async (): Promise<number> =>
  Number(/cmdstat_hmget:calls=(\d+)/.exec(await redis.info('commandstats'))?.[1] ?? 0);

test.serial('with Redis out of reach nobody can be asked, and the statement is refused', async (t) => {
  const { client } = await session();
  postern.redis.pause();
  client.send(query(`delete from orders where id = ${row()}`));
  const answer = await client.receiveUntil('E');
  postern.redis.resume();
  t.regex(answer.at(-1)!.body.toString(), /No reviewer can be asked now/);
  client.destroy();
});

test.serial('killed and restarted: connections end, and what was waiting never runs', async (t) => {
  const begun = await Promise.all(
    clients.map(async (client) => {
      const [grant, id] = [await granted(), row()];
      const running = client.run(grant.url, id);
      const { id: hold } = await waiting(grant);
      return { name: client.name, id, hold, running };
    }),
  );
  await postern.kill();
  for (const { running, name } of begun) {
    const { result, alive } = await running.outcome;
    t.deepEqual([typeof result, alive], [result === null ? 'object' : 'string', false], name);
  }
  await postern.restart();
  for (const { id, hold, name } of begun) {
    await postern.issuer.holds.decide(hold, (held) => holdApproved(held, BOB, 'too late', Date.now()));
    t.is(await remaining(id), 1, name);
  }
});

test.serial('SIGTERM: a statement that waits is withdrawn, and its session ends at once', async (t) => {
  const { grant, client } = await session();
  client.send(query(`delete from orders where id = ${row()}`));
  const { id: hold } = await waiting(grant);
  process.kill(postern.pid, 'SIGTERM');
  const [last] = (await client.receiveUntil('nothing')).filter(({ type }) => type === 'E');
  t.is(errorText(last!), '57P01 terminating connection due to administrator command');
  await postern.event('hold.end', { hold, outcome: 'withdrawn' });
  await postern.event('node.stop', {});
});
