import type { Logger } from '../../proxy/ports.ts';
import {
  type Assessment,
  type Inquiry,
  type Measurement,
  type ModelCard,
  type Opinion,
  type Question,
  type Sample,
  type Unscored,
  unscored,
} from './assessment.ts';
import { ModelThread } from './model-thread.ts';

export interface ModelHostOptions {
  /** ms from a question to its answer. */
  readonly timeout: number;
  readonly logger: Logger;
  /** Default: the classifier. */
  readonly entry?: URL;
}

/** ms until a thread that died is started again; and until a model that could not be loaded is tried again. */
const RESTART_DELAY = 1_000;
const RETRY_DELAY = 30_000;

const ENTRY = new URL('./model-worker.ts', import.meta.url);

/** The model in use: changed without a gap, and started again when its thread dies. */
export class ModelHost {
  readonly #options: ModelHostOptions;
  #source: string | null = null;
  #thread: ModelThread | null = null;
  #fault: string | null = null;
  #restart: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(options: ModelHostOptions) {
    this.#options = options;
  }

  /** Of the model that scores; null: none does. */
  get card(): ModelCard | null {
    return this.#thread?.card ?? null;
  }

  /** Why there is no model, or why the last one that was asked for is not in use. */
  get fault(): string | null {
    return this.#fault;
  }

  /** Uses this model, `builtin` or a folder, from now on. False if it can't be loaded: then things stay as they are. */
  async use(source: string): Promise<boolean> {
    const started = await this.#start(source);
    if (started === null) {
      this.#source ??= source;
      if (this.#thread === null) this.#startLater(RETRY_DELAY);
      return false;
    }
    const previous = this.#thread;
    this.#thread = started;
    this.#source = source;
    await previous?.retire();
    return true;
  }

  /** Never rejects. */
  async assess(question: Question): Promise<Assessment | Unscored> {
    return this.#thread?.assess(question) ?? this.#nothing();
  }

  /** Never rejects. */
  async inquire(inquiry: Inquiry): Promise<Opinion | Unscored> {
    return this.#thread?.inquire(inquiry) ?? this.#nothing();
  }

  /** Never rejects. */
  async measure(sample: Sample): Promise<Measurement | Unscored> {
    return this.#thread?.measure(sample) ?? this.#nothing();
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

  #nothing(): Unscored {
    return unscored(this.#source === null ? 'missing' : 'broken');
  }

  async #start(source: string): Promise<ModelThread | null> {
    const { logger, timeout, entry = ENTRY } = this.#options;
    let thread: ModelThread | null = null;
    try {
      thread = await ModelThread.start({
        entry,
        source,
        timeout,
        onDeath: () => this.#died(thread),
        onFault: (message) => logger.error({ fault: message }, 'the risk model failed'),
      });
      this.#fault = null;
      logger.info({ model: thread.card.model, source }, 'risk model loaded');
    } catch (fault) {
      this.#fault = fault instanceof Error ? fault.message : String(fault);
      logger.error({ err: fault, source }, 'the risk model can not be loaded');
    }
    if (!this.#closed) return thread;
    await thread?.stop();
    return null;
  }

  #died(thread: ModelThread | null): void {
    if (this.#closed || thread !== this.#thread) return;
    this.#thread = null;
    this.#fault = 'the thread of the model died';
    this.#startLater(RESTART_DELAY);
  }

  #startLater(delay: number): void {
    if (this.#closed) return;
    clearTimeout(this.#restart);
    this.#restart = setTimeout(() => {
      if (this.#source !== null && this.#thread === null) void this.use(this.#source);
    }, delay).unref();
  }
}
