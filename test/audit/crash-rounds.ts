/**
 * A client that never stops, through a proxy that is killed now and then, and its shipper, too: what is in the spool, and
 * in the store, afterwards?
 */
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { spoolPublicKey } from '../../audit/checkpoint-files.ts';
import { readSpool } from '../../audit/reader.ts';
import { Shipper } from '../../audit/store/shipper.ts';
import type { StoreTarget } from '../../audit/store/store-target.ts';
import { verifyTrail } from '../../audit/store/verify-trail.ts';
import { type Postern, startPostern } from '../helpers/postern.ts';
import { startPostgres } from '../helpers/postgres.ts';

export interface CrashReport {
  readonly kills: { readonly proxy: number; readonly shipper: number };
  /** Statements that the client sent, and those of them that were answered. */
  readonly sent: number;
  readonly answered: number;
  /** Answered statements that are not in the trail, or not once; and such as nobody sent. */
  readonly missing: readonly number[];
  readonly repeated: readonly number[];
  readonly events: { readonly spool: number; readonly store: number };
  /** Lines that are in one only. */
  readonly different: number;
  readonly whole: boolean;
}

const MARK = /^SELECT (\d+) AS mark$/;

/** Kills so many times; every third time the proxy, else its shipper. */
export async function crashRounds(times: number, progress: (round: number) => void): Promise<CrashReport> {
  const postgres = await startPostgres();
  const postern = await startPostern({
    postgres,
    child: true,
    store: postgres.url(),
    config: { logLevel: 'silent' },
  });
  try {
    const grant = await postern.grant({ allow: ['select:*'] });
    const client = new RestlessClient(() => grant.url.replace(/:\d+\//, `:${postern.port}/`));
    const kills = { proxy: 0, shipper: 0 };
    client.start();
    for (let round = 1; round <= times; round += 1) {
      const answered = client.answered.length;
      while (client.answered.length < answered + 20) await sleep(5);
      await sleep(Math.random() * 400);
      if (round % 3 === 0) {
        await postern.kill();
        kills.proxy += 1;
        await postern.restart();
      } else kills.shipper += Number(await killShipper(postern));
      progress(round);
    }
    await client.stop();
    await postern.close();
    return { kills, ...(await compared(postern, client, postgres.url())) };
  } finally {
    await postern.stop();
    await postgres.stop();
  }
}

/** Sends numbered statements, one after another, by a new connection where one is lost. */
class RestlessClient {
  readonly #url: () => string;
  readonly answered: number[] = [];
  sent = 0;
  #stopping = false;
  #running: Promise<void> = Promise.resolve();

  constructor(url: () => string) {
    this.#url = url;
  }

  start(): void {
    this.#running = this.#run();
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    await this.#running;
  }

  async #run(): Promise<void> {
    while (!this.#stopping) {
      const client = new pg.Client(this.#url());
      client.on('error', () => {});
      try {
        await client.connect();
        while (!this.#stopping) {
          const number = ++this.sent;
          await client.query(`SELECT ${number} AS mark`);
          this.answered.push(number);
        }
      } catch {
        await sleep(20);
      } finally {
        await client.end().catch(() => {});
      }
    }
  }
}

/** Waits for it to be there. */
async function killShipper({ pid }: Postern): Promise<boolean> {
  for (let attempt = 0; attempt < 1_000; attempt += 1) {
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ');
    const shipper = children.find((child) => commandOf(child).includes('shipper-child'));
    if (shipper !== undefined) {
      process.kill(Number(shipper), 'SIGKILL');
      return true;
    }
    await sleep(20);
  }
  return false;
}

function commandOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}

async function compared(postern: Postern, client: RestlessClient, url: string) {
  const spooled: string[] = [];
  const counts = new Map<number, number>();
  for await (const event of readSpool(postern.spool)) {
    spooled.push(JSON.stringify(event));
    const mark = event.type === 'statement' ? MARK.exec(event.sql)?.[1] : undefined;
    if (mark !== undefined) counts.set(Number(mark), (counts.get(Number(mark)) ?? 0) + 1);
  }
  const store: StoreTarget = { connection: { connectionString: url }, schema: 'postern_audit' };
  // What was still to be shipped at the end is shipped when somebody starts again.
  const shipper = new Shipper({ target: store, spool: postern.spool, span: 'month' });
  shipper.start();
  await shipper.caughtUp();
  await shipper.stop(10_000);
  const lines = await linesOf(url);
  const stored = new Set(lines);
  const inSpool = new Set(spooled);
  const key = spoolPublicKey(postern.spool);
  const report = await verifyTrail({ spool: postern.spool, store, keys: key === null ? [] : [key] });
  return {
    sent: client.sent,
    answered: client.answered.length,
    missing: client.answered.filter((number) => !counts.has(number)),
    repeated: [...counts]
      .filter(([number, count]) => count !== 1 || number > client.sent)
      .map(([number]) => number),
    events: { spool: spooled.length, store: lines.length },
    different:
      spooled.filter((line) => !stored.has(line)).length + lines.filter((line) => !inSpool.has(line)).length,
    whole: report.ok,
  };
}

async function linesOf(url: string): Promise<readonly string[]> {
  const client = new pg.Client(url);
  await client.connect();
  const { rows } = await client.query<{ line: string }>('select line from postern_audit.event');
  await client.end();
  return rows.map(({ line }) => line);
}
