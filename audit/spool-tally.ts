import type { SpoolIndex } from './spool-index.ts';
import type { Decision, Tally, TallyRequest } from './trail-source.ts';

const MOST_STRETCHES = 1_000;

interface Counts {
  readonly decisions: Record<Decision, number>;
  alarms: number;
  readonly verdicts: { true: number; false: number };
}

/** @throws RangeError for what is not a number of stretches */
export function tallyOf(index: SpoolIndex, { from, to, stretch, database }: TallyRequest): readonly Tally[] {
  const many = Math.ceil((to - from) / stretch);
  if (!(stretch > 0 && many > 0 && many <= MOST_STRETCHES))
    throw new RangeError(`it takes 1 to ${MOST_STRETCHES} stretches of time`);
  const all = Array.from({ length: many }, none);
  const at = (time: number): Counts | undefined =>
    time >= from && time < to ? all[Math.floor((time - from) / stretch)] : undefined;
  for (const { blocks } of index.streams) {
    for (const { earliest, latest, counted, times, databases } of blocks) {
      if (latest < from || earliest >= to) continue;
      for (const [i, what] of counted.entries()) {
        if (database !== undefined && databases[i] !== database) continue;
        const counts = at(times[i] ?? Number.NaN);
        if (counts === undefined) continue;
        if (what === 'alarm') counts.alarms++;
        else counts.decisions[what]++;
      }
    }
  }
  for (const { alarm, verdict, at: time } of index.verdicts) {
    if (database !== undefined && index.alarm(alarm)?.flag.database !== database) continue;
    const counts = at(Date.parse(time));
    if (counts !== undefined) counts.verdicts[verdict]++;
  }
  return all.map((counts, i) => ({ at: new Date(from + i * stretch).toISOString(), ...counts }));
}

const none = (): Counts => ({
  decisions: { allow: 0, observe: 0, deny: 0, hold: 0 },
  alarms: 0,
  verdicts: { true: 0, false: 0 },
});
