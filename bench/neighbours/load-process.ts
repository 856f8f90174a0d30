/** Keeps clients busy until it is told to stop, and then tells how many statements they sent. */
import { writeFileSync } from 'node:fs';
import { constants, setPriority } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { RawSession } from '../bulk/raw-session.ts';
import type { Load } from './load.ts';

/** ms, between the first statements and the word that they are under way. */
const SETTLE = 2_000;

comeLast();
const load = JSON.parse(process.argv[2] ?? '') as Load;
let running = true;
let sent = 0;
process.once('message', () => {
  running = false;
});
process.once('disconnect', () => process.exit());
const all = await Promise.all(Array.from({ length: load.clients }, (_, number) => begun(load, number)));
await sleep(SETTLE);
process.send?.('started');
await Promise.all(all.map(({ ended }) => ended));
process.send?.(sent);

/** Resolves once the client is connected; `ended` once it has stopped. */
async function begun(load: Load, number: number): Promise<{ readonly ended: Promise<void> }> {
  switch (load.kind) {
    case 'long': {
      const client = new pg.Client(load.connection);
      await client.connect();
      return { ended: sendLong(client, load, number) };
    }
    case 'reads': {
      const session = await RawSession.open(load.connection);
      return { ended: read(session, load.sql) };
    }
  }
}

/** No text twice: every one of them has to be parsed. */
async function sendLong(
  client: pg.Client,
  { table, bytes }: Load & { readonly kind: 'long' },
  number: number,
): Promise<void> {
  for (let turn = 0; running; turn++) {
    await client.query(insertOf(table, bytes, `${number}.${turn}`)).catch(expected);
    sent++;
  }
  await client.end();
}

async function read(session: RawSession, sql: string): Promise<void> {
  for (; running; sent++) await session.run(sql);
  await session.close();
}

/** Refusals are what some of the statements are for. */
function expected(error: Error): void {
  if (!(error instanceof pg.DatabaseError)) throw error;
}

function insertOf(table: string, bytes: number, label: string): string {
  const row = (id: number) => `(${id}, 'row ${id} of ${label}', now())`;
  const rows = Array.from({ length: Math.ceil(bytes / row(10_000).length) }, (_, id) => row(id));
  return `insert into ${table} (id, name, at) values ${rows.join(',')}`;
}

/** Such clients are elsewhere, so here they get a core when nobody else wants it. Groups: see sched(7), autogroup. */
function comeLast(): void {
  setPriority(constants.priority.PRIORITY_LOW);
  try {
    writeFileSync('/proc/self/autogroup', '19');
  } catch {} // this system has none
}
