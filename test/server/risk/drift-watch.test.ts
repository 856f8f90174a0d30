import { setTimeout as sleep } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import { pino } from 'pino';
import type { AuditEvent } from '../../../audit/events.ts';
import { LEAST_VALUES } from '../../../classifier/drift/psi.ts';
import type { Sample } from '../../../server/risk/assessment.ts';
import { Assessor } from '../../../server/risk/assessor.ts';
import { type DriftAlert, DriftWatch } from '../../../server/risk/drift-watch.ts';
import { fieldsOf } from '../../audit/lines.ts';

/** A watch over the shipped model, which is asked here without its thread. */
async function watch(t: ExecutionContext, failing: () => boolean = () => false) {
  const assessor = await Assessor.open('builtin');
  const alerts: DriftAlert[] = [];
  const samples: Sample[] = [];
  const lines: string[] = [];
  const drift = new DriftWatch({
    measure: async (sample) => {
      samples.push(sample);
      return failing() ? { kind: 'unscored', cause: 'late' } : assessor.measure(sample);
    },
    alert: (report) => alerts.push(report),
    logger: pino({}, { write: (line: string) => lines.push(line) }),
    interval: 5,
  });
  t.teardown(() => drift.close());
  return { drift, alerts, samples, lines };
}

async function until(met: () => boolean): Promise<void> {
  for (let attempt = 0; attempt < 6_000 && !met(); attempt++) await sleep(10);
  if (!met()) throw new Error('it does not come to that');
}

/** As many forms, a hundred at a time, since no more than some wait. */
async function see(drift: DriftWatch, count: number, sqlOf: (number: number) => string): Promise<void> {
  const before = drift.state.measured;
  for (let number = 0; number < count; number += 100) {
    for (let each = number; each < number + 100; each++) drift.saw(`form ${each}`, sqlOf(each), each % 4 > 0);
    await until(() => drift.state.measured >= before + number + 100);
  }
}

test('traffic of one strange kind drifts: told once, by feature, in the log and for the trail', async (t) => {
  const { drift, alerts, samples, lines } = await watch(t);
  t.is(drift.state.drifts, null);
  await see(drift, LEAST_VALUES, (number) => `grant select on t${number} to role_${number}`);
  await until(() => alerts.length > 0);
  const [alert] = alerts as [DriftAlert];
  t.true(alert.drifts.length > 0 && alert.drifts.every(({ state }) => state === 'act'));
  t.true((alert.drifts[0]?.index ?? 0) >= (alert.drifts.at(-1)?.index ?? 0));
  t.true(alert.measured >= LEAST_VALUES);
  t.true(Math.abs((drift.state.unseen ?? 0) - 0.25) < 0.01);
  t.true((drift.state.drifts ?? []).some(({ name }) => name === 'logOdds'));
  t.true(
    samples.every(({ sqls }) => sqls.length <= 10),
    'the model is kept busy for moments only',
  );
  drift.saw('one more', 'select 1', false);
  await until(() => drift.state.measured > LEAST_VALUES);
  t.is(alerts.length, 1);
  t.is(lines.filter((line) => line.includes('have drifted')).length, 1);
});

test('each form counts once, what can not be measured is left out, and there is a bound to what waits', async (t) => {
  let failing = true;
  const { drift, samples } = await watch(t, () => failing);
  for (let time = 0; time < 3; time++) drift.saw('form', 'select 1', true);
  await until(() => samples.length === 1);
  t.deepEqual(samples[0]?.sqls, ['select 1']);
  t.is(drift.state.measured, 0);
  failing = false;
  for (let number = 0; number < 1_000; number++) drift.saw(`form ${number}`, 'select 1', true);
  t.is(drift.state.seen, 201, 'the others are counted when they come again');
  await until(() => drift.state.measured === 200);
  drift.saw('long', `select '${'x'.repeat(10_000)}'`, true);
  t.is(drift.state.seen, 201);
});

test('alarms are a share of what was scored', async (t) => {
  const { drift } = await watch(t);
  t.is(drift.state.alarms, null);
  for (let number = 0; number < 10; number++) drift.scored(number === 0);
  t.is(drift.state.alarms, 0.1);
});

test('the event of an alert has a place in the trail', (t) => {
  const event: AuditEvent = {
    type: 'risk.drift',
    model: 'm',
    forms: 1_000,
    unseen: 0.5,
    alarms: null,
    drifts: [{ name: 'logOdds', index: 0.3 }],
  };
  t.regex(fieldsOf(event), /"type":"risk.drift".*"drifts":\[\{"name":"logOdds","index":0.3\}\]/);
});
