/** One reader of a huge result must not cost memory, and a budget cuts it exactly. */
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import { startPostern } from '../helpers/postern.ts';
import { query, RawClient } from '../helpers/raw-client.ts';

const BYTES_PER_SECOND = 1_000_000;
/** Meanwhile all of the result could have come. */
const TAKEN = 4_000_000;
const ALLOWED = 64 * 1024 * 1024;
const MILLION = "select n, repeat('x', 100) as filler from generate_series(1, 1000000) n";

const postern = await startPostern({ child: true });
test.after.always(() => postern.stop());

/** Resident set size of the proxy, bytes (proc(5)). */
function resident(): number {
  const status = readFileSync(`/proc/${postern.pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)![1]) * 1024;
}

const running = async (): Promise<number> => {
  const [row] = await postern.postgres.query<{ readonly count: string }>(
    "select count(*) from pg_stat_activity where query like '%generate_series%' and state = 'active' and pid <> pg_backend_pid()",
  );
  return Number(row!.count);
};

async function gone(): Promise<void> {
  while ((await running()) > 0) await sleep(50);
}

/** Takes what comes at a fixed rate; resolves with the highest RSS of the proxy meanwhile. */
async function readSlowly(client: RawClient): Promise<number> {
  const { socket } = client;
  socket.removeAllListeners('data');
  socket.pause();
  let [highest, read] = [0, 0];
  const started = Date.now();
  while (read < TAKEN) {
    const due = Math.floor(((Date.now() - started) / 1000) * BYTES_PER_SECOND) - read;
    if (due > 0) read += (socket.read(Math.min(due, socket.readableLength)) as Buffer | null)?.length ?? 0;
    highest = Math.max(highest, resident());
    await sleep(20);
  }
  return highest;
}

test.serial('a slow reader of a million rows costs bounded memory', async (t) => {
  for (const limits of [{}, { rows: 2_000_000, bytes: 1_000_000_000 }]) {
    const grant = await postern.grant({ allow: ['select:public.*'], limits });
    const client = await RawClient.connect(postern.port);
    await client.login(grant);
    client.send(query('select 1'));
    await client.receiveUntil('Z');
    const idle = resident();
    client.send(query(MILLION));
    const highest = await readSlowly(client);
    client.destroy();
    t.true(highest - idle < ALLOWED, `grew by ${((highest - idle) / 1024 / 1024).toFixed(1)} MiB`);
    await t.notThrowsAsync(gone(), 'the statement goes on upstream without a reader');
  }
});

test.serial('rowsPerStatement delivers exactly so many rows, and the session lives', async (t) => {
  const grant = await postern.grant({ allow: ['select:public.*'], limits: { rowsPerStatement: 1000 } });
  const client = await RawClient.connect(postern.port);
  await client.login(grant);
  client.send(query(MILLION));
  const seen = await client.receiveUntil('Z');
  t.is(seen.filter(({ type }) => type === 'D').length, 1000);
  t.deepEqual(
    seen.filter(({ type }) => type !== 'D').map(({ type }) => type),
    ['T', 'E', 'Z'],
  );
  await gone();
  client.send(query('select 1'));
  t.deepEqual(
    (await client.receiveUntil('Z')).map(({ type }) => type),
    ['T', 'D', 'C', 'Z'],
  );
  client.destroy();
  const { rows, cut } = await postern.event('statement.end', { grant: grant.id, cut: 'rowsPerStatement' });
  t.deepEqual({ rows, cut }, { rows: 1000, cut: 'rowsPerStatement' });
});
