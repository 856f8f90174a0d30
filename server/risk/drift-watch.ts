/**
 * How far what comes by has moved from what the model was trained on, measured as it comes: each form of statement once, a
 * few at a time, when the model has nothing else to do.
 */
import type { Drift } from '../../classifier/drift/reference.ts';
import type { Logger } from '../../proxy/ports.ts';
import type { Measurement, Sample, Unscored } from './assessment.ts';

export interface DriftWatchOptions {
  readonly measure: (sample: Sample) => Promise<Measurement | Unscored>;
  /** Called once when features have drifted so far that something has to be done, and again only after they had not. */
  readonly alert: (report: DriftAlert) => void;
  readonly logger: Logger;
  /** ms between measurements. */
  readonly interval?: number;
}

/** What a process knows of drift; shares are of the window, null: nothing there yet. */
export interface DriftState {
  /** Forms of statements that were measured, and those seen. */
  readonly measured: number;
  readonly seen: number;
  /** Of the forms, those that were unusual when they came first. */
  readonly unseen: number | null;
  /** Of the statements that were scored, those with an alarm. */
  readonly alarms: number | null;
  /** null: too few forms to tell. */
  readonly drifts: readonly Drift[] | null;
}

export interface DriftAlert extends DriftState {
  readonly model: string;
  /** Those to be acted on, the most drifted first. */
  readonly drifts: readonly Drift[];
}

/** Forms in half of the window. */
const HALF = 2_000;
const MOST_PENDING = 200;
/** A model that measures these is busy for some milliseconds. */
const AT_A_TIME = 10;
/** UTF-16 units; longer texts are rare, and take long. */
const LONGEST = 8_192;
const INTERVAL = 10_000;

/** Half of the window. */
interface Half {
  readonly forms: Set<string>;
  unseen: number;
  scored: number;
  alarms: number;
}

const emptyHalf = (): Half => ({ forms: new Set(), unseen: 0, scored: 0, alarms: 0 });

export class DriftWatch {
  readonly #options: DriftWatchOptions;
  readonly #timer: NodeJS.Timeout;
  #older = emptyHalf();
  #newer = emptyHalf();
  #pending: string[] = [];
  /** The next sample begins a new half. */
  #turn = false;
  #last: Measurement | null = null;
  #alerted = false;
  #measuring: Promise<void> | null = null;

  constructor(options: DriftWatchOptions) {
    this.#options = options;
    this.#timer = setInterval(() => {
      this.#measuring ??= this.#measure().finally(() => {
        this.#measuring = null;
      });
    }, options.interval ?? INTERVAL).unref();
  }

  get state(): DriftState {
    const [older, newer] = [this.#older, this.#newer];
    const seen = older.forms.size + newer.forms.size;
    const scored = older.scored + newer.scored;
    return {
      measured: this.#last?.statements ?? 0,
      seen,
      unseen: seen === 0 ? null : (older.unseen + newer.unseen) / seen,
      alarms: scored === 0 ? null : (older.alarms + newer.alarms) / scored,
      drifts: this.#last?.drifts ?? null,
    };
  }

  /** A session has a form of statement that it did not have before. Costs a look at a set. */
  saw(form: string, sql: string, usual: boolean): void {
    if (this.#newer.forms.has(form) || this.#older.forms.has(form)) return;
    if (this.#pending.length >= MOST_PENDING || sql.length > LONGEST) return;
    this.#newer.forms.add(form);
    if (!usual) this.#newer.unseen++;
    this.#pending.push(sql);
    if (this.#newer.forms.size < HALF) return;
    this.#older = this.#newer;
    this.#newer = emptyHalf();
    this.#turn = true;
  }

  scored(alarmed: boolean): void {
    this.#newer.scored++;
    if (alarmed) this.#newer.alarms++;
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#measuring;
  }

  /** What can't be measured now is left out: others come. */
  async #measure(): Promise<void> {
    const sqls = this.#pending;
    this.#pending = [];
    for (let from = 0; from < sqls.length; from += AT_A_TIME) {
      const last = from + AT_A_TIME >= sqls.length;
      const turn = last && this.#turn;
      const answer = await this.#options.measure({ sqls: sqls.slice(from, from + AT_A_TIME), turn });
      if (answer.kind !== 'measured') continue;
      if (turn) this.#turn = false;
      this.#last = answer;
    }
    this.#judge();
  }

  #judge(): void {
    const drifts = this.#last?.drifts?.filter(({ state }) => state === 'act') ?? [];
    if (drifts.length > 0 && !this.#alerted && this.#last !== null) {
      const report = { ...this.state, model: this.#last.model, drifts };
      this.#options.logger.warn(
        { model: report.model, forms: report.measured, drifts: drifts.slice(0, 10) },
        'statements have drifted from those the risk model was trained on',
      );
      this.#options.alert(report);
    }
    this.#alerted = drifts.length > 0;
  }
}
