import test from 'ava';
import { cpuSeconds, memoryMiB } from '../../bench/figures/process-usage.ts';
import { median, quantile, spread } from '../../bench/figures/statistics.ts';
import { isMet } from '../../bench/part.ts';
import { bars } from '../../bench/plots/bars.ts';
import { linear, logarithmic, short } from '../../bench/plots/scale.ts';
import { rateMarks } from '../../bench/rates/marks.ts';
import type { Sample } from '../../bench/rates/measure.ts';
import { summarise } from '../../bench/rates/summary.ts';

const sample = (target: string, round: number, tps: number, p50 = 1): Sample => ({
  workload: 'select-prepared-8',
  target,
  round,
  tps,
  operations: tps,
  latency: { mean: 1, p50, p95: 2, p99: 3 },
  user: 4 * round,
  system: 6 * round,
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
  t.like(rows[1], { tps: 55, lowest: 50, highest: 600, toDirect: 0.55, user: 8, system: 12 });
  t.true(Number.isNaN(rows[1]?.toPgbouncer));
});

test('what is added is over direct in the same round, and marks compare with it', (t) => {
  const samples = [
    ...[sample('direct', 1, 100, 1), sample('pgbouncer', 1, 80, 1.1), sample('postern-model', 1, 60, 1.4)],
    ...[sample('direct', 2, 100, 5), sample('pgbouncer', 2, 80, 5.1), sample('postern-model', 2, 60, 5.4)],
  ].map((each) => ({ ...each, workload: 'select-prepared-1' }));
  const rows = summarise(samples, ['direct', 'pgbouncer', 'postern-model']);
  t.deepEqual(
    rows.map(({ added }) => Number(added.p50.toFixed(3))),
    [0, 0.1, 0.4],
  );
  const [mark, ...others] = rateMarks(rows);
  t.deepEqual(others, []);
  t.is(mark?.measured?.toFixed(2), '4.00');
  t.false(mark && isMet(mark));
  t.is(isMet({ subject: '', relation: 'at least', asked: 1, measured: null, unit: '' }), null);
});

test('axes begin and end with round numbers around the values', (t) => {
  const span = { from: 0, to: 100 };
  const even = linear([3, 17], span);
  t.deepEqual(even.ticks, [0, 5, 10, 15, 20]);
  t.is(even.at(10), 50);
  t.deepEqual(logarithmic([100, 1_000_000], span).ticks, [100, 1_000, 10_000, 100_000, 1_000_000]);
  t.deepEqual(logarithmic([1, 64], span).ticks, [1, 2, 5, 10, 20, 50, 100]);
  t.deepEqual([short(0.05), short(1500), short(20_000), short(2.5e6)], ['0.05', '1,500', '20 k', '2.5 M']);
});

test('the bars are one for each row, as long as the value, and text is escaped', (t) => {
  const svg = bars({
    title: 'a < b',
    label: '',
    groups: [{ title: 'one', bars: ['direct', 'postern'].map((series, n) => ({ series, value: 2 - n })) }],
  });
  const widths = [...svg.matchAll(/<rect x="150"[^>]* width="([\d.]+)"/g)].map((match) => Number(match[1]));
  t.is(widths.length, 2);
  t.is(widths[0], 2 * (widths[1] ?? 0));
  t.true(svg.includes('a &lt; b'));
});

test('a process uses memory and time', (t) => {
  for (const end = Date.now() + 100; Date.now() < end; );
  t.true(cpuSeconds(process.pid) > 0.05);
  t.true(memoryMiB(process.pid) > 10);
});
