import test from 'ava';
import { bars } from '../../bench/plots/bars.ts';
import type { Sample } from '../../bench/rates/measure.ts';
import { cpuSeconds, memoryMiB } from '../../bench/process-usage.ts';
import { median, quantile, spread } from '../../bench/statistics.ts';
import { summarise } from '../../bench/rates/summary.ts';
import { WORKLOADS } from '../../bench/rates/workloads.ts';

const sample = (target: string, round: number, tps: number): Sample => ({
  workload: 'select-prepared-8',
  target,
  round,
  tps,
  transactions: tps,
  latency: { mean: 1, p50: 1, p95: 2, p99: 3 },
  cpuPerTransaction: 10 * round,
  memoryMiB: 50,
});

test('medians, quantiles and spread', (t) => {
  t.is(median([5, 1, 3]), 3);
  t.is(median([4, 1, 3, 2]), 2.5);
  t.deepEqual([quantile([3, 1, 2], 0), quantile([3, 1, 2], 0.5), quantile([3, 1, 2], 1)], [1, 2, 3]);
  t.is(spread([90, 100, 130]), 0.3);
  t.true(Number.isNaN(quantile([], 0.5)) && Number.isNaN(median([])));
});

test('ratios are taken within a round, and rows stand in the order of the targets', (t) => {
  const samples = [
    sample('postern', 1, 50),
    sample('direct', 1, 100),
    sample('direct', 2, 1000),
    sample('postern', 2, 600),
    sample('postern', 3, 55),
    sample('direct', 3, 100),
  ];
  const rows = summarise(samples, ['direct', 'pgbouncer', 'postern']);
  t.deepEqual(
    rows.map((row) => row.target),
    ['direct', 'postern'],
  );
  t.like(rows[1], { tps: 55, toDirect: 0.55, cpuPerTransaction: 20 });
  t.true(Number.isNaN(rows[1]?.toPgbouncer));
});

test('the bars are one for each row, as long as the ratio', (t) => {
  const rows = summarise([sample('direct', 1, 100), sample('postern', 1, 50)], ['direct', 'postern']);
  const svg = bars(
    WORKLOADS.filter(({ name }) => name === 'select-prepared-8'),
    rows,
  );
  const widths = [...svg.matchAll(/<rect x="200"[^>]* width="([\d.]+)"/g)].map((match) => Number(match[1]));
  t.is(widths.length, 2);
  t.true(Math.abs((widths[0] ?? 0) - 2 * (widths[1] ?? 0)) < 0.2);
});

test('a process uses memory and time', (t) => {
  for (const end = Date.now() + 100; Date.now() < end; );
  t.true(cpuSeconds(process.pid) > 0.05);
  t.true(memoryMiB(process.pid) > 10);
});
