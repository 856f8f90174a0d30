/**
 * The frame of a client script: a connection URL in, one JSON line {step, ok, detail} out for each step. What a step
 * returns must be the same whenever the rows are those of seed.sql, so that two runs can be compared.
 */
import { setTimeout as sleep } from 'node:timers/promises';

export type Steps = Readonly<Record<string, () => Promise<unknown>>>;

/** Runs long enough to be cancelled, over rows that the grant covers. */
export const SLOW =
  'select count(*) from readings a, readings b, readings c where a.value + b.value > c.value';

/** The connection URL: the script's only argument. */
export function target(): string {
  const url = process.argv[2];
  if (url === undefined) throw new Error('usage: script.ts postgresql://user:password@host:port/database');
  return url;
}

/** Runs the steps in order; one that fails does not keep the rest from running. */
export async function runSteps(steps: Steps): Promise<void> {
  for (const [step, run] of Object.entries(steps)) {
    try {
      report(step, true, await run());
    } catch (error) {
      report(step, false, `${sqlstate(error) ?? ''} ${error instanceof Error ? error.stack : error}`);
    }
  }
}

/** The SQLSTATE with which `work` fails; throws if it does not fail, or not with an error of the server. */
export async function failure(work: () => Promise<unknown>): Promise<string> {
  try {
    await work();
  } catch (error) {
    const code = sqlstate(error);
    if (code !== undefined) return code;
    throw error;
  }
  throw new Error('no error where one was expected');
}

/**
 * What comes of `running` when it is cancelled. Asks again until something does: a request that arrives before its
 * statement has begun is lost. Waits for the last one, lest it hit the next statement.
 */
export async function cancelling<T>(running: Promise<T>, cancel: () => void): Promise<T> {
  const first = setTimeout(cancel, FIRST);
  const again = setInterval(cancel, AGAIN);
  try {
    return await running;
  } finally {
    clearTimeout(first);
    clearInterval(again);
    await sleep(AGAIN);
  }
}

/** ms until the first request, when the statement runs as a rule, and between the others. */
const FIRST = 100;
const AGAIN = 400;

/** Where libraries put the driver's error; some wrap it more than once. */
const WRAPPED_IN = ['cause', 'original', 'driverError', 'meta', 'driverAdapterError'];
const SQLSTATE = /^[0-9A-Z]{5}$/;
/** Prisma's own codes look like SQLSTATEs. */
const PRISMA = /^P\d{4}$/;

function sqlstate(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  const { code, originalCode } = error as { code?: unknown; originalCode?: unknown };
  const own = [code, originalCode].find(
    (each) => typeof each === 'string' && SQLSTATE.test(each) && !PRISMA.test(each),
  );
  if (own !== undefined) return own as string;
  return WRAPPED_IN.map((field) => sqlstate(Reflect.get(error, field))).find((found) => found !== undefined);
}

function report(step: string, ok: boolean, detail: unknown): void {
  const plain = (_key: string, value: unknown) => (typeof value === 'bigint' ? `${value}` : value);
  process.stdout.write(`${JSON.stringify({ step, ok, detail: detail ?? null }, plain)}\n`);
}
