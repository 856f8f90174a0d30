import { signal } from '@preact/signals';
import type { Held } from '../api/answers.ts';
import { get } from '../api/client.ts';
import { on } from './stream.ts';

/** Those that wait now, the longest first. */
export const pendingHolds = signal<readonly Held[]>([]);

async function load(): Promise<void> {
  const { holds } = await get<{ readonly holds: readonly Held[] }>('/v1/holds');
  pendingHolds.value = holds
    .filter(({ state }) => state.kind === 'pending')
    .toSorted((one, other) => one.askedAt.localeCompare(other.askedAt));
}

/** Until what it returns is called. What is missed by a failed request comes with the next event. */
export function followHolds(): () => void {
  const again = (): void => void load().catch(() => undefined);
  again();
  const ends = [
    on('event', ({ topic }) => {
      if (topic === 'holds') again();
    }),
    on('sessions', again),
    on('reset', again),
  ];
  return () => {
    for (const end of ends) end();
  };
}
