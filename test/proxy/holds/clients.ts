/** Three clients that run `delete from orders where id = ID`, and what they make of its being held. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import pg from 'pg';

export interface Outcome {
  /** Rows, or an SQLSTATE; null: the client has none for it. */
  readonly result: number | string | null;
  /** The session has run something after it. */
  readonly alive: boolean;
  /** Error and notices. */
  readonly told: string;
}

export interface Running {
  readonly outcome: Promise<Outcome>;
  /** As the client's users do it. */
  cancel(): void;
  /** Without a word. */
  leave(): void;
}

export interface HeldClient {
  readonly name: string;
  run(url: string, id: number): Running;
  stop(): void;
}

const PATIENCE = 60_000;

export const psql: HeldClient = {
  name: 'psql',
  run: (url, id) => {
    const commands = [`delete from orders where id = ${id}`, "select 'alive'"].flatMap((sql) => ['-c', sql]);
    const child = spawn('psql', [url, '-XAt', '-v', 'VERBOSITY=verbose', ...commands], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const outcome = async (): Promise<Outcome> => {
      const [printed, told] = await Promise.all([text(child.stdout), text(child.stderr)]);
      const [, sqlstate] = /^(?:.*: )?(?:ERROR|FATAL): +([0-9A-Z]{5}):/m.exec(told) ?? [];
      const [, rows] = /^DELETE (\d+)$/m.exec(printed) ?? [];
      const result = rows === undefined ? (sqlstate ?? null) : Number(rows);
      return { result, alive: printed.includes('alive'), told };
    };
    return { outcome: outcome(), cancel: () => child.kill('SIGINT'), leave: () => child.kill('SIGKILL') };
  },
  stop: () => {},
};

/** What node-postgres has, and does not declare. */
interface Internals {
  readonly host: string;
  readonly port: number;
  readonly connection: { readonly stream: { destroy(): void } };
  _getActiveQuery(): object;
  cancel(client: pg.Client, query: object): void;
}

export const nodePostgres: HeldClient = {
  name: 'node-postgres',
  run: (url, id) => {
    const client = new pg.Client({ connectionString: url });
    const notices: string[] = [];
    client.on('error', () => {});
    client.on('notice', ({ message }) => notices.push(message ?? ''));
    const outcome = async (): Promise<Outcome> => {
      let result: Outcome['result'];
      try {
        await client.connect();
        const done = await client.query('delete from orders where id = $1', [id]);
        result = done.rowCount;
      } catch (fault) {
        const { code = null, message } = fault as pg.DatabaseError;
        result = code;
        notices.push(message);
      }
      const alive = await client.query("select 'alive'").then(
        () => true,
        () => false,
      );
      await client.end().catch(() => {});
      return { result, alive, told: notices.join('\n') };
    };
    const internals = client as unknown as Internals;
    return {
      outcome: outcome(),
      cancel: () => {
        const canceller = new pg.Client({ host: internals.host, port: internals.port });
        (canceller as unknown as Internals).cancel(client, internals._getActiveQuery());
      },
      leave: () => internals.connection.stream.destroy(),
    };
  },
  stop: () => {},
};

/** One JVM for all its runs. */
export class Pgjdbc implements HeldClient {
  readonly name = 'pgjdbc';
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, (outcome: Outcome) => void>();
  #runs = 0;

  constructor() {
    const source = new URL('./HeldStatements.java', import.meta.url).pathname;
    const args = ['-XX:TieredStopAtLevel=1', '-cp', '/usr/share/java/postgresql.jar', source];
    this.#child = spawn('java', args, { stdio: ['pipe', 'pipe', 'inherit'] });
    createInterface(this.#child.stdout!).on('line', (line) => {
      const [number, result = '', alive, told = ''] = line.split('\t');
      const rows = /^\d$/.test(result) ? Number(result) : result;
      this.#waiting.get(Number(number))?.({ result: rows, alive: alive === 'true', told });
    });
  }

  run(url: string, id: number): Running {
    const number = ++this.#runs;
    const { hostname, port, pathname, username, password } = new URL(url);
    const outcome = new Promise<Outcome>((resolve, reject) => {
      this.#waiting.set(number, resolve);
      setTimeout(() => reject(new Error('pgjdbc does not answer')), PATIENCE).unref();
    });
    const jdbc = `jdbc:postgresql://${hostname}:${port}${pathname}?user=${username}&password=${password}`;
    const tell = (...words: readonly (string | number)[]) =>
      this.#child.stdin!.write(`${words.join('\t')}\n`);
    tell('run', number, id, jdbc);
    return { outcome, cancel: () => tell('cancel', number), leave: () => tell('leave', number) };
  }

  stop(): void {
    this.#child.kill('SIGKILL');
  }
}
