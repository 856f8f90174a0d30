import type { Habits } from '../../../access/habits.ts';
import type { JudgedScore } from '../../../access/verdict-book.ts';
import type { SpooledEvent } from '../../../audit/events.ts';
import { readSpool } from '../../../audit/reader.ts';
import { subjectsOf } from '../risk-watches.ts';
import { thingsIn } from '../statement-things.ts';

export type RiskFlag = Extract<SpooledEvent, { type: 'risk.flag' }>;

/** An alarm that a reviewer has judged; the last word counts. */
export interface JudgedAlarm {
  readonly flag: RiskFlag;
  readonly verdict: 'true' | 'false';
}

/** null: the trail has no alarm of that name. */
export async function findAlarm(spool: string, alarm: string): Promise<RiskFlag | null> {
  for await (const event of readSpool(spool, { types: ['risk.flag'] }))
    if (event.type === 'risk.flag' && event.alarm === alarm) return event;
  return null;
}

export async function judgedAlarms(spool: string): Promise<readonly JudgedAlarm[]> {
  const flags = new Map<string, RiskFlag>();
  const verdicts = new Map<string, 'true' | 'false'>();
  for await (const event of readSpool(spool, { types: ['risk.flag', 'risk.verdict'] })) {
    if (event.type === 'risk.flag') flags.set(event.alarm, event);
    else if (event.type === 'risk.verdict') verdicts.set(event.alarm, event.verdict);
  }
  return [...verdicts].flatMap(([alarm, verdict]) => {
    const flag = flags.get(alarm);
    return flag === undefined ? [] : [{ flag, verdict }];
  });
}

/** What its score has to do with it; null: there was none. */
export function judgedScore({ flag, verdict }: JudgedAlarm): JudgedScore | null {
  const { alarm, session, model, cause } = flag;
  if (cause !== 'statement' && cause !== 'session') return null;
  const score = cause === 'session' ? flag.sessionScore : flag.score;
  if (score === null || model === null) return null;
  return { model, alarm, session, cause, score, at: Date.parse(flag.at), bad: verdict === 'true' };
}

/** A false alarm: what raised it is usual from now on. */
export async function teachFalseAlarm(habits: Habits, flag: RiskFlag): Promise<void> {
  const { principal, teams, application, database, sql } = flag;
  const mark = habits.markOf(thingsIn(sql, []).form);
  for (const subject of subjectsOf(principal, teams, application, database))
    habits.learn(subject, [mark], null);
  await habits.flush();
}

/** Judged alarms as lines of `benign.jsonl` and `malicious.jsonl`, to be trained on. */
export function labelledLines(
  alarms: readonly JudgedAlarm[],
): Readonly<Record<'benign' | 'malicious', string>> {
  const lines = (wanted: JudgedAlarm['verdict'], extra: object): string =>
    alarms
      .filter(({ verdict }) => verdict === wanted)
      .map(
        ({ flag: { alarm, sql, database } }) =>
          `${JSON.stringify({ id: alarm, sql, source: database, ...extra })}\n`,
      )
      .join('');
  return {
    benign: lines('false', { label: 'benign', kind: 'false_alarm', hard: true }),
    malicious: lines('true', { label: 'malicious', family: 'true_alarm' }),
  };
}
