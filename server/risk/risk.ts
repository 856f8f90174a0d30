/**
 * The risk model at work in one process.
 *
 *   session-watch      asked before each statement of a session runs: free where it is usual, else scored
 *   statement-things,
 *   fingerprint        what of a statement can be usual
 *   novelty            what is usual for this principal, its teams, application and database (access/habits.ts)
 *   model-host,
 *   model-thread       the model, on a thread of its own, with a time limit
 *   alarm              from scores and thresholds to what is done, and what is said
 *   risk-watches       wires one session
 *   promoted           follows the model that `postern risk promote` has put in Redis
 */
import type { Registry } from 'prom-client';
import type { ModelStore } from '../../access/model-store.ts';
import type { RiskWatches } from '../../proxy/ports.ts';
import type { RiskConfig } from '../config-risk.ts';
import { ModelHost } from './model-host.ts';
import { PromotedModel } from './promoted.ts';
import { RiskMetrics } from './risk-metrics.ts';
import { ModelWatches, type RiskWatchesParts } from './risk-watches.ts';
import { Webhook } from './webhook.ts';

export interface RiskParts extends Omit<RiskWatchesParts, 'risk' | 'model' | 'metrics' | 'webhook'> {
  readonly registry: Registry;
  readonly models: ModelStore;
}

export class Risk {
  readonly watches: RiskWatches;
  readonly #model: ModelHost;
  readonly #promoted: PromotedModel;
  readonly #webhook: Webhook | null;
  readonly #parts: RiskParts;

  constructor(config: RiskConfig, parts: RiskParts) {
    const { registry, habits, logger } = parts;
    this.#parts = parts;
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
      waiting: () => this.#webhook?.waiting ?? 0,
    });
    const { webhook: target } = config;
    this.#webhook = target && new Webhook({ target, logger, counted: (outcome) => metrics.told(outcome) });
    this.watches = new ModelWatches({
      ...parts,
      risk: config,
      model: this.#model,
      metrics,
      webhook: this.#webhook,
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
    await this.#webhook?.close();
    await this.#promoted.close();
    await this.#model.close();
    await this.#parts.habits.close();
  }
}
