import { Worker } from 'node:worker_threads';
import type { ParserHost, ParserListener, Reading } from './parser-host.ts';

/** A worker's stack; with 4 MB the parser gives up at about the depth at which a server with its defaults does. */
const RESOURCES = { stackSizeMb: 4, maxOldGenerationSizeMb: 768 };
/** Out of memory, PostgreSQL's parser prints what has it: that belongs to no log. */
const SILENT = { resourceLimits: RESOURCES, stdout: true, stderr: true };

/** A parser in a thread of its own: started at once, and texts of some kilobytes are there at once. */
export class ParserThread implements ParserHost {
  readonly #worker: Worker;

  constructor(listener: ParserListener) {
    this.#worker = new Worker(new URL('./parser-worker.ts', import.meta.url), SILENT);
    this.#worker.stdout.resume();
    this.#worker.stderr.resume();
    this.#worker.on('message', (reading: Reading) => listener.read(reading));
    this.#worker.on('error', () => listener.lost());
    this.#worker.on('exit', () => listener.lost());
  }

  post(sql: string): void {
    this.#worker.postMessage(sql);
  }

  ref(): void {
    this.#worker.ref();
  }

  unref(): void {
    this.#worker.unref();
  }

  async end(): Promise<void> {
    await this.#worker.terminate();
  }
}
