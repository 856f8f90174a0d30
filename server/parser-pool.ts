/**
 * Parses texts that could take long or overflow the stack, on a thread of their own: the event loop stays free, and a
 * thread whose parser may be damaged is thrown away.
 */
import { Worker } from 'node:worker_threads';
import type { Facts } from '../guardrails/facts.ts';

export interface ParserPoolOptions {
  /** Texts that wait at most; more are refused. */
  readonly maxQueue: number;
  /** For one text, ms. */
  readonly timeout: number;
}

/** A 4 MB text takes about 1.5 s. */
const DEFAULTS: ParserPoolOptions = { maxQueue: 64, timeout: 10_000 };

interface Job {
  readonly sql: string;
  readonly resolve: (facts: Facts) => void;
}

/** A worker's stack; with 4 MB the parser gives up at about the depth at which a server with its defaults does. */
const RESOURCES = { stackSizeMb: 4, maxOldGenerationSizeMb: 1024 };

export class ParserPool {
  readonly #options: ParserPoolOptions;
  readonly #queue: Job[] = [];
  #worker: Worker | null = null;
  #current: Job | null = null;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(options: Partial<ParserPoolOptions> = {}) {
    this.#options = { ...DEFAULTS, ...options };
  }

  /** Never rejects: what can't be read has facts with an error. */
  extract(sql: string): Promise<Facts> {
    if (this.#closed || this.#queue.length >= this.#options.maxQueue) return Promise.resolve(failed(BUSY));
    return new Promise((resolve) => {
      this.#queue.push({ sql, resolve });
      this.#next();
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const job of this.#queue.splice(0)) job.resolve(failed(BUSY));
    await this.#discard(failed(BUSY));
  }

  #next(): void {
    if (this.#current !== null) return;
    const job = this.#queue.shift();
    if (job === undefined) {
      this.#worker?.unref();
      return;
    }
    this.#current = job;
    this.#worker ??= this.#start();
    this.#worker.ref();
    this.#timer = setTimeout(() => void this.#discard(failed(TOO_COMPLEX)), this.#options.timeout);
    this.#worker.postMessage(job.sql);
  }

  #start(): Worker {
    const worker = new Worker(new URL('./parser-worker.ts', import.meta.url), { resourceLimits: RESOURCES });
    worker.on('message', (facts: Facts) => {
      if (worker !== this.#worker) return;
      if (facts.damaged) void this.#discard(facts);
      else this.#answer(facts);
    });
    const lost = () => {
      if (worker === this.#worker) void this.#discard(failed(TOO_COMPLEX));
    };
    worker.on('error', lost);
    worker.on('exit', lost);
    return worker;
  }

  /** Ends the thread; what it was working on gets `facts`. */
  async #discard(facts: Facts): Promise<void> {
    const worker = this.#worker;
    this.#worker = null;
    this.#answer(facts);
    await worker?.terminate();
  }

  #answer(facts: Facts): void {
    clearTimeout(this.#timer);
    const job = this.#current;
    this.#current = null;
    job?.resolve(facts);
    this.#next();
  }
}

const failed = (error: NonNullable<Facts['error']>): Facts => ({ error, statements: [] });

const TOO_COMPLEX = { sqlstate: '54001', message: 'statement is too complex to be examined' } as const;

const BUSY = {
  sqlstate: '53400',
  message: 'too many long statements are being examined',
  hint: 'Try again in a moment.',
} as const;
