import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { RiskAction } from './alarm.ts';
import type { UnscoredCause } from './assessment.ts';
import type { Calibration } from './calibration.ts';
import type { DriftState } from './drift-watch.ts';

/** Bucket bounds in seconds. */
const BUCKETS = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.05, 0.1, 0.5, 1];
/** Bucket bounds of scores: their shift is a sign of drift. */
const SCORES = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99, 1];

/** What a node does about risk. */
export class RiskMetrics {
  readonly #runs: Histogram;
  readonly #scores: Histogram;
  readonly #alarms: Counter<'action'>;
  readonly #unscored: Counter<'cause'>;
  readonly #looks: Counter<'answer'>;

  constructor(
    registry: Registry,
    state: {
      readonly modelReady: () => boolean;
      readonly habitsReady: () => boolean;
      readonly drift: () => DriftState;
      readonly calibrations: () => readonly Calibration[];
    },
  ) {
    const registers = [registry];
    this.#runs = new Histogram({
      name: 'postern_risk_seconds',
      help: 'Time a statement waited for its score. Its count is the number of runs of the model.',
      buckets: BUCKETS,
      registers,
    });
    this.#scores = new Histogram({
      name: 'postern_risk_score',
      help: 'Scores of unusual statements by themselves.',
      buckets: SCORES,
      registers,
    });
    this.#alarms = new Counter({
      name: 'postern_risk_alarms_total',
      help: 'Unusual statements that were flagged, held, or ended their session.',
      labelNames: ['action'],
      registers,
    });
    this.#unscored = new Counter({
      name: 'postern_risk_unscored_total',
      help: 'Unusual statements without a score, by cause.',
      labelNames: ['cause'],
      registers,
    });
    this.#looks = new Counter({
      name: 'postern_risk_looks_total',
      help: 'Statements that a session had not sent before, by whether they are usual.',
      labelNames: ['answer'],
      registers,
    });
    driftGauges(registry, state.drift);
    calibrationGauges(registry, state.calibrations);
    gauge(registry, 'postern_risk_model_ready', '1: there is a model to score with.', state.modelReady);
    gauge(registry, 'postern_risk_habits_ready', '1: habits can be read and written.', state.habitsReady);
  }

  looked(answer: 'usual' | 'unusual'): void {
    this.#looks.inc({ answer });
  }

  scored(score: number, seconds: number): void {
    this.#runs.observe(seconds);
    this.#scores.observe(score);
  }

  unscored(cause: UnscoredCause): void {
    this.#unscored.inc({ cause });
  }

  alarmed(action: RiskAction): void {
    this.#alarms.inc({ action });
  }
}

/** Of a node, the most that one of its processes has. */
function driftGauges(registry: Registry, drift: () => DriftState): void {
  new Gauge({
    name: 'postern_risk_drift',
    help: 'Population stability index of statements by feature, and of the score (logOdds): 0.1 is to be watched, 0.25 to be acted on.',
    labelNames: ['feature'],
    aggregator: 'max',
    registers: [registry],
    collect() {
      this.reset();
      for (const { name, index } of drift().drifts ?? []) this.set({ feature: name }, index);
    },
  });
  const single = (name: string, help: string, value: (state: DriftState) => number | null): void => {
    new Gauge({
      name,
      help,
      aggregator: 'max',
      registers: [registry],
      collect() {
        this.set(value(drift()) ?? 0);
      },
    });
  };
  single(
    'postern_risk_drift_forms',
    'Forms of statements that drift is told from.',
    (state) => state.measured,
  );
  single(
    'postern_risk_unseen_share',
    'Of the last forms of statements, the share that was unusual when it came first.',
    ({ unseen }) => unseen,
  );
  single(
    'postern_risk_alarm_share',
    'Of the last statements that were scored, the share with an alarm.',
    ({ alarms }) => alarms,
  );
}

/** The same in all processes, but for who has looked last. */
function calibrationGauges(registry: Registry, calibrations: () => readonly Calibration[]): void {
  const gauges = <Label extends string>(
    name: string,
    help: string,
    label: Label,
    values: (of: Calibration) => Readonly<Record<string, number>>,
  ): void => {
    new Gauge({
      name,
      help,
      labelNames: ['cause', label],
      aggregator: 'max',
      registers: [registry],
      collect() {
        this.reset();
        for (const each of calibrations())
          for (const [what, value] of Object.entries(values(each)))
            this.set({ cause: each.cause, [label]: what } as Record<'cause' | Label, string>, value);
      },
    });
  };
  gauges(
    'postern_risk_verdicts',
    "Of the model's last alarms, those that reviewers have called true and false.",
    'verdict',
    ({ judged, true: bad }) => ({ true: bad, false: judged - bad }),
  );
  gauges(
    'postern_risk_calibration',
    'Of the later sessions with judged alarms: the share of true alarms (observed), what the scores promise (expected), and how far these are apart by score (error).',
    'value',
    ({ later }): Readonly<Record<string, number>> => {
      if (later === null) return {};
      const { observed, expected, error } = later;
      return { observed, expected, ...(error !== null && { error }) };
    },
  );
}

/** Of a node, the worst of its processes. */
function gauge(registry: Registry, name: string, help: string, value: () => boolean): void {
  new Gauge({
    name,
    help,
    aggregator: 'min',
    registers: [registry],
    collect() {
      this.set(value() ? 1 : 0);
    },
  });
}
