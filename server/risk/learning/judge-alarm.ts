import type { Issuer } from '../../../access/access.ts';
import type { RecordEvent } from '../../../access/grant-store.ts';
import { type JudgedAlarm, judgedScore, teachFalseAlarm } from './alarms.ts';

/** A reviewer's word on an alarm, by whom and why. */
export interface GivenVerdict extends JudgedAlarm {
  readonly by: string;
  readonly note: string | null;
}

/** The trail has it, and the model learns from it: what a false alarm was raised by is usual from now on. */
export async function judgeAlarm(
  { flag, verdict, by, note }: GivenVerdict,
  { habits, verdicts }: Pick<Issuer, 'habits' | 'verdicts'>,
  record: RecordEvent,
): Promise<void> {
  await record({ type: 'risk.verdict', alarm: flag.alarm, verdict, by, note });
  const judged = judgedScore({ flag, verdict });
  if (judged !== null) await verdicts.judge(judged);
  if (verdict === 'false') await teachFalseAlarm(habits, flag);
}
