/**
 * Servers that belong to this process: PostgreSQL and Redis for the demo and for the tests. Each has a private
 * directory, and neither outlives us, however we end.
 *
 *   free-port.ts         a port for it
 *   own-process.ts       the process and its log
 *   reaper.ts            what cleans up after us
 *   own-user.ts          as whom it runs (PostgreSQL refuses to run as root)
 *   postgres.ts          PostgreSQL: embedded 18, or an installed version
 *   postgres-cluster.ts  the data that it begins with
 *   redis.ts             redis-server from the PATH
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { OwnUser } from './own-user.ts';
import { Reaper } from './reaper.ts';

export interface OwnProcessOptions {
  readonly command: string;
  readonly args: readonly string[];
  /** Private directory: the log goes here, and it is removed when this process ends. */
  readonly directory: string;
  readonly user: OwnUser | null;
  /** Ends it in an orderly way: see the server's manual. */
  readonly stopSignal: NodeJS.Signals;
  /** Ends it at once, when we are gone without having stopped it. */
  readonly reapSignal: 'QUIT' | 'KILL';
}

const STOP_TIMEOUT_MS = 10_000;

export class OwnProcess {
  readonly #child: ChildProcess;
  readonly #options: OwnProcessOptions;
  readonly #reaper: Reaper;
  readonly #exited: Promise<void>;
  #running = true;

  /** Throws what `spawn` throws when the command cannot be run at all. */
  static async start(options: OwnProcessOptions): Promise<OwnProcess> {
    const log = openSync(logFile(options.directory), 'a');
    const child = spawn(options.command, options.args, {
      cwd: options.directory,
      detached: true, // Ctrl-C must reach us, not it: it is stopped in order
      stdio: ['ignore', log, log],
      env: { PATH: process.env.PATH, LC_ALL: 'C' },
      ...options.user,
    });
    closeSync(log);
    await once(child, 'spawn');
    return new OwnProcess(child, options);
  }

  private constructor(child: ChildProcess, options: OwnProcessOptions) {
    this.#child = child;
    this.#options = options;
    this.#exited = once(child, 'exit').then(() => {
      this.#running = false;
    });
    this.#reaper = new Reaper(options.directory, { pid: this.pid, signal: options.reapSignal });
    child.unref();
  }

  get running(): boolean {
    return this.#running;
  }

  get directory(): string {
    return this.#options.directory;
  }

  get pid(): number {
    return this.#child.pid as number;
  }

  /** What it has written to its log so far. */
  log(): string {
    return readFileSync(logFile(this.#options.directory), 'utf8');
  }

  signal(signal: NodeJS.Signals): void {
    if (this.#running) this.#child.kill(signal);
  }

  /** Ends it, by force if it takes longer than ten seconds, and removes its directory unless `keep`. */
  async stop(keep = false): Promise<void> {
    this.signal(this.#options.stopSignal);
    this.signal('SIGCONT');
    const force = setTimeout(() => this.signal('SIGKILL'), STOP_TIMEOUT_MS);
    this.#child.ref();
    await this.#exited;
    clearTimeout(force);
    await this.#reaper.release(keep);
  }
}

function logFile(directory: string): string {
  return join(directory, 'server.log');
}
