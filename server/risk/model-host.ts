import type { Logger } from '../../proxy/ports.ts';
import { type Assessment, type Question, type Unscored, unscored } from './assessment.ts';
import { ModelThread } from './model-thread.ts';

export interface ModelHostOptions {
  /** ms from a question to its answer. */
  readonly timeout: number;
  readonly logger: Logger;
  /** Default: the classifier. */
  readonly entry?: URL;
}

/** ms until a thread that died is started again. */
const RESTART_DELAY = 1_000;

const ENTRY = new URL('./model-worker.ts', import.meta.url);

/** The model in use: changed without a gap, and started again when its thread dies. */
export class ModelHost {
  readonly #options: ModelHostOptions;
  #directory: string | null = null;
  #thread: ModelThread | null = null;
  #fault: string | null = null;
  #restart: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(options: ModelHostOptions) {
    this.#options = options;
  }

  /** Hash of the model that scores; null: none does. */
  get model(): string | null {
    return this.#thread?.model ?? null;
  }

  /** Why there is no model, or why the last one that was asked for is not in use. */
  get fault(): string | null {
    return this.#fault;
  }

  /** Uses the model in this directory from now on. False if it can't be loaded: then things stay as they are. */
  async use(directory: string): Promise<boolean> {
    const started = await this.#start(directory);
    if (started === null) {
      this.#directory ??= directory;
      return false;
    }
    const previous = this.#thread;
    this.#thread = started;
    this.#directory = directory;
    await previous?.stop();
    return true;
  }

  /** Never rejects. */
  async assess(question: Question): Promise<Assessment | Unscored> {
    if (this.#thread !== null) return this.#thread.assess(question);
    return unscored(this.#directory === null ? 'missing' : 'broken');
  }

  forget(session: string): void {
    this.#thread?.forget(session);
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#restart);
    await this.#thread?.stop();
    this.#thread = null;
  }

  async #start(directory: string): Promise<ModelThread | null> {
    const { logger, timeout, entry = ENTRY } = this.#options;
    let thread: ModelThread | null = null;
    try {
      thread = await ModelThread.start({
        entry,
        directory,
        timeout,
        onDeath: () => this.#died(thread),
        onFault: (message) => logger.error({ fault: message }, 'the risk model failed'),
      });
      this.#fault = null;
      logger.info({ model: thread.model, directory }, 'risk model loaded');
    } catch (fault) {
      this.#fault = fault instanceof Error ? fault.message : String(fault);
      logger.error({ err: fault, directory }, 'the risk model can not be loaded');
    }
    if (!this.#closed) return thread;
    await thread?.stop();
    return null;
  }

  #died(thread: ModelThread | null): void {
    if (this.#closed || thread !== this.#thread) return;
    this.#thread = null;
    this.#fault = 'the thread of the model died';
    this.#restart = setTimeout(() => {
      if (this.#directory !== null && this.#thread === null) void this.use(this.#directory);
    }, RESTART_DELAY).unref();
  }
}
