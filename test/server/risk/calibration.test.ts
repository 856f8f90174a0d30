import { setTimeout as sleep } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { type JudgedScore, MOST_JUDGED } from '../../../access/verdict-book.ts';
import { calibrations } from '../../../server/risk/calibration.ts';
import { type CalibrationAlert, CalibrationWatch } from '../../../server/risk/calibration-watch.ts';
import { RiskMetrics } from '../../../server/risk/risk-metrics.ts';
import { Fixture } from '../../access/fixture.ts';
import { fieldsOf } from '../../audit/lines.ts';

let fixture: Fixture;
test.before(async () => {
  fixture = await Fixture.start();
});
test.after.always(() => fixture?.stop());

/** Of a session of its own. */
const judged = (number: number, bad: boolean, more: Partial<JudgedScore> = {}): JudgedScore => ({
  model: 'm',
  alarm: `s${number}-1`,
  session: `s${number}`,
  cause: 'statement',
  score: 0.9,
  at: number,
  bad,
  ...more,
});

const many = (count: number, of: (number: number) => JudgedScore): readonly JudgedScore[] =>
  Array.from({ length: count }, (_, number) => of(number));

test('alarms that are true more rarely than their scores say, but always as rarely, are as expected', (t) => {
  const [found] = calibrations(many(200, (number) => judged(number, number % 5 === 0)));
  t.like(found, { cause: 'statement', judged: 200, true: 40 });
  t.like(found?.later, { sessions: 100, observed: 0.2, differs: false });
  t.true(Math.abs((found?.later?.expected ?? 0) - 0.2) < 1e-6, 'attacks are rarer than in training');
  t.true((found?.later?.error ?? 1) < 1e-6);
});

test('more of them are true where their scores are higher, and that is no difference', (t) => {
  // Odds of 1:1 and 9:1 at a base rate that makes each of them a ninth: 1:9 and 1:1.
  const later = (number: number) => judged(number, number % 2 === 0, { score: 0.9 });
  const before = (number: number) => judged(number, number % 10 === 0, { score: 0.5 });
  const [fair] = calibrations(many(200, (number) => (number < 100 ? before : later)(number)));
  t.like(fair?.later, { observed: 0.5, differs: false });
  t.true(Math.abs((fair?.later?.expected ?? 0) - 0.5) < 1e-6);
  const same = (number: number) => judged(number, number % 10 === 0, { score: 0.9 });
  const [off] = calibrations(many(200, (number) => (number < 100 ? same : later)(number)));
  t.like(off?.later, { observed: 0.5, differs: true });
  t.true((off?.later?.error ?? 0) > 0.3);
});

test('too few tell nothing, alarms of one session are one story, and each score is told by itself', (t) => {
  t.is(calibrations(many(39, (number) => judged(number, number < 20)))[0]?.later, null);
  t.like(calibrations(many(40, (number) => judged(number, number < 20)))[0]?.later, {
    observed: 0,
    differs: true,
    error: null,
  });
  const oneSession = many(60, (number) =>
    judged(number, number < 30, number < 30 ? {} : { session: 'of one burst', alarm: `b-${number}` }),
  );
  t.is(calibrations(oneSession)[0]?.later, null);
  const both = many(80, (number) =>
    judged(number, number < 40, { cause: number % 2 === 0 ? 'session' : 'statement' }),
  );
  t.deepEqual(
    calibrations(both).map(({ cause, judged }) => ({ cause, judged })),
    [
      { cause: 'statement', judged: 40 },
      { cause: 'session', judged: 40 },
    ],
  );
});

test('scores of 0 and 1, all true and none true, come to numbers', (t) => {
  for (const bad of [true, false])
    for (const score of [0, 1]) {
      const [found] = calibrations(many(100, (number) => judged(number, bad, { score })));
      t.like(found?.later, { observed: Number(bad), differs: false });
      t.true(Math.abs((found?.later?.expected ?? -1) - Number(bad)) < 1e-3);
    }
});

test('of an alarm the last word is kept, of a model the last alarms, and of strangers nothing', async (t) => {
  const { verdicts } = fixture.process();
  const model = 'kept';
  for (const verdict of many(MOST_JUDGED + 5, (number) => judged(number, true, { model })))
    await verdicts.judge(verdict);
  await verdicts.judge(judged(200, false, { model }));
  await verdicts.judge(judged(0, false, { model }));
  const kept = await verdicts.read(model);
  t.is(kept.length, MOST_JUDGED);
  t.deepEqual(
    kept.filter(({ bad }) => !bad).map(({ at }) => at),
    [200],
  );
  t.is(Math.min(...kept.map(({ at }) => at)), 5);
  const scores = `postern:{risk:${model}}:verdicts:scores`;
  const stored = Object.entries(await fixture.client.hgetall(scores));
  const [alarm, entry] = stored.find(([, text]) => text.includes('"bad":true')) as [string, string];
  await fixture.client.hset(scores, alarm, entry.replace('"bad":true', '"bad":false'), 'other', 'nonsense');
  t.is((await verdicts.read(model)).length, MOST_JUDGED - 1);
  await fixture.client.hset('postern:{risk:another}:verdicts:scores', alarm, entry);
  t.deepEqual(await verdicts.read('another'), []);
  t.true((await fixture.client.pttl(scores)) > 0);
});

function watch(t: ExecutionContext, model: string | null, alert: (report: CalibrationAlert) => void) {
  const { verdicts } = fixture.process();
  const logger = pino({ level: 'silent' });
  const calibration = new CalibrationWatch({ verdicts, model: () => model, alert, logger, interval: 5 });
  t.teardown(() => calibration.close());
  return calibration;
}

async function until(met: () => boolean): Promise<void> {
  for (let attempt = 0; attempt < 6_000 && !met(); attempt++) await sleep(10);
  if (!met()) throw new Error('it does not come to that');
}

test('one process of all tells of a difference, and again only after it was well', async (t) => {
  const model = 'watched';
  const { verdicts } = fixture.process();
  const alerts: CalibrationAlert[] = [];
  const watches = [0, 1, 2].map(() => watch(t, model, (report) => alerts.push(report)));
  const differs = (expected: boolean) => () =>
    watches.every(({ state }) => state[0]?.later?.differs === expected);
  const judge = (from: number, to: number, bad: boolean) =>
    Promise.all(
      many(to - from, (number) => judged(from + number, bad, { model })).map((each) => verdicts.judge(each)),
    );
  await judge(0, 30, true);
  await judge(30, 60, false);
  await until(differs(true));
  await until(() => alerts.length > 0);
  t.like(alerts[0], { model, cause: 'statement', differs: true });
  await judge(30, 60, true);
  await until(differs(false));
  await until(() => alerts.length === 1);
  await judge(60, 120, false);
  await until(differs(true));
  await until(() => alerts.length > 1);
  t.is(alerts.length, 2);
});

test('gauges have what reviewers made of alarms; without a model there is nothing', async (t) => {
  const { verdicts } = fixture.process();
  for (const each of many(100, (number) => judged(number, number % 2 === 0, { model: 'shown' })))
    await verdicts.judge(each);
  const shown = watch(t, 'shown', () => t.fail('nothing is to be told'));
  const registry = new Registry();
  const drift = { measured: 0, seen: 0, unseen: null, alarms: null, drifts: null };
  new RiskMetrics(registry, {
    modelReady: () => true,
    habitsReady: () => true,
    drift: () => drift,
    calibrations: () => shown.state,
  });
  await until(() => shown.state.length > 0);
  const lines = await registry.metrics();
  t.regex(lines, /postern_risk_verdicts\{cause="statement",verdict="true"\} 50/);
  t.regex(lines, /postern_risk_verdicts\{cause="statement",verdict="false"\} 50/);
  for (const value of ['observed', 'expected', 'error'])
    t.regex(lines, new RegExp(`postern_risk_calibration\\{cause="statement",value="${value}"\\} [01]`));
  t.deepEqual(watch(t, null, () => t.fail('nothing is to be told')).state, []);
});

test('the event has a place in the trail', (t) => {
  const calibration = { cause: 'session', sessions: 30, observed: 0.1, expected: 0.6 } as const;
  const event = { model: 'm', forms: 0, unseen: null, alarms: null, drifts: [], calibration };
  t.regex(fieldsOf({ type: 'risk.drift', ...event }), /"calibration":\{"cause":"session"/);
});
