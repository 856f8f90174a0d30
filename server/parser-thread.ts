/**
 * One thread that parses, with its queue: one text at a time, since what a text takes in memory is a hundred times its
 * length. A thread whose parser may be damaged is thrown away, and so is one that has grown: WebAssembly gives no
 * memory back.
 */
import { Worker } from 'node:worker_threads';
import type { Facts } from '../guardrails/facts.ts';
import { TOO_COMPLEX } from '../guardrails/parse.ts';
import { redact } from '../guardrails/redact.ts';
import type { Reading } from './parser-worker.ts';

export interface ParserThreadOptions {
  /** Of the texts that wait, together, in UTF-16 units; more are refused. */
  readonly maxWaiting: number;
  /** For one text, ms. */
  readonly timeout: number;
  /** The thread ends when it has had nothing to do for so long, ms; null: it stays. */
  readonly idle: number | null;
  /** After a longer text, in UTF-16 units, the thread ends at once. */
  readonly keep: number;
}

/** With the redacted text: redacting would take the event loop as long. */
export interface FactsRead extends Facts {
  readonly redactedText: string;
  /** See Verdict; not for what no thread has looked at. */
  readonly redactedJson?: Uint8Array;
}

interface Job {
  readonly sql: string;
  readonly resolve: (facts: FactsRead) => void;
  redacted: Pick<FactsRead, 'redactedText' | 'redactedJson'> | null;
}

/** A worker's stack; with 4 MB the parser gives up at about the depth at which a server with its defaults does. */
const RESOURCES = { stackSizeMb: 4, maxOldGenerationSizeMb: 768 };
/** Out of memory, PostgreSQL's parser prints what has it: that belongs to no log. */
const SILENT = { resourceLimits: RESOURCES, stdout: true, stderr: true };

export class ParserThread {
  readonly #options: ParserThreadOptions;
  readonly #queue: Job[] = [];
  /** UTF-16 units in the queue. */
  #waiting = 0;
  #worker: Worker | null = null;
  #current: Job | null = null;
  #timer: NodeJS.Timeout | undefined;
  /** A worker is being ended: the next one waits for its memory. */
  #ending = false;
  #closed = false;

  constructor(options: ParserThreadOptions) {
    this.#options = options;
  }

  /** Never rejects: what can't be read has facts with an error. */
  extract(sql: string): Promise<FactsRead> {
    if (this.#closed || this.#isFull(sql)) return Promise.resolve({ ...failed(BUSY), ...beginning(sql) });
    return new Promise((resolve) => {
      this.#queue.push({ sql, resolve, redacted: null });
      this.#waiting += sql.length;
      this.#next();
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#waiting = 0;
    for (const { sql, resolve } of this.#queue.splice(0)) resolve({ ...failed(BUSY), ...beginning(sql) });
    await this.#discard(failed(BUSY));
  }

  /** A text that has the thread to itself always fits. */
  #isFull(sql: string): boolean {
    return this.#current !== null && this.#waiting + sql.length > this.#options.maxWaiting;
  }

  #next(): void {
    if (this.#current !== null || this.#ending) return;
    const job = this.#queue.shift();
    if (job === undefined) return this.#rest();
    clearTimeout(this.#timer);
    this.#waiting -= job.sql.length;
    this.#current = job;
    this.#worker ??= this.#start();
    this.#worker.ref();
    this.#timer = setTimeout(() => void this.#discard(failed(TOO_COMPLEX)), this.#options.timeout);
    this.#worker.postMessage(job.sql);
  }

  #rest(): void {
    const { idle } = this.#options;
    this.#worker?.unref();
    if (idle !== null && this.#worker !== null)
      this.#timer = setTimeout(() => void this.#discard(null), idle).unref();
  }

  #start(): Worker {
    const worker = new Worker(new URL('./parser-worker.ts', import.meta.url), SILENT);
    worker.stdout.resume();
    worker.stderr.resume();
    worker.on('message', (reading: Reading) => {
      if (worker === this.#worker && this.#current !== null) this.#read(this.#current, reading);
    });
    const lost = () => {
      if (worker === this.#worker) void this.#discard(failed(TOO_COMPLEX));
    };
    worker.on('error', lost);
    worker.on('exit', lost);
    return worker;
  }

  #read(job: Job, reading: Reading): void {
    if (reading.kind === 'redaction') {
      const { text, json } = reading;
      job.redacted = { redactedText: text ?? job.sql, ...(json && { redactedJson: json }) };
      return;
    }
    const { facts } = reading;
    if (facts.damaged || job.sql.length > this.#options.keep) return void this.#discard(facts);
    this.#answer(facts);
    this.#next();
  }

  /** Ends the thread; what it was working on gets `facts`. */
  async #discard(facts: Facts | null): Promise<void> {
    const worker = this.#worker;
    this.#worker = null;
    this.#ending = true;
    if (facts !== null) this.#answer(facts);
    await worker?.terminate();
    this.#ending = false;
    this.#next();
  }

  #answer(facts: Facts): void {
    clearTimeout(this.#timer);
    const job = this.#current;
    this.#current = null;
    job?.resolve({ ...facts, ...(job.redacted ?? beginning(job.sql)) });
  }
}

const failed = (error: NonNullable<Facts['error']>): Facts => ({ error, statements: [] });

/** Characters. */
const BEGINNING = 8192;

/** What is recorded of a text that no thread has looked at. */
const beginning = (sql: string): { readonly redactedText: string } => ({
  redactedText: sql.length <= BEGINNING ? redact(sql) : `${redact(sql.slice(0, BEGINNING))}...`,
});

const BUSY = {
  sqlstate: '53400',
  message: 'too many long statements are being examined',
  hint: 'Try again in a moment.',
} as const;
