/**
 * Parses texts that could take long or overflow the stack, away from the event loop: those of some kilobytes in a thread,
 * longer ones in a process, which shares so little that nobody but those who sent such texts waits for them.
 */
import { ParserProcess } from './parser-process.ts';
import { type FactsRead, ParserQueue } from './parser-queue.ts';
import { ParserThread } from './parser-thread.ts';

export interface ParserPoolOptions {
  /** See ParserQueueOptions; of each parser. */
  readonly maxWaiting: number;
  readonly timeout: number;
}

/** The worst text of 64 KiB takes 0.1 s, the worst that memory allows some seconds; more on a busy machine. */
const DEFAULTS: ParserPoolOptions = { maxWaiting: 64 * 1024 * 1024, timeout: 30_000 };

/** Up to this many UTF-16 units a text goes to the thread. */
const QUICK = 64 * 1024;
/** A text of this length can leave the parser with 200 MB. */
const KEEP = 2 * 1024 * 1024;
/** ms. */
const IDLE = 10_000;

export class ParserPool {
  readonly #quick: ParserQueue;
  readonly #bulk: ParserQueue;

  constructor(options: Partial<ParserPoolOptions> = {}) {
    const common = { ...DEFAULTS, ...options };
    this.#quick = new ParserQueue({
      ...common,
      start: (listener) => new ParserThread(listener),
      idle: null,
      keep: QUICK,
    });
    this.#bulk = new ParserQueue({
      ...common,
      start: (listener) => new ParserProcess(listener),
      idle: IDLE,
      keep: KEEP,
    });
  }

  /** Never rejects: what can't be read has facts with an error. */
  extract(sql: string): Promise<FactsRead> {
    const goesToProcess = sql.length > QUICK && sql.isWellFormed(); // what is not can't go, and is refused unparsed
    return (goesToProcess ? this.#bulk : this.#quick).extract(sql);
  }

  async close(): Promise<void> {
    await Promise.all([this.#quick.close(), this.#bulk.close()]);
  }
}
