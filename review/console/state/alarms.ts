/** Which alarms wait for a verdict, for the number in the menu. */
import { computed, signal } from '@preact/signals';
import type { AlarmsAnswer } from '../api/answers.ts';
import { get } from '../api/client.ts';
import { on } from './stream.ts';

/** So many are told apart; beyond that they are simply many. */
const MOST = 500;

const waiting = signal<ReadonlySet<string>>(new Set());

export const alarmsWaiting = computed(() => waiting.value.size);

async function load(): Promise<void> {
  const { alarms } = await get<AlarmsAnswer>('/v1/alarms', { state: 'open', limit: MOST });
  waiting.value = new Set(alarms.map(({ flag }) => flag.alarm));
}

/** Until what it returns is called. What is missed by a failed request comes with the next one. */
export function followAlarms(): () => void {
  const again = (): void => void load().catch(() => undefined);
  again();
  const ends = [
    on('event', ({ event }) => {
      if (event.type === 'risk.flag' && waiting.peek().size < MOST)
        waiting.value = new Set([...waiting.peek(), event.alarm]);
      if (event.type === 'risk.verdict')
        waiting.value = new Set([...waiting.peek()].filter((alarm) => alarm !== event.alarm));
    }),
    on('reset', again),
  ];
  return () => {
    for (const end of ends) end();
  };
}
