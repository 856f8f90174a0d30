/** What Postern has added to statements over time: the histogram of all workers, read again and again. */

export interface LatencyBookOptions {
  /** Prometheus text with the histogram. */
  readonly metrics: () => Promise<string>;
  /** ms between readings. */
  readonly every?: number;
  /** ms between those that are kept at least; default: the same. */
  readonly apart?: number;
  readonly now?: () => number;
}

/** Seconds, of the exchanges that were measured in a stretch of time. */
export interface Latency {
  /** End of the stretch, ISO 8601 UTC. */
  readonly at: string;
  readonly measured: number;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
}

/** Counts of what took at most so many seconds, by that bound as Prometheus writes it. */
type Buckets = ReadonlyMap<string, number>;

interface Reading {
  /** Unix ms. */
  readonly at: number;
  readonly buckets: Buckets;
}

const EVERY = 15_000;
/** ms: what was read for somebody who asks up to now is read a moment later. */
const GRACE = 5_000;
/** A day. */
const MOST_READINGS = (24 * 60 * 60 * 1000) / EVERY;
const BUCKET = /^postern_added_seconds_bucket\{[^}]*le="([^"]+)"[^}]*\} (\d+)/gm;

export class LatencyBook {
  readonly #options: LatencyBookOptions;
  readonly #timer: NodeJS.Timeout;
  #readings: Reading[];

  constructor(options: LatencyBookOptions) {
    this.#options = options;
    const { now = Date.now } = options;
    this.#readings = [{ at: now(), buckets: new Map() }]; // it begins with the process, which counts from none
    this.#timer = setInterval(() => void this.read().catch(() => undefined), options.every ?? EVERY);
    this.#timer.unref();
  }

  /** So that what happened just now is there, too. Rejects where the metrics can't be read. */
  async read(): Promise<void> {
    const { metrics, now = Date.now, every = EVERY, apart = every } = this.#options;
    const buckets = bucketsIn(await metrics());
    const reading = { at: now(), buckets };
    const [other, last] = [this.#readings.at(-2), this.#readings.at(-1)];
    if (last && other && last.at - other.at < apart) this.#readings.pop();
    this.#readings.push(reading);
    if (this.#readings.length > MOST_READINGS) this.#readings = this.#readings.slice(-MOST_READINGS);
  }

  /** Stretches of so many ms from `from` to `to` (Unix ms), without those in which nothing was measured or read. */
  latencies({ from, to, stretch }: { from: number; to: number; stretch: number }): readonly Latency[] {
    const all: Latency[] = [];
    let before = this.#readings.findLast(({ at }) => at < from) ?? this.#readings[0];
    for (let start = from; start < to; start += stretch) {
      const end = Math.min(start + stretch, to);
      const until = end === to ? to + GRACE : end;
      const last = this.#readings.findLast(({ at }) => at >= start && at < until);
      if (last === undefined || before === undefined) continue;
      const latency = latencyOf(before.buckets, last.buckets, end);
      if (latency !== null) all.push(latency);
      before = last;
    }
    return all;
  }

  close(): void {
    clearInterval(this.#timer);
  }
}

/** All workers' together. */
function bucketsIn(text: string): Buckets {
  const buckets = new Map<string, number>();
  for (const [, bound = '', count] of text.matchAll(BUCKET))
    buckets.set(bound, (buckets.get(bound) ?? 0) + Number(count));
  return buckets;
}

/** null: nothing was measured. A worker that was started again counts from none. */
function latencyOf(before: Buckets, after: Buckets, end: number): Latency | null {
  const restarted = [...after].some(([bound, count]) => count < (before.get(bound) ?? 0));
  const counts = [...after].map(
    ([bound, count]) =>
      [
        Number(bound.replace('+Inf', 'Infinity')),
        count - (restarted ? 0 : (before.get(bound) ?? 0)),
      ] as const,
  );
  const measured = Math.max(0, ...counts.map(([, count]) => count));
  if (measured === 0) return null;
  const [p50, p95, p99] = [0.5, 0.95, 0.99].map((share) => quantile(counts, share * measured)) as [
    number,
    number,
    number,
  ];
  return { at: new Date(end).toISOString(), measured, p50, p95, p99 };
}

/** As `histogram_quantile` of Prometheus has it: as if what is in a bucket were spread evenly. */
function quantile(counts: readonly (readonly [bound: number, count: number])[], rank: number): number {
  let [low, below] = [0, 0];
  for (const [bound, count] of counts.toSorted(([one], [other]) => one - other)) {
    if (count >= rank)
      return bound === Infinity ? low : low + ((bound - low) * (rank - below)) / (count - below);
    [low, below] = [bound, count];
  }
  return low;
}
