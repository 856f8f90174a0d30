/** Promise 6: kill -9 at any moment, and no statement that reached the database is missing from the trail. */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import type { SpooledEvent } from '../../audit/events.ts';
import { verify } from '../../audit/verify.ts';
import { startPostern, type TestGrant } from '../helpers/postern.ts';
import { RawClient } from '../helpers/raw-client.ts';
import { rounds } from '../helpers/rounds.ts';
import { encodeLine } from '../traces/frontend-text.ts';
import { parseLine } from '../traces/words.ts';

const ROUNDS = rounds(20);
const CLIENTS = 4;
/** ms under load, growing a little with each round so that kills hit different moments. */
const LOAD = 60;

const postern = await startPostern({ child: true });
await postern.postgres.query('create table changes (label text primary key)');
test.after.always(() => postern.stop());

/** One write of work: texts and parameters, several implicit transactions under way at a time. */
function batch(label: string): { readonly bytes: Buffer; readonly readies: number } {
  const lines = [1, 2, 3].flatMap((n) => [
    `Query "insert into changes values ('${label}-text${n}')"`,
    `Parse "" "insert into changes values ($1)"`,
    `Bind "" "" ${label}-parameter${n}`,
    'Execute ""',
    'Sync',
  ]);
  return { bytes: Buffer.concat(lines.map((line) => encodeLine(parseLine(line)))), readies: 6 };
}

async function loggedIn(grant: TestGrant): Promise<RawClient> {
  const client = await RawClient.connect(postern.port);
  await client.login(grant);
  return client;
}

/** Batch after batch, until the connection is lost. */
async function insertUntilKilled(client: RawClient, label: string): Promise<void> {
  for (let round = 0; ; round++) {
    const { bytes, readies } = batch(`${label}-${round}`);
    client.send(bytes);
    for (let ready = 0; ready < readies; ready++) {
      if ((await client.receiveUntil('Z')).at(-1)?.type !== 'Z') return;
    }
  }
}

/** What statements of the trail were to insert. */
function recorded(events: readonly SpooledEvent[]): Set<string> {
  const labels = new Set<string>();
  for (const event of events) {
    if (event.type !== 'statement' || event.decision !== 'allow') continue;
    for (const [, label] of event.sql.matchAll(/values \('([^']+)'\)/g)) labels.add(label!);
    for (const value of event.parameters ?? []) if (value !== null) labels.add(value);
  }
  return labels;
}

test.serial('every change is in the trail, whenever the proxy is killed', async (t) => {
  t.timeout(20_000 * ROUNDS);
  for (let round = 1; round <= ROUNDS; round++) {
    const grant = await postern.grant({ allow: ['insert:public.changes'] });
    const clients = await Promise.all(Array.from({ length: CLIENTS }, () => loggedIn(grant)));
    const load = clients.map((client, i) => insertUntilKilled(client, `r${round}-c${i}`));
    await sleep(LOAD + 17 * round);
    await postern.kill();
    await Promise.all(load);
    await postern.restart();
  }
  const rows = await postern.postgres.query<{ readonly label: string }>('select label from changes');
  const trail = recorded(await postern.events());
  t.true(rows.length > ROUNDS * CLIENTS, `only ${rows.length} changes were made`);
  t.deepEqual(
    rows.map(({ label }) => label).filter((label) => !trail.has(label)),
    [],
  );
  t.true((await verify(postern.spool)).ok);
});

/** The process and its children may have files of so many bytes. */
function limitFiles(bytes: string): void {
  const children =
    readFileSync(`/proc/${postern.pid}/task/${postern.pid}/children`, 'utf8').match(/\d+/g) ?? [];
  for (const pid of [String(postern.pid), ...children])
    execFileSync('prlimit', ['--pid', pid, `--fsize=${bytes}:unlimited`]);
}

test.serial(
  'no room for the trail: nothing is run, the client is told why, and all goes on once there is room',
  async (t) => {
    const grant = await postern.grant({ allow: ['insert:public.changes'] });
    const [before, during] = [await loggedIn(grant), await loggedIn(grant)];
    const run = async (client: RawClient, label: string) => {
      client.send(encodeLine(parseLine(`Query "insert into changes values ('${label}')"`)));
      const messages = await client.receiveUntil('Z');
      return messages.map(({ type, body }) => (type === 'E' ? body.toString() : type)).join(' ');
    };
    t.regex(await run(before, 'room-before'), /^C Z$/);
    limitFiles('1');
    t.regex(await run(before, 'room-none'), /audit trail cannot be written/);
    t.regex(await run(during, 'room-none-either'), /audit trail cannot be written/);
    limitFiles('unlimited');
    const made = async (): Promise<string> => {
      const client = await loggedIn(grant).catch(() => null);
      return client === null ? '' : await run(client, 'room-again');
    };
    while ((await made()) !== 'C Z') await sleep(50);
    const rows = await postern.postgres.query<{ readonly label: string }>(
      `select label from changes where label like 'room%' order by label`,
    );
    t.deepEqual(
      rows.map(({ label }) => label),
      ['room-again', 'room-before'],
    );
    t.true((await verify(postern.spool)).ok);
  },
);

test.serial('one changed byte of the spool is found', async (t) => {
  await postern.kill();
  const segment = readdirSync(postern.spool, { recursive: true, encoding: 'utf8' })
    .map((name) => join(postern.spool, name))
    .find((name) => /w1.*\.ndjson$/.test(name))!;
  const bytes = readFileSync(segment);
  bytes[Math.floor(bytes.length / 2)]! ^= 1;
  writeFileSync(segment, bytes);
  t.false((await verify(postern.spool)).ok);
});
