/** Whether the trail can be written, and the store keeps up: for those who watch over it, whatever page they are on. */
import { signal } from '@preact/signals';
import type { Answers } from '../api/answers.ts';
import { get } from '../api/client.ts';
import { hasRole, OVERSEERS } from './who.ts';

/** null: nothing is known yet. The last that is known stays while the server does not answer. */
export const trailHealth = signal<Answers['getTrail'] | null>(null);

/** ms between looks. */
const LOOK = 5_000;

/** Until what it returns is called. */
export function followTrailHealth(): () => void {
  if (!hasRole(...OVERSEERS)) return () => {};
  const look = async (): Promise<void> => {
    if (!document.hidden) trailHealth.value = await get<Answers['getTrail']>('/v1/trail');
  };
  const again = (): void => void look().catch(() => undefined);
  again();
  const timer = setInterval(again, LOOK);
  return () => clearInterval(timer);
}
