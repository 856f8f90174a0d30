/** Keeps clients of long statements busy until it is told to stop, and then tells how many it sent. */
import { writeFileSync } from 'node:fs';
import { constants, setPriority } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import type { Connection } from '../targets/postern-process.ts';

export interface LongStatements {
  readonly connection: Connection;
  readonly table: string;
  readonly clients: number;
  /** Of one statement. */
  readonly bytes: number;
}

/** ms, between the first statements and the word that they are under way. */
const SETTLE = 2_000;

comeLast();
const load = JSON.parse(process.argv[2] ?? '') as LongStatements;
let running = true;
let sent = 0;
process.once('message', () => {
  running = false;
});
process.once('disconnect', () => process.exit());
const clients = await Promise.all(Array.from({ length: load.clients }, connected));
const all = clients.map(keepBusy);
await sleep(SETTLE);
process.send?.('started');
await Promise.all(all);
process.send?.(sent);

async function connected(): Promise<pg.Client> {
  const client = new pg.Client(load.connection);
  await client.connect();
  return client;
}

/** No text twice: every one of them has to be parsed. */
async function keepBusy(client: pg.Client, number: number): Promise<void> {
  for (let turn = 0; running; turn++) {
    await client.query(insertOf(`${number}.${turn}`)).catch(expected);
    sent++;
  }
  await client.end();
}

/** Refusals are what some of the statements are for. */
function expected(error: Error): void {
  if (!(error instanceof pg.DatabaseError)) throw error;
}

function insertOf(label: string): string {
  const row = (id: number) => `(${id}, 'row ${id} of ${label}', now())`;
  const rows = Array.from({ length: Math.ceil(load.bytes / row(10_000).length) }, (_, id) => row(id));
  return `insert into ${load.table} (id, name, at) values ${rows.join(',')}`;
}

/** Such clients are elsewhere, so here they get a core when nobody else wants it. Groups: see sched(7), autogroup. */
function comeLast(): void {
  setPriority(constants.priority.PRIORITY_LOW);
  try {
    writeFileSync('/proc/self/autogroup', '19');
  } catch {} // this system has none
}
