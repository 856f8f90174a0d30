/** What a node does while its memory is measured, and the traffic that no model should see. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from 'pg';
import { memoryMiB } from '../figures/process-usage.ts';

const UNUSUAL = 3_000;
const STEADY = 20_000;
/** Until V8 has given the process its young generation: it does so sooner the more there is to do, with a model or without. */
const WARM = 30_000;
/** ms without anything to do, until garbage that goes by itself is gone. */
const REST = 5_000;

/** Statements of as many forms, none of which was seen before. */
export async function work(client: Client): Promise<void> {
  for (let number = 0; number < UNUSUAL; number++)
    await client.query(
      `select ${number % 97} as a${number}, relname from pg_class where relkind = 'r' and oid in (select indrelid from pg_index where indnatts > ${number % 5}) limit ${(number % 9) + 1}`,
    );
}

/** Usual statements, for a node to be compared with another that has been at work as long. */
export async function warmUp(client: Client): Promise<void> {
  for (let number = 0; number < WARM; number++)
    await client.query('select relname from pg_class where oid = $1', [number]);
}

/** How often the model ran for statements that its session has sent before. */
export async function measureSteadyRuns(client: Client, metricsPort: number): Promise<number> {
  const ask = (number: number) => client.query('select relname from pg_class where oid = $1', [number]);
  await ask(0);
  const before = await runs(metricsPort);
  for (let number = 0; number < STEADY; number++) await ask(number);
  return (await runs(metricsPort)) - before;
}

/** MiB of a process that has come to rest. */
export async function settledMiB(pid: number): Promise<number> {
  await sleep(REST);
  return memoryMiB(pid);
}

async function runs(metricsPort: number): Promise<number> {
  const text = await (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text();
  return Number(/^postern_risk_seconds_count (\d+)$/m.exec(text)?.[1] ?? 0);
}
