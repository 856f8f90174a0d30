/** What a score costs on this machine: features and score of one statement, one thread. */
import type { Scorer } from '../scorer.ts';

export interface Latency {
  readonly statements: number;
  /** Microseconds. */
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  /** The same without the reasons. */
  readonly withoutReasonsP99: number;
}

/** Of each statement the fastest run counts: what else the machine does is not told. */
const RUNS = 5;

/** After one round that is not counted, so that what is measured has been compiled. */
export function measureLatency(scorer: Scorer, sqls: readonly string[], most = 2000): Latency {
  const step = Math.max(1, Math.floor(sqls.length / most));
  const sample = sqls.filter((_, index) => index % step === 0).slice(0, most);
  const timed = (run: (sql: string) => void): Float64Array => {
    const fastest = new Float64Array(sample.length).fill(Number.POSITIVE_INFINITY);
    for (const sql of sample) run(sql);
    for (let round = 0; round < RUNS; round++)
      for (const [at, sql] of sample.entries()) {
        const before = process.hrtime.bigint();
        run(sql);
        const taken = Number(process.hrtime.bigint() - before) / 1000;
        fastest[at] = Math.min(fastest[at] as number, taken);
      }
    return fastest.sort();
  };
  const whole = timed((sql) => scorer.score({ sql }));
  const bare = timed((sql) => scorer.textLogOdds(scorer.facts(sql)));
  const at = (times: Float64Array, share: number) => times[Math.floor(share * times.length)] ?? 0;
  return {
    statements: sample.length,
    p50: at(whole, 0.5),
    p95: at(whole, 0.95),
    p99: at(whole, 0.99),
    withoutReasonsP99: at(bare, 0.99),
  };
}
