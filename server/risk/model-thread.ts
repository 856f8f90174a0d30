/**
 * A thread with one model, and its watchdog: whatever the model does, sessions wait for it so long and no longer, and the
 * event loop not at all.
 */
import { Worker } from 'node:worker_threads';
import {
  type Assessment,
  type Inquiry,
  type Measurement,
  type ModelCard,
  type Opinion,
  type Question,
  type Sample,
  type ThreadAnswer,
  type ThreadQuestion,
  type ThreadReply,
  type Unscored,
  unscored,
} from './assessment.ts';

export interface ModelThreadOptions {
  /** What the thread runs: see model-worker.ts. */
  readonly entry: URL;
  /** `builtin`, or the folder of the model's files. */
  readonly source: string;
  /** ms from a question to its answer; what comes later is late. */
  readonly timeout: number;
  readonly onDeath: () => void;
  readonly onFault: (message: string) => void;
}

/** ms. */
const LOAD_TIMEOUT = 60_000;
/** A thread that answers nothing for so long hangs, ms. */
const HANG = 5_000;
/** Questions without an answer; with more there is no point in waiting. */
const MOST_WAITING = 200;

/** A small young generation: with that of the default a thread comes to twice the memory, all of it garbage. */
const RESOURCES = { maxOldGenerationSizeMb: 128, maxYoungGenerationSizeMb: 4 };

interface Waiting {
  readonly askedAt: number;
  readonly resolve: (answer: ThreadReply | Unscored) => void;
  readonly timer: NodeJS.Timeout;
}

export class ModelThread {
  readonly #worker: Worker;
  readonly #options: ModelThreadOptions;
  /** By number; those that were told `late` stay until they are answered. */
  readonly #waiting = new Map<number, Waiting>();
  #asked = 0;
  #hang: NodeJS.Timeout | undefined;
  #retiring = false;
  #dead = false;

  readonly card: ModelCard;

  /** Rejects if the model can't be loaded; the message says why. */
  static async start(options: ModelThreadOptions): Promise<ModelThread> {
    const worker = new Worker(options.entry, { workerData: options.source, resourceLimits: RESOURCES });
    worker.unref();
    try {
      return new ModelThread(worker, await loaded(worker), options);
    } catch (fault) {
      await worker.terminate();
      throw fault;
    }
  }

  private constructor(worker: Worker, card: ModelCard, options: ModelThreadOptions) {
    this.#worker = worker;
    this.#options = options;
    this.card = card;
    worker.on('message', (answer: ThreadAnswer) => this.#receive(answer));
    worker.on('error', (fault) => options.onFault(fault.message));
    worker.on('exit', () => this.#died());
  }

  /** Never rejects. */
  assess(question: Question): Promise<Assessment | Unscored> {
    return this.#ask((number) => ({ kind: 'assess', number, question })) as Promise<Assessment | Unscored>;
  }

  /** Never rejects. */
  inquire(inquiry: Inquiry): Promise<Opinion | Unscored> {
    return this.#ask((number) => ({ kind: 'inquire', number, inquiry })) as Promise<Opinion | Unscored>;
  }

  /** Never rejects. */
  measure(sample: Sample): Promise<Measurement | Unscored> {
    return this.#ask((number) => ({ kind: 'measure', number, sample })) as Promise<Measurement | Unscored>;
  }

  /** The session is over. */
  forget(session: string): void {
    if (!this.#dead) this.#post({ kind: 'forget', session });
  }

  /** Answers what it was asked, and ends. */
  async retire(): Promise<void> {
    this.#retiring = true;
    if (this.#waiting.size === 0) await this.stop();
  }

  async stop(): Promise<void> {
    this.#retiring = true;
    await this.#worker.terminate();
  }

  #ask(questionOf: (number: number) => ThreadQuestion): Promise<ThreadReply | Unscored> {
    if (this.#dead || this.#waiting.size >= MOST_WAITING) return Promise.resolve(unscored('late'));
    const number = ++this.#asked;
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(unscored('late')), this.#options.timeout);
      this.#waiting.set(number, { askedAt: performance.now(), resolve, timer });
      if (this.#waiting.size === 1) this.#expect();
      this.#post(questionOf(number));
    });
  }

  #post(question: ThreadQuestion): void {
    this.#worker.postMessage(question);
  }

  #receive(answer: ThreadAnswer): void {
    if (answer.kind !== 'answered' && answer.kind !== 'failed') return;
    const waiting = this.#waiting.get(answer.number);
    if (waiting === undefined) return;
    this.#waiting.delete(answer.number);
    clearTimeout(waiting.timer);
    this.#expect();
    if (this.#retiring && this.#waiting.size === 0) void this.stop();
    if (answer.kind === 'failed') this.#options.onFault(answer.message);
    const late = performance.now() - waiting.askedAt > this.#options.timeout; // the timer may not have had its turn
    if (late) waiting.resolve(unscored('late'));
    else waiting.resolve(answer.kind === 'answered' ? answer.answer : unscored('failed'));
  }

  /** From now on, if anybody waits, there has to be an answer. */
  #expect(): void {
    clearTimeout(this.#hang);
    if (this.#waiting.size === 0) return;
    this.#hang = setTimeout(() => {
      this.#options.onFault(`the model has not answered for ${HANG / 1000} s; its thread is ended`);
      void this.#worker.terminate();
    }, HANG).unref();
  }

  #died(): void {
    this.#dead = true;
    clearTimeout(this.#hang);
    for (const { timer, resolve } of this.#waiting.values()) {
      clearTimeout(timer);
      resolve(unscored('late'));
    }
    this.#waiting.clear();
    if (!this.#retiring) this.#options.onDeath();
  }
}

function loaded(worker: Worker): Promise<ModelCard> {
  return new Promise((resolve, reject) => {
    const settle = (conclude: () => void): void => {
      clearTimeout(timer);
      worker.off('message', said).off('error', failed).off('exit', died);
      conclude();
    };
    const fail = (message: string): void => settle(() => reject(new Error(message)));
    const died = (): void => fail('the thread of the model died');
    const failed = (fault: Error): void => fail(fault.message);
    const said = (answer: ThreadAnswer): void => {
      if (answer.kind === 'ready') settle(() => resolve(answer));
      else fail(answer.kind === 'unusable' ? answer.message : 'the thread does not say what its model is');
    };
    const timer = setTimeout(() => fail('the model could not be loaded in time'), LOAD_TIMEOUT);
    worker.on('message', said).on('error', failed).on('exit', died);
  });
}
