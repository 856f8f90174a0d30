/** The way into the audit store, in a process of its own: sessions do not wait for it, nor for its garbage collector. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Logger } from 'pino';
import type { Config } from '../config.ts';
import type { FromShipper, ToShipper } from './shipper-messages.ts';
import { ShipperMetrics } from './shipper-metrics.ts';
import { NOT_REACHED_YET, type StoreState } from './store-state.ts';

/** One that dies sooner than this after its start is not started again at once, ms. */
const RESTART_DELAY = 1_000;
/** It ends by itself within this, or is ended, ms. */
const PATIENCE = 10_000;

export class ShipperProcess {
  readonly #config: Config;
  readonly #logger: Logger;
  readonly #metrics = new ShipperMetrics(() => this.state);
  #child: ChildProcess | null = null;
  #restart: NodeJS.Timeout | null = null;
  /** Resolves when the child has its configuration: what it is sent before is lost. */
  #started: Promise<void> = Promise.resolve();
  #closing = false;
  #state: StoreState = NOT_REACHED_YET;

  /** Begins at once. */
  constructor(config: Config, logger: Logger) {
    this.#config = config;
    this.#logger = logger;
    this.#start();
  }

  get state(): StoreState {
    return this.#state;
  }

  /** Prometheus text. */
  metrics(): Promise<string> {
    return this.#metrics.registry.metrics();
  }

  /** When nobody writes to the spool any more: what is in it is shipped, if the store can be reached. */
  async close(): Promise<void> {
    this.#closing = true;
    clearTimeout(this.#restart ?? undefined);
    const child = this.#child;
    if (child === null) return;
    const gone = once(child, 'exit');
    void this.#started.then(() => this.#send(child, { kind: 'stop' }));
    const late = setTimeout(() => child.kill('SIGKILL'), PATIENCE);
    await gone;
    clearTimeout(late);
  }

  #start(): void {
    const { audit, node, logLevel } = this.#config;
    const startedAt = Date.now();
    // Nothing of how this process runs (a debugger, say) is for it.
    const child = fork(join(import.meta.dirname, 'shipper-child.ts'), { execArgv: [] });
    this.#child = child;
    this.#started = new Promise((resolve) => {
      child.on('message', (message: FromShipper) => {
        if (message.kind === 'state') this.#state = message.state;
        else {
          this.#send(child, { kind: 'start', config: { audit, node, logLevel } });
          resolve();
        }
      });
    });
    child.on('error', () => {}); // `exit` follows
    child.once('exit', (code, signal) => {
      this.#child = null;
      if (this.#closing) return;
      this.#state = { ...this.#state, reachable: false, fault: 'the process that ships has died' };
      this.#logger.error({ code, signal }, 'the shipper of the audit store died; starting another');
      const delay = Math.max(0, RESTART_DELAY - (Date.now() - startedAt));
      this.#restart = setTimeout(() => this.#start(), delay);
    });
  }

  #send(child: ChildProcess, message: ToShipper): void {
    if (child.connected) child.send(message, () => {}); // it has died, as `exit` tells
  }
}
