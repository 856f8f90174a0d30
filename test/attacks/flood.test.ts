/** What one session can make the proxy keep, or write, with few bytes of its own. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import { startPostern } from '../helpers/postern.ts';
import { message, query, RawClient } from '../helpers/raw-client.ts';
import { encodeLine } from '../traces/frontend-text.ts';
import { parseLine } from '../traces/words.ts';

const MB = 1_000_000;
const postern = await startPostern({ child: true });
test.after.always(() => postern.stop());

const lines = (...texts: readonly string[]): Buffer =>
  Buffer.concat(texts.map((text) => encodeLine(parseLine(text))));

/** Resident set size of the proxy, bytes (proc(5)). */
function resident(): number {
  const status = readFileSync(`/proc/${postern.pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)![1]) * 1024;
}

function spooled(): number {
  return readdirSync(postern.spool, { recursive: true, encoding: 'utf8' })
    .map((name) => statSync(join(postern.spool, name)))
    .reduce((sum, { size }) => sum + size, 0);
}

async function loggedIn(): Promise<RawClient> {
  const client = await RawClient.connect(postern.port);
  await client.login(await postern.grant({ allow: ['select:public.*'] }));
  client.send(query('select 1'));
  await client.receiveUntil('Z');
  return client;
}

test.serial('a pipeline without an end costs bounded memory', async (t) => {
  const client = await loggedIn();
  const before = resident();
  const { socket } = client;
  socket.removeAllListeners('data');
  socket.pause();
  const syncs = lines(...Array.from({ length: 1000 }, () => 'Sync'));
  const many = Buffer.concat(Array.from({ length: 200 }, () => syncs));
  let highest = 0;
  for (let sent = 0; sent < 3_000_000 && socket.writableLength < 2 * many.length; sent += 200_000) {
    socket.write(many);
    for (let wait = 0; wait < 25 && socket.writableLength > 0; wait++) await sleep(20);
    highest = Math.max(highest, resident());
  }
  client.destroy();
  t.true(highest - before < 150 * MB, `grew by ${Math.round((highest - before) / MB)} MB`);
});

test.serial('a long text is recorded once, however often it is executed', async (t) => {
  const client = await loggedIn();
  const before = spooled();
  const text = `select 1 /* ${'x'.repeat(5 * MB)} */`;
  client.send(message('P', Buffer.from(`s\0${text}\0\0\0`)), lines('Sync'));
  await client.receiveUntil('Z');
  for (let n = 0; n < 200; n++) client.send(lines('Bind "" s', 'Execute ""'));
  client.send(lines('Sync'));
  const rows = (await client.receiveUntil('Z')).filter(({ type }) => type === 'D').length;
  client.destroy();
  await postern.event('session.end', { statements: 202 });
  t.is(rows, 200);
  t.true(spooled() - before < 10 * MB, `the spool grew by ${Math.round((spooled() - before) / MB)} MB`);
  const parsed = await postern.event('statement', { via: 'parse' });
  const executed = await postern.event('statement', { via: 'execute', statement: 202 });
  t.is(parsed.sql.length, text.length);
  t.is(executed.inFull, parsed.statement);
  t.true(text.startsWith(executed.sql.slice(0, -3)));
});

test.serial('connections that never log in do not keep others out', async (t) => {
  const idle = await Promise.all(Array.from({ length: 1100 }, () => RawClient.connect(postern.port)));
  const client = await loggedIn();
  client.send(query('select 1'));
  t.deepEqual((await client.receiveUntil('Z')).map(({ type }) => type).join(''), 'TDCZ');
  for (const one of [...idle, client]) one.destroy();
});
