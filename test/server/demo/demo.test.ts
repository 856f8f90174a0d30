import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import pg from 'pg';
import { SENTENCES, TOUR } from '../../../server/demo/tour.ts';
import { freePort, isFree } from '../../../server/embedded/free-port.ts';

/** What `postern demo --json` prints. */
interface Ready {
  readonly id: string;
  readonly user: string;
  readonly password: string;
  readonly url: string;
  readonly database: string;
  readonly expiresAt: string;
  readonly config: string;
  readonly directUrl: string;
  readonly api: { readonly url: string; readonly account: string; readonly password: string };
  /** By account. */
  readonly passwords: Readonly<Record<'dba' | 'alice' | 'admin', string>>;
}

/** On a port of its own: two that want the usual one at the same moment would meet. */
async function startDemo(...options: readonly string[]): Promise<{ demo: ChildProcess; ready: Ready }> {
  const args = ['demo', '--json', '--port', String(await freePort()), ...options];
  const demo = spawn('bin/postern', args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = (await once(createInterface(demo.stdout), 'line')) as [string];
  return { demo, ready: JSON.parse(line) as Ready };
}

/** Of asking for it. */
async function exitOf(reason: string, { config }: Ready): Promise<number> {
  const who = ['--as', 'alice', '--team', 'support', '--db', 'shop', '--no-wait'];
  const asking = spawn('bin/postern', ['request', ...who, '--config', config, '--reason', reason], {
    stdio: 'ignore',
  });
  return (await once(asking, 'exit'))[0];
}

async function gone(ready: Ready): Promise<boolean> {
  const ports = [ready.url, ready.directUrl].map((url) => Number(new URL(url).port));
  for (let tries = 0; tries < 600; tries++) {
    const free = await Promise.all(ports.map(isFree));
    if (free.every(Boolean) && !existsSync(dirname(ready.config))) return true;
    await sleep(100);
  }
  return false;
}

test('the demo shows what it promises, and leaves nothing behind', async (t) => {
  const { demo, ready } = await startDemo('--ttl', '5m');
  const client = new pg.Client(ready.url);
  await client.connect();
  const [allowed, refused, cut] = TOUR.map(({ sql }) => sql) as [string, string, string];

  t.is((await client.query(allowed)).rowCount, 5);
  const headers = { 'content-type': 'application/json' };
  const { dba } = ready.passwords;
  for (const who of [ready.api, { account: 'dba', password: dba }]) {
    const body = JSON.stringify({ account: who.account, password: who.password });
    t.is((await fetch(`${ready.api.url}/v1/login`, { method: 'POST', headers, body })).status, 200);
  }
  await t.throwsAsync(client.query(refused), { code: '42501', message: /delete.*public\.customers/i });

  let rows = 0;
  const query = new pg.Query(cut);
  query.on('row', () => {
    rows += 1;
  });
  const error = once(query, 'error') as Promise<[pg.DatabaseError]>;
  client.query(query);
  t.is((await error.catch((fault) => [fault]))[0].severity, 'ERROR');
  t.is(rows, 1000);

  t.is((await client.query("UPDATE tickets SET status = 'closed' WHERE id = 2")).rowCount, 1);
  t.is((await client.query('SELECT * FROM customer_directory LIMIT 3')).rowCount, 3);
  t.is((await client.query('SELECT 1 AS one')).rows[0].one, 1, 'the session lives on');
  await client.end();

  t.deepEqual(await Promise.all(SENTENCES.map(({ reason }) => exitOf(reason, ready))), [0, 0, 3]);

  demo.kill('SIGINT');
  t.deepEqual(await once(demo, 'exit'), [0, null]);
  t.true(await gone(ready));
});

test('a demo that is killed leaves nothing behind', async (t) => {
  const { demo, ready } = await startDemo();
  demo.kill('SIGKILL');
  await once(demo, 'exit');
  t.true(await gone(ready));
});
