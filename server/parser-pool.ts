/**
 * Parses texts that could take long or overflow the stack, away from the event loop. Texts of megabytes have a thread of
 * their own, so that none of some kilobytes waits behind them.
 */
import { type FactsRead, ParserThread } from './parser-thread.ts';

export interface ParserPoolOptions {
  /** See ParserThreadOptions; of each thread. */
  readonly maxWaiting: number;
  readonly timeout: number;
}

/** The worst text of 64 KiB takes 0.1 s, the worst that memory allows some seconds; more on a busy machine. */
const DEFAULTS: ParserPoolOptions = { maxWaiting: 64 * 1024 * 1024, timeout: 15_000 };

/** Up to this many UTF-16 units a text goes to the quick thread. */
const QUICK = 64 * 1024;
/** A text of this length can leave the parser with 200 MB. */
const KEEP = 2 * 1024 * 1024;
/** ms. */
const IDLE = 10_000;

export class ParserPool {
  readonly #quick: ParserThread;
  readonly #bulk: ParserThread;

  constructor(options: Partial<ParserPoolOptions> = {}) {
    const common = { ...DEFAULTS, ...options };
    this.#quick = new ParserThread({ ...common, idle: null, keep: QUICK });
    this.#bulk = new ParserThread({ ...common, idle: IDLE, keep: KEEP });
  }

  /** Never rejects: what can't be read has facts with an error. */
  extract(sql: string): Promise<FactsRead> {
    return (sql.length > QUICK ? this.#bulk : this.#quick).extract(sql);
  }

  async close(): Promise<void> {
    await Promise.all([this.#quick.close(), this.#bulk.close()]);
  }
}
