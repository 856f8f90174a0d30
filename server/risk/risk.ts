/**
 * The risk model at work in one process.
 *
 *   session-watch      asked before each statement of a session runs: free where it is usual, else scored
 *   statement-things,
 *   fingerprint        what of a statement can be usual
 *   novelty            what is usual for this principal, its teams, application and database (access/habits.ts)
 *   model-host,
 *   model-thread       the model, on a thread of its own, with a time limit
 *   touched-classes    what of it the policy takes for personal and the like
 *   alarm              from scores and thresholds to what is done, and what is said
 *   risk-watches       wires one session
 *   promoted           follows the model that `postern risk promote` has put in Redis
 *   drift-watch        how far statements have moved from what the model was trained on
 *   calibration,
 *   calibration-watch  whether alarms turn out as their scores promise
 */
import { randomUUID } from 'node:crypto';
import type { Registry } from 'prom-client';
import type { ModelStore } from '../../access/model-store.ts';
import type { VerdictBook } from '../../access/verdict-book.ts';
import type { AuditEvent } from '../../audit/events.ts';
import type { Logger, RiskWatches } from '../../proxy/ports.ts';
import type { RiskConfig } from '../config-risk.ts';
import { PolicySource } from '../policy/policy-source.ts';
import { type CalibrationAlert, CalibrationWatch } from './calibration-watch.ts';
import { type DriftAlert, DriftWatch } from './drift-watch.ts';
import { ModelHost } from './model-host.ts';
import { PromotedModel } from './promoted.ts';
import { RiskMetrics } from './risk-metrics.ts';
import { ModelWatches, type RiskWatchesParts } from './risk-watches.ts';
import { TouchedClasses } from './touched-classes.ts';

type DriftEvent = Extract<AuditEvent, { type: 'risk.drift' }>;

export interface RiskParts
  extends Omit<RiskWatchesParts, 'risk' | 'model' | 'metrics' | 'drift' | 'classes'> {
  /** The policy's file, for what it says of data; null: there is none. */
  readonly policy: string | null;
  readonly registry: Registry;
  readonly models: ModelStore;
  readonly verdicts: VerdictBook;
}

export class Risk {
  readonly watches: RiskWatches;
  readonly #model: ModelHost;
  readonly #promoted: PromotedModel;
  readonly #drift: DriftWatch;
  readonly #calibration: CalibrationWatch;
  readonly #policy: PolicySource;
  readonly #parts: RiskParts;

  constructor(config: RiskConfig, parts: RiskParts) {
    const { registry, habits, logger } = parts;
    this.#parts = parts;
    this.#policy = policyOf(parts.policy, logger);
    this.#model = new ModelHost({ timeout: config.timeout, logger });
    this.#promoted = new PromotedModel({
      store: parts.models,
      model: this.#model,
      configured: config.model,
      logger,
    });
    const metrics = new RiskMetrics(registry, {
      modelReady: () => this.ready,
      habitsReady: () => habits.reachable,
      drift: () => this.#drift.state,
      calibrations: () => this.#calibration.state,
    });
    this.#drift = new DriftWatch({
      measure: (sample) => this.#model.measure(sample),
      alert: (report) => this.#tellDrift(report),
      logger,
    });
    this.#calibration = new CalibrationWatch({
      verdicts: parts.verdicts,
      model: () => this.#model.card?.model ?? null,
      alert: (report) => this.#tellCalibration(report),
      logger,
    });
    this.watches = new ModelWatches({
      ...parts,
      risk: config,
      model: this.#model,
      metrics,
      drift: this.#drift,
      classes: new TouchedClasses(() => this.#policy.current.dataClasses),
    });
  }

  /** There is a model to score with. */
  get ready(): boolean {
    return this.#model.card !== null;
  }

  /** Loads the model. Without one, the configuration says what becomes of unusual statements. */
  async start(): Promise<void> {
    await this.#promoted.start();
  }

  async close(): Promise<void> {
    this.#policy.close();
    await this.#drift.close();
    await this.#calibration.close();
    await this.#promoted.close();
    await this.#model.close();
    await this.#parts.habits.close();
  }

  #tellDrift({ model, measured, unseen, alarms, drifts }: DriftAlert): void {
    const told = drifts.slice(0, MOST_DRIFTS).map(({ name, index }) => ({ name, index: rounded(index) }));
    this.#tell({ model, forms: measured, unseen, alarms, drifts: told });
  }

  #tellCalibration({ model, cause, sessions, observed, expected }: CalibrationAlert): void {
    const { measured, unseen, alarms } = this.#drift.state;
    const calibration = { cause, sessions, observed: rounded(observed), expected: rounded(expected) };
    this.#tell({ model, forms: measured, unseen, alarms, drifts: [], calibration });
  }

  #tell(report: Omit<DriftEvent, 'type'>): void {
    this.#parts.record({ type: 'risk.drift', ...report });
    const timestamp = new Date().toISOString();
    const id = `drift-${randomUUID()}`;
    this.#parts.tell({ id, type: 'risk.drift', timestamp, about: report.model, data: report });
  }
}

/** What is wrong with the file, those say who decide by it; here it only tells classes of data, and nobody is kept out. */
function policyOf(file: string | null, logger: Logger): PolicySource {
  const news = { taken: () => {}, refused: () => {} };
  try {
    return new PolicySource(file, news);
  } catch (fault) {
    logger.warn(
      { err: fault, file },
      'without the policy file the risk model goes by names of personal data',
    );
    return new PolicySource(null, news);
  }
}

/** Features that are named in an alert. */
const MOST_DRIFTS = 10;
const rounded = (value: number): number => Math.round(value * 1000) / 1000;
