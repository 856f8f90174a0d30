/** Worker processes die and come back; the primary tells the truth meanwhile. */
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import { verify } from '../../audit/verify.ts';
import { freePort } from '../helpers/free-port.ts';
import { startPostern } from '../helpers/postern.ts';
import { query, RawClient } from '../helpers/raw-client.ts';

const metrics = await freePort();
const postern = await startPostern({
  child: true,
  config: { workers: 2, metrics: { listen: `127.0.0.1:${metrics}` }, logLevel: 'silent' },
});
test.after.always(() => postern.stop());

/** proc(5): children in the order of their birth. */
const workers = (): readonly number[] =>
  readFileSync(`/proc/${postern.pid}/task/${postern.pid}/children`, 'utf8').trim().split(' ').map(Number);

const readiness = async (): Promise<number> => (await fetch(`http://127.0.0.1:${metrics}/readyz`)).status;

async function becomes(status: number): Promise<void> {
  while ((await readiness()) !== status) await sleep(20);
}

async function works(): Promise<boolean> {
  const client = await RawClient.connect(postern.port);
  await client.login(await postern.grant({ allow: ['select:public.*'] }));
  client.send(query('select 1'));
  const seen = await client.receiveUntil('Z');
  client.destroy();
  return seen.some(({ type }) => type === 'D');
}

test.serial('a killed worker is replaced, its stream goes on', async (t) => {
  t.is(await readiness(), 200);
  const [first] = workers();
  process.kill(first!, 'SIGKILL');
  await becomes(503);
  t.true(await works());
  await becomes(200);
  t.false(workers().includes(first!));
  t.true(await works());
  t.true((await verify(postern.spool)).ok);
});

test.serial('a worker that cannot start is started again until it can', async (t) => {
  const node = join(postern.spool, 'test');
  renameSync(node, `${node}-away`);
  writeFileSync(node, '');
  process.kill(workers()[0]!, 'SIGKILL');
  await becomes(503);
  await sleep(1500); // more than one attempt
  t.is(await readiness(), 503);
  rmSync(node);
  renameSync(`${node}-away`, node);
  await becomes(200);
  t.true(await works());
});
