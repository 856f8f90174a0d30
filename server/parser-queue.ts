/**
 * One parser, with its queue: one text at a time, since what a text takes in memory is a hundred times its length. A
 * parser that may be damaged is thrown away, and so is one that has grown: WebAssembly gives no memory back.
 */
import type { Facts } from '../guardrails/facts.ts';
import { TOO_COMPLEX } from '../guardrails/parse.ts';
import { redact } from '../guardrails/redact.ts';
import type { ParserHost, ParserListener, Reading } from './parser-host.ts';

export interface ParserQueueOptions {
  readonly start: (listener: ParserListener) => ParserHost;
  /** Of the texts that wait, together, in UTF-16 units; more are refused. */
  readonly maxWaiting: number;
  /** For one text, ms. */
  readonly timeout: number;
  /** The parser ends when it has had nothing to do for so long, ms; null: it stays. */
  readonly idle: number | null;
  /** After a longer text, in UTF-16 units, the parser ends at once. */
  readonly keep: number;
}

/** With the redacted text: redacting would take the event loop as long. */
export interface FactsRead extends Facts {
  readonly redactedText: string;
  /** See Verdict; not for what no parser has looked at. */
  readonly redactedJson?: Uint8Array;
  readonly secretParameters?: readonly number[];
}

interface Job {
  readonly sql: string;
  readonly resolve: (facts: FactsRead) => void;
  redacted: Pick<FactsRead, 'redactedText' | 'redactedJson'> | null;
}

export class ParserQueue {
  readonly #options: ParserQueueOptions;
  readonly #queue: Job[] = [];
  /** UTF-16 units in the queue. */
  #waiting = 0;
  #host: ParserHost | null = null;
  #current: Job | null = null;
  #timer: NodeJS.Timeout | undefined;
  /** A parser is being ended: the next one waits for its memory. */
  #ending = false;
  #closed = false;

  constructor(options: ParserQueueOptions) {
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

  /** A text that has the parser to itself always fits. */
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
    const host = this.#startedHost();
    if (host === null) {
      this.#answer(failed(BUSY));
      return this.#next();
    }
    host.ref();
    this.#timer = setTimeout(() => void this.#discard(failed(TOO_COMPLEX)), this.#options.timeout);
    host.post(job.sql);
  }

  #rest(): void {
    const { idle } = this.#options;
    this.#host?.unref();
    if (idle !== null && this.#host !== null)
      this.#timer = setTimeout(() => void this.#discard(null), idle).unref();
  }

  /** null: the system has no thread or process for it now. */
  #startedHost(): ParserHost | null {
    try {
      this.#host ??= this.#start();
    } catch {}
    return this.#host;
  }

  #start(): ParserHost {
    const host = this.#options.start({
      read: (reading) => {
        if (host === this.#host && this.#current !== null) this.#read(this.#current, reading);
      },
      lost: () => {
        if (host === this.#host) void this.#discard(failed(TOO_COMPLEX));
      },
    });
    return host;
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

  /** Ends the parser; what it was working on gets `facts`. */
  async #discard(facts: Facts | null): Promise<void> {
    const host = this.#host;
    this.#host = null;
    this.#ending = true;
    if (facts !== null) this.#answer(facts);
    await host?.end();
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

/** What is recorded of a text that no parser has looked at. */
const beginning = (sql: string): { readonly redactedText: string } => ({
  redactedText: sql.length <= BEGINNING ? redact(sql) : `${redact(sql.slice(0, BEGINNING))}...`,
});

const BUSY = {
  sqlstate: '53400',
  message: 'too many long statements are being examined',
  hint: 'Try again in a moment.',
} as const;
