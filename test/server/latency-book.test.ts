import test from 'ava';
import { LatencyBook } from '../../server/latency-book.ts';
import { ProxyMetrics } from '../../server/metrics.ts';

/** What took at most 1 ms, 10 ms, and any time, by each worker. */
const text = (...workers: readonly (readonly [number, number, number])[]): string =>
  workers
    .flatMap((counts) =>
      ['0.001', '0.01', '+Inf'].map(
        (bound, i) => `postern_added_seconds_bucket{le="${bound}",app="a"} ${counts[i]}`,
      ),
    )
    .concat('postern_added_seconds_sum 1', 'other_bucket{le="0.001"} 99')
    .join('\n');

async function read(readings: readonly (readonly [at: number, metrics: string])[]) {
  let [at, metrics] = [0, ''];
  const book = new LatencyBook({ metrics: async () => metrics, every: 3_600_000, apart: 0, now: () => at });
  for (const reading of readings) {
    [at, metrics] = reading;
    await book.read();
  }
  book.close();
  return book;
}

test('quantiles of what was measured in a stretch, by all workers together', async (t) => {
  const book = await read([
    [0, text([100, 100, 100], [0, 0, 0])],
    [10, text([150, 200, 200], [0, 0, 0])],
    [20, text([150, 200, 200], [50, 50, 50])],
  ]);
  const [all, ...more] = book.latencies({ from: 1, to: 21, stretch: 20 });
  t.deepEqual(more, []);
  t.like(all, { at: new Date(21).toISOString(), measured: 150 });
  t.is(book.latencies({ from: 1, to: 19, stretch: 18 })[0]?.measured, 150, 'also what is read just now');
  const micros = [all?.p50, all?.p95, all?.p99].map((seconds) => Math.round(Number(seconds) * 1e6));
  t.deepEqual(micros, [750, 8_650, 9_730]);
});

test('stretches in which nothing was measured are left out; a worker that began again counts from none', async (t) => {
  const book = await read([
    [0, text([100, 100, 100])],
    [10, text([100, 100, 100])],
    [20, text([4, 4, 4])],
    [30, text([4, 4, 5])],
  ]);
  const all = book.latencies({ from: 1, to: 41, stretch: 10 });
  t.deepEqual(
    all.map(({ at, measured }) => [Date.parse(at), measured]),
    [
      [21, 4],
      [31, 1],
    ],
  );
  t.is(all[0]?.p50, 0.0005);
  t.is(all[1]?.p99, 0.01, 'of what took longer than the last bound, the bound is known');
});

test('it reads what the metrics of a process say', async (t) => {
  const metrics = new ProxyMetrics();
  let at = 0;
  const book = new LatencyBook({
    metrics: () => metrics.registry.metrics(),
    every: 3_600_000,
    now: () => at,
  });
  await book.read();
  for (let i = 0; i < 10; i++) metrics.added(0.0004);
  at = 10;
  await book.read();
  book.close();
  const [all] = book.latencies({ from: 1, to: 11, stretch: 10 });
  t.is(all?.measured, 10);
  t.true(Number(all?.p99) > 0.0001 && Number(all?.p99) <= 0.0005);
});
