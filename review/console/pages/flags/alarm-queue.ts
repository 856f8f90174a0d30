/** Alarms in pages, with what has happened to them since. */
import { useEffect, useMemo, useState } from 'preact/hooks';
import type { Alarm, AlarmsAnswer } from '../../api/answers.ts';
import { type Paged, usePages } from '../../api/use-pages.ts';
import { on } from '../../state/stream.ts';

type Verdict = NonNullable<Alarm['verdict']>;

export type AlarmState = 'open' | 'judged';

export interface AlarmQueue extends Pick<Paged<Alarm>, 'problem' | 'load' | 'again'> {
  /** null: nothing has come yet. Of those that wait, without what has a verdict by now. */
  readonly alarms: readonly Alarm[] | null;
  readonly judged: (verdict: Verdict) => void;
}

const PAGE = 100;
const alarmsOf = ({ alarms }: AlarmsAnswer): readonly Alarm[] => alarms;

export function useAlarmQueue(state: AlarmState): AlarmQueue {
  const pages = usePages<AlarmsAnswer, Alarm>('/v1/alarms', { state, limit: PAGE }, alarmsOf);
  const { items, more } = pages;
  const [raised, setRaised] = useState<readonly Alarm[]>([]);
  const [verdicts, setVerdicts] = useState<ReadonlyMap<string, Verdict>>(new Map());
  const keep = (verdict: Verdict): void =>
    setVerdicts((before) => new Map([...before, [verdict.alarm, verdict]]));

  useEffect(() => {
    const ends = [
      on('event', ({ event }) => {
        if (event.type === 'risk.flag') setRaised((before) => [...before, { flag: event, verdict: null }]);
        if (event.type === 'risk.verdict') keep(event);
      }),
      on('reset', pages.again),
    ];
    return () => {
      for (const end of ends) end();
    };
  }, []);

  const alarms = useMemo(() => {
    if (items === null) return null;
    // the newest belong at the end of those that wait, once all of these are there
    const all = state === 'open' && !more ? [...items, ...raised] : items;
    const once = new Map(all.map((alarm) => [alarm.flag.alarm, alarm]));
    const current = [...once.values()].map((alarm) => ({
      ...alarm,
      verdict: verdicts.get(alarm.flag.alarm) ?? alarm.verdict,
    }));
    return state === 'open' ? current.filter(({ verdict }) => verdict === null) : current;
  }, [items, more, raised, verdicts, state]);

  return {
    ...{ alarms, problem: pages.problem, load: pages.load, again: pages.again },
    judged: keep,
  };
}
