import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import type { Page } from '../../bench/part.ts';
import { type Plan, QUICK } from '../../bench/plan.ts';
import { rates } from '../../bench/rates/rates.ts';
import { Results } from '../../bench/results.ts';
import { machineSetting } from '../../bench/setting.ts';

const PLAN: Plan = { ...QUICK, targets: ['direct', 'pipe'], workloads: ['select-simple-1'] };

test('the smallest run measures, and leaves its page, a plot and the front page', async (t) => {
  t.timeout(120_000);
  const directory = mkdtempSync(join(tmpdir(), 'postern-bench-test-'));
  t.teardown(() => rmSync(directory, { recursive: true }));
  const said: string[] = [];
  const pages: Page[] = [];
  for await (const page of rates.run(PLAN, (line) => said.push(line))) pages.push(page);
  t.is(pages.length, 1);
  t.is(said.length, 2);
  const results = new Results(directory, true);
  results.write(rates, machineSetting(), pages[0] as Page);
  const [report, front] = ['rates/report.md', 'report.md'].map((file) =>
    readFileSync(join(directory, file), 'utf8'),
  );
  t.regex(report as string, /^\| pipe \| [\d,]+ \| [\d,]+-[\d,]+ \| \d\.\d\d \|/m);
  t.regex(front as string, /^- \[Statements of pgbench\]\(rates\/report\.md\)/m);
  t.regex(readFileSync(join(directory, 'rates/rates.svg'), 'utf8'), /<title>pipe: /);
  const { data } = JSON.parse(readFileSync(join(directory, 'rates/results.json'), 'utf8'));
  t.true(data.rows.every((row: { tps: number }) => row.tps > 0));
  t.true(data.rows[1].user + data.rows[1].system > 0, 'the pipe uses CPU');
});
