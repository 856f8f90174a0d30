/** Looks now and then at what reviewers made of alarms; the first process to see that scores are off says so, once for all. */
import type { VerdictBook } from '../../access/verdict-book.ts';
import type { Logger } from '../../proxy/ports.ts';
import { type AlarmCause, type Calibration, calibrations, type LaterAlarms } from './calibration.ts';

export interface CalibrationAlert extends LaterAlarms {
  readonly model: string;
  readonly cause: AlarmCause;
}

export interface CalibrationWatchOptions {
  readonly verdicts: Pick<VerdictBook, 'read' | 'beginAlert' | 'endAlert'>;
  /** Hash of the model in use; null: there is none. */
  readonly model: () => string | null;
  /** Called by one process of all, and again only after it was well. */
  readonly alert: (report: CalibrationAlert) => void;
  readonly logger: Logger;
  /** ms between looks. */
  readonly interval?: number;
}

const INTERVAL = 30_000;

export class CalibrationWatch {
  readonly #options: CalibrationWatchOptions;
  readonly #timer: NodeJS.Timeout;
  #state: readonly Calibration[] = [];
  /** Whether scores were off when this process looked last, and that was seen to: by model and cause. */
  readonly #seenTo = new Map<string, boolean>();
  #looking: Promise<void> | null = null;

  constructor(options: CalibrationWatchOptions) {
    this.#options = options;
    this.#timer = setInterval(() => {
      this.#looking ??= this.#look().finally(() => {
        this.#looking = null;
      });
    }, options.interval ?? INTERVAL).unref();
  }

  /** Of the model in use, as of the last look. */
  get state(): readonly Calibration[] {
    return this.#state;
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#looking;
  }

  /** Without Redis things stay as they were last read. */
  async #look(): Promise<void> {
    const model = this.#options.model();
    try {
      this.#state = model === null ? [] : calibrations(await this.#options.verdicts.read(model));
      if (model === null) return;
      for (const { cause, later } of this.#state) if (later !== null) await this.#judge(model, cause, later);
    } catch (fault) {
      this.#options.logger.warn({ err: fault }, 'what reviewers made of alarms can not be read');
    }
  }

  async #judge(model: string, cause: AlarmCause, later: LaterAlarms): Promise<void> {
    const { verdicts, alert, logger } = this.#options;
    const what = `${model} ${cause}`;
    if (this.#seenTo.get(what) === later.differs) return;
    const tell = later.differs && (await verdicts.beginAlert(model, cause));
    if (!later.differs) await verdicts.endAlert(model, cause);
    this.#seenTo.set(what, later.differs);
    if (!tell) return;
    const report = { model, cause, ...later };
    logger.warn(report, 'alarms turn out otherwise than their scores promise');
    alert(report);
  }
}
